using System.Buffers.Binary;
using BootProtocol.Elf;
using BootProtocol.Runtime.Tests.Cli;
using BootProtocol.Runtime.Tests.Elf;
using BootProtocol.Symbols;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Symbols;

/// <summary>Frames for debuggers, made of a kernel's tables for its own stack dumps.</summary>
public sealed class KernelFramesTests
{
    private const ulong Start = 0xffffffff_81000000;

    /// <summary>Where code without symbols begins, in bytes from the start.</summary>
    private const ulong Behind = 0x100000;

    [Theory]
    [InlineData("6.1-cloud-amd64", "6.1", 360_000)]
    [InlineData("6.12-amd64", "6.12", 430_000)]
    [InlineData("sid-amd64", "7.2", 400_000)]
    [Needs(Need.Kernels)]
    public void Frames_are_those_of_the_kernels_tables(string name, string release, int entries)
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("vmlinux");
        _ = CliRun.Start("extract", DebianKernels.Find(name, "vmlinuz"), "--symbols", "-o", path).Succeeded();
        var oracle = new FrameOracle(path, release);
        Assert.InRange(oracle.Check(), entries, 3 * entries);
        Assert.InRange(oracle.Count, entries / 5, entries / 2);
    }

    [Fact]
    [Needs(Need.Kernels)]
    public void A_kernel_without_tables_gets_no_frames()
    {
        ElfFile elf = DecodedKernels.Open("6.1-686-pae");
        Assert.Null(KernelFrames.Read(elf, KernelSymbols.Read(elf)!));
    }

    /// <summary>All that an entry can say, in an order that kernels up to 5.5 may have: they sort it themselves.</summary>
    [Theory]
    [InlineData("6.1")]
    [InlineData("6.12")]
    [InlineData("7.2")]
    [Needs(Need.Tools)]
    public void Every_entry_of_every_form_is_described(string release)
    {
        var random = new Random(release.Length);
        var entries = new List<(uint Place, byte[] Entry)>();
        for (int i = 0; i < 4000; i++)
        {
            uint place = (uint)(i % 8 == 0 ? (int)Behind + random.Next(0x400000) : random.Next(0x20000));
            byte[] entry = new byte[6];
            if (i % 3 == 0)
            {
                BinaryPrimitives.WriteInt16LittleEndian(entry, 8);
                BinaryPrimitives.WriteUInt16LittleEndian(entry.AsSpan(4), EntryInfo(release));
            }
            else
            {
                random.NextBytes(entry);
                entry[1] = random.Next(3) == 0 ? entry[1] : (byte)0;
            }

            entries.Add((place, entry));
        }

        using var folder = new TemporaryFolder();
        byte[] kernel = Kernel(entries);
        ElfFile elf = ElfFile.Open(KernelBytes.FromMemory(kernel));
        KernelSymbols symbols = KernelSymbols.Read(elf)!;
        KernelFrames frames = KernelFrames.Read(elf, symbols)!;
        using (FileStream file = File.Create(folder.File("vmlinux")))
            _ = SymbolElf.Write(elf, symbols, file, frames);
        var oracle = new FrameOracle(folder.File("vmlinux"), release);
        Assert.InRange(oracle.Check(), entries.Count, int.MaxValue);
        Assert.Equal(frames.Count, oracle.Count);
    }

    [Fact]
    public void Broken_tables_leave_the_symbols()
    {
        byte[] entry = [8, 0, 0, 0, 5, 2];
        byte[] kernel = Kernel([.. Enumerable.Range(0, 100).Select(i => ((uint)i * 16, entry))]);
        ElfFile intact = ElfFile.Open(KernelBytes.FromMemory(kernel));
        Assert.True(KernelFrames.Read(intact, KernelSymbols.Read(intact)!)!.Count > 0);
        Assert.Contains(
            "most functions to begin with the return address on the stack",
            Refused(Change(".orc_unwind", static bytes => bytes.Fill(0x33))),
            StringComparison.Ordinal);
        Assert.Contains(
            "expected an address at most 2 GiB behind the table",
            Refused(Change(".orc_unwind_ip", static bytes => BinaryPrimitives.WriteInt32LittleEndian(bytes[^4..], int.MaxValue))),
            StringComparison.Ordinal);
        byte[] cut = [.. kernel];
        Assert.True(intact.Sections.TryFind(".orc_unwind", out Section table));
        int at = (int)intact.Header.SectionHeaderOffset + (table.Index * intact.Header.SectionHeaderSize);
        SectionHeader.Edit(cut.AsSpan(at), WordSize.Bits64).Size = table.Size - 1;
        Assert.Contains(
            "expected entries of 6 bytes, and a place of 4 bytes for each, found 599 bytes, and 400 of places",
            Refused(cut),
            StringComparison.Ordinal);

        byte[] Change(string name, SpanAction change)
        {
            byte[] changed = [.. kernel];
            Assert.True(intact.Sections.TryFind(name, out Section section));
            change(changed.AsSpan((int)section.FileOffset, (int)section.Size));
            return changed;
        }
    }

    /// <summary>Whatever the tables say, there is an end of it, and no more than some bytes for each entry and symbol.</summary>
    [Fact]
    public void Noise_ends_with_frames_or_one_error()
    {
        for (int seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            byte[] places = new byte[40_000];
            byte[] entries = new byte[60_000];
            random.NextBytes(places);
            random.NextBytes(entries);
            for (int i = 0; i < 10_000; i += 2)
                ((byte[])[8, 0, 0, 0, 5, 2]).CopyTo(entries, i * 6);
            if (seed % 2 == 0)
            {
                for (int i = 0; i < 10_000; i++)
                    BinaryPrimitives.WriteInt32LittleEndian(places.AsSpan(i * 4), -random.Next(0x7fffffff));
            }

            byte[] kernel = Kernel(places, entries, [(Start - 0x80000000, ulong.MaxValue), (Start, 0x20000), (Start + 0x100, 0x7000)]);
            ElfFile elf = ElfFile.Open(KernelBytes.FromMemory(kernel));
            KernelSymbols symbols = KernelSymbols.Read(elf)!;
            try
            {
                Assert.InRange(KernelFrames.Read(elf, symbols)!.DebugFrame.Length, 0, 64 * (10_000 + symbols.Count));
            }
            catch (BootFormatException exception) when (seed % 2 != 0)
            {
                Assert.Equal(".orc_unwind_ip", exception.Error.Structure);
            }
        }
    }

    private delegate void SpanAction(Span<byte> bytes);

    /// <summary>The line that extract warns with; the file has its symbols all the same.</summary>
    private static string Refused(byte[] kernel)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("kernel"), kernel);
        CliRun run = CliRun.Start("extract", folder.File("kernel"), "--symbols", "-o", folder.File("vmlinux"));
        Assert.Equal(0, run.ExitCode);
        Assert.StartsWith("warning: ", run.Errors, StringComparison.Ordinal);
        Assert.Equal(run.Errors.Length - 1, run.Errors.IndexOf('\n', StringComparison.Ordinal));
        ElfFile written = ElfFile.Open(KernelBytes.FromMemory(File.ReadAllBytes(folder.File("vmlinux"))));
        Assert.NotNull(written.Symbols);
        Assert.False(written.Sections.TryFind(".debug_frame", out _));
        return run.Errors;
    }

    /// <summary>What the first instruction of a function has: only the return address is on the stack.</summary>
    private static ushort EntryInfo(string release) => release switch { "6.1" => 0x005, "6.12" => 0x205, _ => 0x203 };

    private static byte[] Kernel(List<(uint Place, byte[] Entry)> entries)
    {
        byte[] places = new byte[entries.Count * 4];
        for (int i = 0; i < entries.Count; i++)
            BinaryPrimitives.WriteInt32LittleEndian(places.AsSpan(i * 4), (int)entries[i].Place - 0x800000 - (i * 4));
        return Kernel(places, [.. entries.SelectMany(entry => entry.Entry)], [(Start, 0x20000), (Start + Behind, 0x400000)]);
    }

    private static byte[] Kernel(byte[] places, byte[] entries, (ulong Start, ulong Size)[] code) => new KallsymsWriter
    {
        Layout = KallsymsLayout.Places,
        Symbols = KallsymsWriter.MakeSymbols(500, Start),
        Sections =
        [
            .. code.Select(static (part, i) => new TestSection($".text.{i}", SectionType.NoBits, [])
            {
                Address = part.Start,
                Size = part.Size,
                Flags = SectionFlags.Allocate | SectionFlags.Execute,
            }),
            new(".orc_unwind_ip", SectionType.ProgramBits, places) { Address = Start + 0x800000 },
            new(".orc_unwind", SectionType.ProgramBits, entries),
        ],
    }.Build();
}
