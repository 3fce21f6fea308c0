using System.Buffers.Binary;
using System.Text;
using BootProtocol.Domains;
using BootProtocol.Memory;
using BootProtocol.Output;
using BootProtocol.Runtime.Tests.XenPv;
using BootProtocol.Saved;
using BootProtocol.Verify;
using BootProtocol.Xen;
using BootProtocol.XenStream;

namespace BootProtocol.Runtime.Tests.Saved;

/// <summary>Files of saved domains, read back: what they say, and what is said of those that are damaged.</summary>
public sealed class SavedDomainTests
{
    private const int Mebibytes = 16;

    private static readonly Lazy<byte[]> _file = new(() => Write("sample-64", 3));

    [Theory]
    [InlineData("sample-64", 3)]
    [InlineData("sample-64", 2)]
    [InlineData("sample-32", 3)]
    [InlineData("sample-32", 2)]
    public void File_says_what_was_written(string name, int version)
    {
        byte[] file = Write(name, version);
        SavedDomain saved = Read(file);
        Assert.Equal(("web", true, 2u, (uint)version), (saved.Name, saved.IsJson, saved.LibxlVersion, saved.StreamVersion));
        Assert.Null(saved.Handle);
        Assert.Equal((XcDomainType.X86Pv, (4u, 17u)), (saved.Type, saved.Xen));
        Assert.Equal(name == "sample-64" ? (WordSize.Bits64, 4) : (WordSize.Bits32, 3), (saved.Word, saved.PageTableLevels));
        Assert.Equal(Mebibytes << 8, (int)saved.FrameCount!.Value);
        Assert.Equal(saved.FrameCount, saved.Pages.Values.Aggregate(0ul, static (sum, count) => sum + count));
        Assert.Equal(1ul, saved.Pages[name == "sample-64" ? XcPageType.L4Pinned : XcPageType.L3Pinned]);
        Assert.False(saved.HasRun);
        SavedProcessor processor = Assert.Single(saved.Processors);
        Assert.Equal((0u, 0, 0, 0), (processor.Id, processor.ExtendedLength, processor.XsaveLength, processor.RegistersLength));
        CpuUserRegs registers = VcpuGuestContext.Parse(processor.Context.Span, saved.Word!.Value).UserRegs;
        Assert.NotEqual(0ul, registers.Rip ?? registers.Eip);
        Assert.Equal(4096, saved.SharedInfo.Length);

        // Records lie one behind the other, and each is what stands at its place.
        Assert.Equal((true, (uint)LibxlRecordType.LibxcContext), (saved.Records[0].IsLibxl, saved.Records[0].Type));
        Assert.Equal((true, (uint)LibxlRecordType.End, file.Length - 8L), (saved.Records[^1].IsLibxl, saved.Records[^1].Type, saved.Records[^1].Offset));
        Assert.All(saved.Records, record => Assert.Equal(
            (record.Type, record.Length),
            (Number(record.Offset), Number(record.Offset + 4))));

        uint Number(long offset) => BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan((int)offset));
    }

    [Theory]
    [InlineData("sample-64", 3)]
    [InlineData("sample-32", 2)]
    public void Domain_breaks_no_rule_on_its_own_frame_numbers(string name, int version)
    {
        using var stream = new MemoryStream(Write(name, version));
        XenPvImage image = SavedDomain.ReadPv(stream);
        using GuestMemory memory = image.Memory;
        Assert.Equal(Mebibytes << 8, (int)image.FrameCount);
        Assert.Empty(XenPvVerifier.Verify(image));
    }

    [Fact]
    public void Page_table_that_the_guest_could_write_to_is_found()
    {
        // Every entry of the tables of level 1 becomes one that may be written through.
        byte[] file = Change(XcRecordType.PageData, static body =>
        {
            int count = BinaryPrimitives.ReadInt32LittleEndian(body);
            int at = 8 + (8 * count);
            for (int i = 0; i < count; i++)
            {
                var kind = (XcPageType)(body[8 + (8 * i) + 7] >> 4);
                for (int entry = at; kind == XcPageType.L1 && entry < at + 4096; entry += 8)
                    body[entry] |= (byte)((body[entry] & 1) << 1);
                at += kind < XcPageType.Broken ? 4096 : 0;
            }
        });
        using var stream = new MemoryStream(file);
        XenPvImage image = SavedDomain.ReadPv(stream);
        using GuestMemory memory = image.Memory;
        Assert.Contains(XenPvVerifier.Verify(image), static violation => violation.Rule == XenPvRule.TableReadOnly);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Bare_streams_are_read_too(bool isLibxl)
    {
        byte[] file = _file.Value;
        SavedDomain whole = Read(file);
        int start = (int)whole.Records[0].Offset - 16;
        SavedDomain bare = Read(isLibxl ? file[start..] : file[(start + 24)..^8]);
        Assert.Equal((false, null, null), (bare.HasXlHeader, bare.Configuration, bare.Name));
        Assert.Equal(isLibxl ? 2u : null, bare.LibxlVersion);
        Assert.Equal(whole.FrameCount, bare.FrameCount);
        Assert.Equal(whole.Records.Length - (isLibxl ? 0 : 2), bare.Records.Length);
    }

    /// <summary>What Xen writes of a domain that runs: more of its processors, policies, records that may be passed over, and pages twice.</summary>
    [Fact]
    public void Domain_that_ran_has_more_records()
    {
        SavedDomain whole = Read(_file.Value);
        byte[] processor = [1, 0, 0, 0, 0, 0, 0, 0, .. new byte[128]];
        byte[] pages = Body(whole, XcRecordType.PageData);
        byte[][] more =
        [
            Record((uint)XcRecordType.PageData, pages),
            Record((uint)XcRecordType.X86CpuidPolicy, new byte[48]),
            Record((uint)XcRecordType.X86MsrPolicy, new byte[32]),
            Record((uint)XcRecordType.X86PvVcpuExtended, processor),
            Record((uint)XcRecordType.X86PvVcpuXsave, [.. processor, .. new byte[5]]),
            Record((uint)XcRecordType.X86PvVcpuMsrs, processor[..24]),
            Record(0x8000_0077, [1, 2, 3]),
        ];
        byte[] file = Insert(whole, [.. more.SelectMany(static record => record)]);
        SavedDomain saved = Read(file);
        Assert.True(saved.HasRun);
        Assert.Equal([0u, 1u], saved.Processors.Select(static one => one.Id));
        Assert.Equal((128, 133, 16), (saved.Processors[1].ExtendedLength, saved.Processors[1].XsaveLength, saved.Processors[1].RegistersLength));
        Assert.True(saved.Processors[1].Context.IsEmpty);
        Assert.Equal(whole.Records.Length + 7, saved.Records.Length);
        Assert.True(saved.Pages.Values.Aggregate(0ul, static (sum, count) => sum + count) > saved.FrameCount);

        using var stream = new MemoryStream(file);
        BootFormatException refused = Assert.Throws<BootFormatException>(() => SavedDomain.ReadPv(stream));
        Assert.Equal("saved domain: expected a PV domain that has not run yet, found one that was saved while it ran", refused.Message);
    }

    [Fact]
    public void Domain_of_HVM_has_no_frames()
    {
        byte[] file = _file.Value;
        SavedDomain whole = Read(file);
        int heads = (int)whole.Records[0].Offset + 8;
        byte[] head = file[heads..(heads + 40)];
        head[24] = 2;
        byte[] stream = [.. head, .. Record((uint)XcRecordType.HvmContext, new byte[100]), .. Record((uint)XcRecordType.End, [])];
        SavedDomain saved = Read(stream);
        Assert.Equal((XcDomainType.X86Hvm, null, null), (saved.Type, saved.Word, saved.FrameCount));
        using var again = new MemoryStream(stream);
        Assert.Equal(
            "saved domain: expected a PV domain that has not run yet, found an HVM or PVH domain",
            Assert.Throws<BootFormatException>(() => SavedDomain.ReadPv(again)).Message);
    }

    /// <summary>A restore takes no record of another type of domain.</summary>
    [Theory]
    [InlineData(1, XcRecordType.HvmContext, "a record of a PV domain, found HVM_CONTEXT")]
    [InlineData(1, XcRecordType.HvmParams, "a record of a PV domain, found HVM_PARAMS")]
    [InlineData(2, XcRecordType.X86PvInfo, "a record of an HVM or PVH domain, found X86_PV_INFO")]
    [InlineData(2, XcRecordType.X86PvP2mFrames, "a record of an HVM or PVH domain, found X86_PV_P2M_FRAMES")]
    [InlineData(2, XcRecordType.X86PvVcpuBasic, "a record of an HVM or PVH domain, found X86_PV_VCPU_BASIC")]
    [InlineData(2, XcRecordType.SharedInfo, "a record of an HVM or PVH domain, found SHARED_INFO")]
    public void Record_of_another_type_of_domain_is_refused(byte domain, XcRecordType type, string expected)
    {
        int heads = (int)Read(_file.Value).Records[0].Offset + 8;
        byte[] head = _file.Value[heads..(heads + 40)];
        head[24] = domain;
        byte[] stream = [.. head, .. Record((uint)type, new byte[24])];
        Assert.Equal($"xc_record.type at offset 0x28: expected {expected}", Assert.Throws<BootFormatException>(() => Read(stream)).Message);
    }

    /// <summary>A file that ends anywhere in or between its heads and records is one line that says where.</summary>
    [Fact]
    public void File_that_is_cut_is_one_line()
    {
        byte[] file = _file.Value;
        SavedDomain saved = Read(file);
        var ends = new SortedSet<int> { 0, 1, 15, 16, 31, 32, 47, 48, (int)saved.Records[0].Offset - 1, (int)saved.Records[0].Offset - 16 };
        foreach (SavedRecord record in saved.Records)
        {
            foreach (long place in new long[] { 0, 1, 4, 7, 8, 9, 8 + (record.Length / 2), 7 + record.Length })
                ends.Add((int)Math.Min(record.Offset + place, file.Length - 1));
        }

        Assert.All(ends, end =>
        {
            BootFormatException refused = Assert.Throws<BootFormatException>(() => Read(file[..end]));
            Assert.Equal(BootErrorCode.Truncated, refused.Code);
            Assert.Matches("^[a-z_A-Z0-9. ]+ at offset 0x[0-9a-f]+: expected \\d+ bytes, found the end of the file after \\d+$", refused.Message);
        });
    }

    [Theory]
    [InlineData(XcRecordType.X86PvInfo, 0, 5, "words of 8 bytes with 4 levels of tables, or of 4 with 3, found 5 bytes, 4 levels")]
    [InlineData(XcRecordType.X86PvP2mFrames, 5, 0xd, "expected 7 pages for the frames 0x0 to 0xdff, found 8, from frame 0x0 on")]
    [InlineData(XcRecordType.X86PvP2mFrames, 9, 0xff, "frames below 0x1000, found 0xff")]
    [InlineData(XcRecordType.PageData, 1, 3, "bytes of contents for its pages, found ")]
    [InlineData(XcRecordType.PageData, 15, 0x50, "a kind of page that is known, found 0x5 for frame 0x0")]
    [InlineData(XcRecordType.PageData, 10, 0xff, "frames below 0x1000, found 0xff0000")]
    public void Record_that_is_broken_is_named(XcRecordType type, int at, byte value, string expected)
    {
        byte[] file = Change(type, body => body[at] = value);
        BootFormatException refused = Assert.Throws<BootFormatException>(() => Read(file));
        Assert.StartsWith($"xc_record.{RecordNames.Find(XcRecordTypeLayout.Info, (ulong)type)} at offset 0x", refused.Message, StringComparison.Ordinal);
        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(XcRecordType.X86PvInfo, "xc_record.type at offset 0x", "expected X86_PV_INFO first, found ")]
    [InlineData(XcRecordType.X86PvP2mFrames, "xc_record.type at offset 0x", "expected X86_PV_P2M_FRAMES first, found PAGE_DATA")]
    [InlineData(XcRecordType.SharedInfo, "xc_record.END at offset 0x", "expected SHARED_INFO before it, found none")]
    [InlineData(XcRecordType.X86PvVcpuBasic, "xc_record.END at offset 0x", "expected X86_PV_VCPU_BASIC before it, found none")]
    public void Record_that_is_missing_is_named(XcRecordType type, string start, string end)
    {
        byte[] file = _file.Value;
        SavedRecord record = Read(file).Records.First(record => !record.IsLibxl && record.Type == (uint)type);
        BootFormatException refused = Assert.Throws<BootFormatException>(
            () => Read([.. file[..(int)record.Offset], .. file[(int)(record.Offset + 8 + ((record.Length + 7) & ~7u))..]]));
        Assert.StartsWith(start, refused.Message, StringComparison.Ordinal);
        Assert.Contains(end, refused.Message, StringComparison.Ordinal);
    }

    /// <summary>Any byte of the heads and of the first bytes of each record may be anything: nothing but a result or one line comes of it.</summary>
    [Fact]
    public void Bytes_that_are_changed_lead_to_a_result_or_one_line()
    {
        byte[] file = [.. _file.Value];
        SavedDomain saved = Read(file);
        int refused = 0;
        IEnumerable<int> places = Enumerable.Range(0, 48).Concat(Enumerable.Range((int)saved.Records[0].Offset - 16, 64))
            .Concat(saved.Records.Where(static record => record.Type != (uint)XcRecordType.PageData || record.IsLibxl).SelectMany(
                record => Enumerable.Range((int)record.Offset, Math.Min(24, file.Length - (int)record.Offset))));
        foreach (int place in places.Distinct())
        {
            foreach (byte value in new byte[] { 0, 1, 0x7f, 0xff })
            {
                byte was = file[place];
                file[place] = value;
                try
                {
                    Read(file);
                }
                catch (BootFormatException broken)
                {
                    Assert.DoesNotContain('\n', broken.Message);
                    refused++;
                }

                file[place] = was;
            }
        }

        Assert.InRange(refused, 100, 5000);
    }

    /// <summary>JSON may escape half of a character, which no text has.</summary>
    [Fact]
    public void Name_that_is_no_text_is_none()
    {
        byte[] file = Write("sample-64", 3, "abcdef");
        "\\ud800"u8.CopyTo(file.AsSpan(file.AsSpan().IndexOf("abcdef"u8)));
        SavedDomain saved = Read(file);
        Assert.Equal((true, null), (saved.IsJson, saved.Name));
    }

    /// <summary>What was read by one word size must not be looked at by another.</summary>
    [Fact]
    public void Second_word_size_is_refused()
    {
        byte[] file = Write("sample-32", 3);
        int at = (int)Read(file).Records.Last(static record => !record.IsLibxl).Offset;
        using var stream = new MemoryStream([.. file[..at], .. Record((uint)XcRecordType.X86PvInfo, [8, 4, 0, 0, 0, 0, 0, 0]), .. file[at..]]);
        BootFormatException refused = Assert.Throws<BootFormatException>(() => SavedDomain.ReadPv(stream));
        Assert.Equal($"xc_record.X86_PV_INFO at offset 0x{at:x}: expected one of it, found another one", refused.Message);
    }

    /// <summary>Pages come once it is known how many frames there are; those of a domain that is none of PV are not kept.</summary>
    [Fact]
    public void Pages_lie_in_the_domains_memory()
    {
        byte[] file = _file.Value;
        SavedDomain whole = Read(file);
        SavedRecord list = whole.Records.First(static record => !record.IsLibxl && record.Type == (uint)XcRecordType.X86PvP2mFrames);
        byte[] page = [1, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xf, 0, .. new byte[4096]];
        byte[] twice = [.. Record((uint)XcRecordType.PageData, page), .. Record((uint)XcRecordType.PageData, page)];
        using var early = new MemoryStream([.. file[..(int)list.Offset], .. twice, .. file[(int)list.Offset..]]);
        Assert.Equal(
            $"xc_record.type at offset 0x{list.Offset:x}: expected X86_PV_P2M_FRAMES first, found PAGE_DATA",
            Assert.Throws<BootFormatException>(() => SavedDomain.ReadPv(early)).Message);

        int heads = (int)whole.Records[0].Offset + 8;
        byte[] head = file[heads..(heads + 40)];
        head[24] = 2;
        using var other = new MemoryStream([.. head, .. twice, .. Record((uint)XcRecordType.End, [])]);
        Assert.Contains("found an HVM or PVH domain", Assert.Throws<BootFormatException>(() => SavedDomain.ReadPv(other)).Message, StringComparison.Ordinal);
    }

    /// <summary>The list of machine frames stands in pages of the file, so that it takes no more memory than these.</summary>
    [Fact]
    public void List_of_machine_frames_is_no_larger_than_its_pages()
    {
        byte[] file = Change(XcRecordType.X86PvP2mFrames, static body => (body[8], body[9]) = (0xff, 0xf));
        using var stream = new MemoryStream(file);
        Assert.Equal(
            "saved domain.X86_PV_P2M_FRAMES: expected frames that have contents, found frame 0xfff without any",
            Assert.Throws<BootFormatException>(() => SavedDomain.ReadPv(stream)).Message);

        const uint End = 1 << 30;
        byte[] list = new byte[8 + (((End / 512) + 1) * 8)];
        BitConverter.TryWriteBytes(list.AsSpan(4), End);
        using var large = new MemoryStream(Insert(Read(_file.Value), Record((uint)XcRecordType.X86PvP2mFrames, list)));
        Assert.Equal(BootErrorCode.TooLarge, Assert.Throws<BootFormatException>(() => SavedDomain.ReadPv(large)).Code);
    }

    [Fact]
    public void More_than_the_file_is_refused() => Assert.Contains(
        "expected the end of the file behind the last record, found more bytes",
        Assert.Throws<BootFormatException>(() => Read([.. _file.Value, 0])).Message,
        StringComparison.Ordinal);

    /// <summary>Of pages no more is held than one record has, and nothing of them where nobody asks for them.</summary>
    [Fact]
    public void Reading_takes_no_memory_for_pages()
    {
        var builder = new XenPvBuilder { MemorySize = 96 << 20, Initrds = [new byte[64 << 20]] };
        using XenPvDomain domain = PvDomains.Build(PvDomains.Image("sample-64"), builder);
        using var file = new MemoryStream();
        XlOutput.Write(domain, file);
        file.Position = 0;
        long before = GC.GetAllocatedBytesForCurrentThread();
        SavedDomain.Read(file);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 1, 2 << 20);
    }

    private static byte[] Write(string image, int version, string name = "web")
    {
        using XenPvDomain domain = PvDomains.Build(
            PvDomains.Image(image), new XenPvBuilder { MemorySize = Mebibytes << 20, Initrds = [new byte[5000]], MapInitrd = true });
        using var file = new MemoryStream();
        XlOutput.Write(domain, file, new XlOutputOptions { Name = name, StreamVersion = version });
        return file.ToArray();
    }

    private static SavedDomain Read(byte[] file)
    {
        using var stream = new MemoryStream(file);
        return SavedDomain.Read(stream);
    }

    private static byte[] Body(SavedDomain domain, XcRecordType type)
    {
        SavedRecord record = domain.Records.First(record => !record.IsLibxl && record.Type == (uint)type);
        return _file.Value.AsSpan((int)record.Offset + 8, (int)record.Length).ToArray();
    }

    /// <summary>The file with the body of the first record of a kind changed.</summary>
    private static byte[] Change(XcRecordType type, Action<byte[]> change)
    {
        byte[] file = [.. _file.Value];
        foreach (SavedRecord record in Read(file).Records.Where(record => !record.IsLibxl && record.Type == (uint)type))
        {
            byte[] body = file.AsSpan((int)record.Offset + 8, (int)record.Length).ToArray();
            change(body);
            body.CopyTo(file.AsSpan((int)record.Offset + 8));
        }

        return file;
    }

    private static byte[] Record(uint type, byte[] body) =>
        [.. BitConverter.GetBytes(type), .. BitConverter.GetBytes(body.Length), .. body, .. new byte[-body.Length & 7]];

    /// <summary>The file with records in front of libxenguest's last one.</summary>
    private static byte[] Insert(SavedDomain domain, byte[] records)
    {
        int at = (int)domain.Records.Last(static record => !record.IsLibxl).Offset;
        return [.. _file.Value[..at], .. records, .. _file.Value[at..]];
    }
}
