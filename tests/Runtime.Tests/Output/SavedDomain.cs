using System.Buffers.Binary;
using System.Text.Json;
using BootProtocol.XenStream;

namespace BootProtocol.Runtime.Tests.Output;

/// <summary>A file of a saved PV domain, read back by the views of its structures, all of which keep their rules.</summary>
internal sealed class SavedDomain
{
    private SavedDomain(string configuration) => Configuration = JsonDocument.Parse(configuration);

    /// <summary>What libxl reads of the domain.</summary>
    public JsonDocument Configuration { get; }

    /// <summary>The stream's version.</summary>
    public uint Version { get; private set; }

    /// <summary>The kinds of libxenguest's records, in their order; several with pages in a row are one.</summary>
    public List<XcRecordType> Records { get; } = [];

    /// <summary>The most pages that a record has.</summary>
    public int MostPages { get; private set; }

    /// <summary>Every page that the stream names: what it is, and its contents if it has some.</summary>
    public Dictionary<ulong, (XcPageType Kind, byte[] Contents)> Pages { get; } = [];

    /// <summary>Bytes of the guest's words, and levels of its page tables.</summary>
    public (int Width, int Levels) Info { get; private set; }

    /// <summary>The last frame, and the frames of the physical-to-machine list.</summary>
    public (uint Last, ulong[] Frames) P2M { get; private set; }

    /// <summary>The state of the first processor.</summary>
    public byte[] Context { get; private set; } = [];

    /// <summary>The page that is shared with the hypervisor.</summary>
    public byte[] SharedInfo { get; private set; } = [];

    /// <summary>Reads a file; nothing may be left behind it.</summary>
    public static SavedDomain Read(ReadOnlySpan<byte> file)
    {
        XlHeader header = XlHeader.Parse(file);
        Assert.True(file.StartsWith("Xen saved domain, xl format\n \0 \r"u8));
        Assert.Equal((0x01020304u, 0u), (header.Byteorder, header.OptionalFlags));
        Assert.Equal(XlSaveFlags.StreamV2 | XlSaveFlags.Json, header.MandatoryFlags);
        int length = BinaryPrimitives.ReadInt32LittleEndian(header.OptionalData);
        Assert.Equal(header.OptionalData.Length, length + sizeof(uint));
        Assert.Equal(0, header.OptionalData[^1]);
        var domain = new SavedDomain(System.Text.Encoding.UTF8.GetString(header.OptionalData[sizeof(uint)..^1]));
        file = file[header.AsSpan().Length..];

        LibxlHeader libxl = LibxlHeader.Parse(file);
        Assert.Equal((0x4c6962786c466d74ul, 2u, 0u), (libxl.Ident, libxl.Version, libxl.Options));
        file = file[LibxlHeader.Layout.Size..];
        LibxlRecord record = LibxlRecord.Parse(file);
        Assert.Equal((LibxlRecordType.LibxcContext, 0u), (record.Type, record.Length));
        file = file[record.AsSpan().Length..];

        XcStream stream = XcStream.Parse(file);
        domain.Read(stream);
        file = file[stream.AsSpan().Length..];
        record = LibxlRecord.Parse(file);
        Assert.Equal((LibxlRecordType.End, 0u, 8), (record.Type, record.Length, file.Length));
        return domain;
    }

    private void Read(XcStream stream)
    {
        Assert.Empty(stream.Image.Validate());
        Assert.Empty(stream.Domain.Validate());
        Assert.Equal((ulong.MaxValue, 0x58454e46u, (ushort)0), (stream.Image.Marker, stream.Image.Id, stream.Image.Options));
        Version = stream.Image.Version;
        Assert.Equal((XcDomainType.X86Pv, (ushort)12), (stream.Domain.Type, stream.Domain.PageShift));
        foreach (XcRecord record in stream.Records)
        {
            if (Records.Count == 0 || record.Type != XcRecordType.PageData || Records[^1] != XcRecordType.PageData)
                Records.Add(record.Type);
            Read(record);
        }
    }

    private void Read(XcRecord record)
    {
        XcRecordBody body = record.Body;
        switch (record.Type)
        {
            case XcRecordType.X86PvInfo:
                Assert.True(body.TryGetXcPvInfo(out XcPvInfo info, out _));
                Assert.Empty(info.Validate());
                Info = (info.GuestWidth, info.PtLevels);
                break;
            case XcRecordType.X86PvP2mFrames:
                Assert.True(body.TryGetXcP2mFrames(out XcP2mFrames frames, out _));
                Assert.Equal(0u, frames.StartPfn);
                P2M = (frames.EndPfn, frames.Frames.ToArray());
                break;
            case XcRecordType.PageData:
                Assert.True(body.TryGetXcPageData(out XcPageData pages, out _));
                Read(pages);
                break;
            case XcRecordType.X86TscInfo:
                Assert.True(body.TryGetXcTscInfo(out XcTscInfo time, out _));
                Assert.Equal(-1, time.AsSpan().IndexOfAnyExcept((byte)0));
                break;
            case XcRecordType.SharedInfo:
                SharedInfo = body.AsSpan().ToArray();
                break;
            case XcRecordType.X86PvVcpuBasic:
                Assert.True(body.TryGetVcpuBasic(out XcVcpu processor, out _));
                Assert.Empty(processor.Validate());
                Assert.Equal(0u, processor.VcpuId);
                Context = processor.Context.ToArray();
                break;
            default:
                Assert.Equal(0u, record.Length);
                break;
        }
    }

    private void Read(XcPageData pages)
    {
        Assert.Empty(pages.Validate());
        XcPageInfo[] infos = pages.Pages.ToArray();
        MostPages = Math.Max(MostPages, infos.Length);
        ReadOnlySpan<byte> contents = pages.Contents;
        foreach (XcPageInfo info in infos)
        {
            int length = info.GetKind() >= XcPageType.Broken ? 0 : 4096;
            Pages.Add(info.GetPfn(), (info.GetKind(), contents[..length].ToArray()));
            contents = contents[length..];
        }

        Assert.Equal(0, contents.Length);
    }
}
