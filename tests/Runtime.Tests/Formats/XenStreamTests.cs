using System.Globalization;
using System.Text.RegularExpressions;
using BootProtocol.Testing;
using BootProtocol.XenStream;
using CsCheck;

namespace BootProtocol.Runtime.Tests.Formats;

/// <summary>Streams of saved domains that builders of the spec write, as Xen's own verify-stream-v2 reads them, and as views do.</summary>
[Needs(Need.Kernels)]
public sealed partial class XenStreamTests
{
    private const int Page = 4096;

    /// <summary>Records as Xen's check lets them through: it knows the size of some, and the kinds of pages that have contents.</summary>
    private static readonly Gen<Piece> _piece = Gen.OneOf(
        Gen.Select(Gen.ULong[0, 1UL << 40], Gen.Int[0, 15].Where(static kind => kind is not (5 or 6 or 7 or 8))).Array[1, 6]
            .Select(static pages => new Piece(XcRecordType.PageData, Pages: pages)),
        Gen.Const(new Piece(XcRecordType.X86PvInfo)),
        Gen.ULong.Array[1, 9].Select(static frames => new Piece(XcRecordType.X86PvP2mFrames, Numbers: frames)),
        Gen.Select(Gen.UInt, Gen.Byte.Array[1, 40]).Select(static state => new Piece(XcRecordType.X86PvVcpuBasic, Number: state.Item1, Bytes: state.Item2)),
        Gen.UInt.Select(static khz => new Piece(XcRecordType.X86TscInfo, Number: khz)),
        Gen.Select(Gen.ULong, Gen.ULong).Array[1, 5].Select(static pairs => new Piece(XcRecordType.HvmParams, Pairs: pairs)),
        Gen.Byte.Array[1, 30].Select(static bytes => new Piece(XcRecordType.HvmContext, Bytes: bytes)),
        Gen.Const(new Piece(XcRecordType.SharedInfo, Bytes: new byte[Page])));

    [Fact]
    public void Xen_reads_what_builders_write() => _piece.Array[0, 12].Sample(
        pieces =>
        {
            byte[] buffer = new byte[1 << 19];
            ReadOnlySpan<byte> stream = Write(buffer, pieces);
            XcStream view = XcStream.Parse(stream);
            Assert.Equal((3u, XcDomainType.X86Pv, (ushort)12), (view.Image.Version, view.Domain.Type, view.Domain.PageShift));

            int at = 0;
            var records = new List<string>();
            foreach (XcRecord record in view.Records)
            {
                if (record.Type != XcRecordType.PageData)
                    records.Add(string.Create(CultureInfo.InvariantCulture, $"{record.Length}"));
                if (record.Type != XcRecordType.End)
                    Compare(record, pieces[at++]);
            }

            Assert.Equal(pieces.Length, at);
            Assert.Equal(records, Lengths(XenStreamCheck.Verify("libxc", stream)));
        },
        iter: 12);

    /// <summary>A file of 'xl save': xl's header, libxl's, and a record behind which the domain's stream stands.</summary>
    [Fact]
    public void Xl_header_and_libxl_records_are_read_as_xen_reads_them()
    {
        byte[] buffer = new byte[1 << 16];
        XlHeader.Builder xl = XlHeader.Build(buffer);
        xl.Fixed().MandatoryFlags = XlSaveFlags.StreamV2 | XlSaveFlags.Json;
        xl.SetOptionalData([3, 0, 0, 0, .. "{}\0"u8]);
        int at = xl.Finish().Length;
        LibxlHeader.Create(buffer.AsSpan(at)).Version = 2;
        at += LibxlHeader.Layout.Size;
        LibxlRecord.Builder context = LibxlRecord.Build(buffer.AsSpan(at));
        context.Fixed().Type = LibxlRecordType.LibxcContext;
        at += context.Finish().Length;
        at += Write(buffer.AsSpan(at), [new Piece(XcRecordType.X86PvInfo)]).Length;
        LibxlRecord.Builder end = LibxlRecord.Build(buffer.AsSpan(at));
        at += end.Finish().Length;

        string seen = XenStreamCheck.Verify("xl", buffer.AsSpan(0, at));
        Assert.Contains("Libxl Header: little endian", seen, StringComparison.Ordinal);
        Assert.Equal(["0", "8", "0", "0"], Lengths(seen));

        ReadOnlySpan<byte> rest = buffer.AsSpan(0, at);
        XlHeader header = XlHeader.Parse(rest);
        Assert.Equal("{}\0"u8, header.OptionalData[4..]);
        rest = rest[header.AsSpan().Length..];
        Assert.Equal(2u, LibxlHeader.Parse(rest).Version);
        rest = rest[LibxlHeader.Layout.Size..];
        LibxlRecord first = LibxlRecord.Parse(rest);
        Assert.Equal(LibxlRecordType.LibxcContext, first.Type);
        XcStream stream = XcStream.Parse(rest[first.AsSpan().Length..]);
        rest = rest[(first.AsSpan().Length + stream.AsSpan().Length)..];
        Assert.Equal(LibxlRecordType.End, LibxlRecord.Parse(rest).Type);
    }

    [Fact]
    public void A_stream_without_its_last_record_is_refused()
    {
        byte[] buffer = new byte[1 << 16];
        ReadOnlySpan<byte> stream = Write(buffer, [new Piece(XcRecordType.X86PvInfo)]);
        Assert.False(XcStream.TryParse(stream[..^8], out _, out ParseError error));
        Assert.Equal("xc_stream.records at offset 0x38: expected an element with type = 0, found none", error.ToString());
    }

    private static ReadOnlySpan<byte> Write(Span<byte> buffer, Piece[] pieces)
    {
        XcStream.Builder stream = XcStream.Build(buffer);
        XcImageHeader.Create(buffer).Version = 3;
        XcDomainHeader.Writer domain = XcDomainHeader.Create(buffer[XcImageHeader.Layout.Size..]);
        domain.Type = XcDomainType.X86Pv;
        domain.PageShift = 12;
        domain.XenMajor = 4;
        domain.XenMinor = 17;
        foreach (Piece piece in pieces)
        {
            XcRecord.Builder record = XcRecord.Build(stream.RoomForRecords());
            record.SetBody(piece.Type, Body(record.RoomForBody(), piece));
            stream.AddRecords(record.Finish());
        }

        stream.AddRecords(XcRecord.Build(stream.RoomForRecords()).Finish());
        return stream.Finish();
    }

    private static ReadOnlySpan<byte> Body(Span<byte> room, Piece piece)
    {
        switch (piece.Type)
        {
            case XcRecordType.PageData:
                XcPageData.Builder pages = XcPageData.Build(room);
                pages.SetPages([.. piece.Pages!.Select(static page => Info(page))]);
                pages.SetContents(new byte[piece.Pages!.Count(static page => HasContents(page.Type)) * Page]);
                return pages.Finish();
            case XcRecordType.X86PvInfo:
                XcPvInfo.Writer info = XcPvInfo.Create(room);
                info.GuestWidth = 8;
                info.PtLevels = 4;
                return room[..XcPvInfo.Layout.Size];
            case XcRecordType.X86PvP2mFrames:
                XcP2mFrames.Builder frames = XcP2mFrames.Build(room);
                frames.Fixed().EndPfn = (uint)(piece.Numbers!.Length * 512) - 1;
                frames.SetFrames(piece.Numbers);
                return frames.Finish();
            case XcRecordType.X86PvVcpuBasic:
                XcVcpu.Builder processor = XcVcpu.Build(room);
                processor.Fixed().VcpuId = piece.Number;
                processor.SetContext(piece.Bytes);
                return processor.Finish();
            case XcRecordType.X86TscInfo:
                XcTscInfo.Create(room).Khz = piece.Number;
                return room[..XcTscInfo.Layout.Size];
            case XcRecordType.HvmParams:
                XcHvmParams.Builder parameters = XcHvmParams.Build(room);
                foreach ((ulong index, ulong value) in piece.Pairs!)
                {
                    XcHvmParam.Writer parameter = XcHvmParam.Create(parameters.AddParams());
                    parameter.Index = index;
                    parameter.Value = value;
                }

                return parameters.Finish();
            default:
                return piece.Bytes;
        }
    }

    private static void Compare(XcRecord record, Piece piece)
    {
        Assert.Equal(piece.Type, record.Type);
        XcRecordBody body = record.Body;
        switch (body.Kind)
        {
            case XcRecordBodyKind.XcPageData:
                Assert.True(body.TryGetXcPageData(out XcPageData pages, out _));
                Assert.Equal(piece.Pages!.Select(static page => Info(page)), pages.Pages.ToArray());
                Assert.Equal(piece.Pages, pages.Pages.ToArray().Select(static page => (page.GetPfn(), (int)page.GetKind())));
                break;
            case XcRecordBodyKind.XcP2mFrames:
                Assert.True(body.TryGetXcP2mFrames(out XcP2mFrames frames, out _));
                Assert.Equal(piece.Numbers, frames.Frames.ToArray());
                break;
            case XcRecordBodyKind.VcpuBasic:
                Assert.True(body.TryGetVcpuBasic(out XcVcpu processor, out _));
                Assert.Equal((piece.Number, piece.Bytes!.Length), (processor.VcpuId, processor.Context.Length));
                break;
            case XcRecordBodyKind.XcTscInfo:
                Assert.True(body.TryGetXcTscInfo(out XcTscInfo time, out _));
                Assert.Equal(piece.Number, time.Khz);
                break;
            case XcRecordBodyKind.XcHvmParams:
                Assert.True(body.TryGetXcHvmParams(out XcHvmParams parameters, out _));
                Assert.Equal(piece.Pairs![^1], (parameters.Params[piece.Pairs!.Length - 1].Index, parameters.Params[piece.Pairs!.Length - 1].Value));
                break;
            case XcRecordBodyKind.XcPvInfo:
                Assert.True(body.TryGetXcPvInfo(out XcPvInfo info, out _));
                Assert.Equal((8, 4), (info.GuestWidth, info.PtLevels));
                break;
            default:
                Assert.NotEqual(XcRecordBodyKind.Unknown, body.Kind);
                Assert.Equal(piece.Bytes, body.AsSpan().ToArray());
                break;
        }
    }

    private static XcPageInfo Info((ulong Pfn, int Type) page) => default(XcPageInfo).WithPfn(page.Pfn).WithKind((XcPageType)page.Type);

    private static bool HasContents(int type) => (type & 7) <= 4;

    private static IEnumerable<string> Lengths(string seen) => RecordLength().Matches(seen).Select(static match => match.Groups[1].Value);

    private sealed record Piece(
        XcRecordType Type,
        uint Number = 0,
        byte[]? Bytes = null,
        ulong[]? Numbers = null,
        (ulong Index, ulong Value)[]? Pairs = null,
        (ulong Pfn, int Type)[]? Pages = null);

    [GeneratedRegex(@"Record: .*, length (\d+)")]
    private static partial Regex RecordLength();
}
