using System.Collections.Immutable;
using System.Globalization;
using BootProtocol.Domains;
using BootProtocol.Images;
using BootProtocol.Kernels;
using BootProtocol.Memory;
using BootProtocol.Runtime.Tests.Oracle;
using BootProtocol.Testing;
using BootProtocol.Verify;

namespace BootProtocol.Runtime.Tests.XenPv;

/// <summary>One input for both domain builders: ours and Xen's own.</summary>
/// <param name="Kernel">The kernel's file.</param>
/// <param name="Initrd">The initial ramdisk's file; null for none.</param>
/// <param name="CommandLine">The command line.</param>
/// <param name="Mebibytes">MiB of memory.</param>
internal sealed record PvCase(string Kernel, string? Initrd, string CommandLine, int Mebibytes)
{
    private const int BlockSize = 1 << 20;

    /// <summary>What Xen's own builder says where a list apart from the kernel needs no tables that the kernel has not.</summary>
    private const string TheirMistake = "get_pg_table: xc_dom_pfn_to_ptr failed";

    /// <summary>Builds with both, and compares all of guest memory, shared_info and the context.</summary>
    /// <param name="folder">Where the oracle's files go; they are deleted again.</param>
    public PvOutcome Compare(TemporaryFolder folder)
    {
        string output = folder.File(Guid.NewGuid().ToString("n"));
        try
        {
            ToolRun theirs = OracleRun.Run("pv", Kernel, Initrd, CommandLine, Mebibytes, output);
            BootException? refusal = null;
            XenPvDomain? ours = null;
            try
            {
                ours = Build();
            }
            catch (BootException fault)
            {
                refusal = fault;
            }

            using (ours)
            {
                if (ours is not null && theirs.Errors.Contains(TheirMistake, StringComparison.Ordinal))
                {
                    Assert.Empty(PvDomains.Verify(ours));
                    return PvOutcome.TheirMistake;
                }

                string outcome = $"{this}\nours: {refusal?.Message ?? "built"}\ntheirs: {theirs.Errors}";
                Assert.True((theirs.ExitCode == 0) == (ours is not null), outcome);
                Assert.DoesNotContain('\n', refusal?.Message ?? "");
                if (ours is null)
                    return PvOutcome.BothRefused;
                Compare(ours, output);
                return PvOutcome.Equal;
            }
        }
        finally
        {
            foreach (string file in Directory.GetFiles(folder.Path, Path.GetFileName(output) + "*"))
                File.Delete(file);
        }
    }

    /// <summary>Builds it.</summary>
    public XenPvDomain Build()
    {
        using BootImage image = BootImage.Open(Kernel);
        using Kernel kernel = image.Decompress();
        ImmutableArray<ReadOnlyMemory<byte>> initrds = Initrd is null ? [] : [File.ReadAllBytes(Initrd)];
        return new XenPvBuilder { MemorySize = (ulong)Mebibytes << 20, CommandLine = CommandLine, Initrds = initrds }.Build(kernel);
    }

    private void Compare(XenPvDomain ours, string output)
    {
        using FileStream theirs = File.OpenRead(output);
        Assert.Equal(theirs.Length, (long)(ours.LaidOutEnd.Value + 1) * GuestMemory.PageSize);
        byte[] expected = new byte[BlockSize];
        byte[] found = new byte[BlockSize];
        ulong end = ours.LaidOutEnd.ToPaddr().Value;
        for (ulong at = 0; at < end; at += BlockSize)
        {
            int length = (int)Math.Min(end - at, BlockSize);
            theirs.ReadExactly(expected, 0, length);
            ours.Memory.Read(new Paddr(at), found.AsSpan(0, length));
            int same = found.AsSpan(0, length).CommonPrefixLength(expected.AsSpan(0, length));
            if (same != length)
                Assert.Fail(Describe(ours, new Paddr(at + (ulong)same), expected[same], found[same]));
        }

        theirs.ReadExactly(expected, 0, GuestMemory.PageSize);
        Assert.True(ours.SharedFrames.Span.SequenceEqual(expected.AsSpan(0, GuestMemory.PageSize)), $"{this}: shared_info");
        Assert.Equal(Convert.ToHexString(File.ReadAllBytes(output + ".vcpu")), Convert.ToHexString(ours.VcpuContext.Span));

        // The frame that the oracle takes for shared_info can be one whose address has nothing in the 32 bits that the guest is told.
        bool isCutOff = ours.Placement.Word == WordSize.Bits32 && ours.SharedInfoFrame.Value % (1 << 20) == 0;
        Assert.Empty(PvDomains.Verify(ours).Where(violation => !isCutOff || violation.Rule != XenPvRule.SharedInfoAddress));
    }

    private string Describe(XenPvDomain ours, Paddr at, byte expected, byte found)
    {
        Region? region = ours.Regions.FirstOrDefault(region => region.Start <= at && at < region.End);
        ulong offset = at.Value - (region?.Start.Value ?? 0);
        return string.Create(
            CultureInfo.InvariantCulture, $"{this}: {at}, byte 0x{offset:x} of {region?.Name}: 0x{found:x2}, theirs 0x{expected:x2}");
    }
}
