using System.Buffers.Binary;
using BootProtocol.Domains;
using BootProtocol.Images;
using BootProtocol.Kernels;
using BootProtocol.Memory;
using BootProtocol.Sample;
using BootProtocol.Verify;

namespace BootProtocol.Fuzz.Readers;

/// <summary>
/// Verifies a PV domain in which the input has changed something: each record of it, of 12 bytes, says where and to what. What stands
/// there before is put back after.
/// </summary>
internal sealed class DomainReader
{
    private const int RecordSize = sizeof(uint) + sizeof(ulong);
    private readonly XenPvDomain _domain;
    private readonly byte[] _context;
    private readonly byte[] _shared;
    private readonly XenPvImage _image;
    private readonly Region[] _laidOut;

    /// <summary>Builds the domain that inputs change.</summary>
    public DomainReader(WordSize word)
    {
        using BootImage opened = BootImage.Open(SampleGuest.Create(word));
        using Kernel kernel = opened.Decompress();
        _domain = new XenPvBuilder { MemorySize = 16 << 20 }.Build(kernel);
        _laidOut = [.. _domain.Regions.Where(region => _domain.Memory.Extents.Any(
            extent => extent.Start <= region.Start && region.End <= extent.End))];
        XenPvImage built = XenPvImage.Of(_domain);
        _context = built.Context.ToArray();
        _shared = built.SharedInfo.ToArray();
        _image = new XenPvImage
        {
            Word = built.Word,
            Memory = built.Memory,
            FrameCount = built.FrameCount,
            Frames = built.Frames,
            Context = _context,
            SharedInfo = _shared,
        };
    }

    /// <summary>Verifies the domain as records change it.</summary>
    public void Read(byte[] records, Facts facts)
    {
        var before = new Stack<(Memory<byte> Place, ulong Value)>();
        for (int at = 0; at + RecordSize <= records.Length; at += RecordSize)
        {
            Memory<byte> place = Place(BinaryPrimitives.ReadUInt32LittleEndian(records.AsSpan(at)));
            before.Push((place, BinaryPrimitives.ReadUInt64LittleEndian(place.Span)));
            BinaryPrimitives.WriteUInt64LittleEndian(place.Span, BinaryPrimitives.ReadUInt64LittleEndian(records.AsSpan(at + sizeof(uint))));
        }

        try
        {
            facts.AskAll("violations", () => XenPvVerifier.Verify(_image).Select(static violation => $"{violation.Rule.Name}: {violation.Found}"));
        }
        finally
        {
            foreach ((Memory<byte> place, ulong value) in before)
                BinaryPrimitives.WriteUInt64LittleEndian(place.Span, value);
        }
    }

    /// <summary>Of four numbers one is for the context, one for shared_info, and two are for the frames, at multiples of 4 bytes.</summary>
    private Memory<byte> Place(uint number)
    {
        uint index = number >> 2;
        return (number & 3) switch
        {
            0 => Within(_context, index),
            1 => Within(_shared, index),
            _ => Within(Frames(index), index),
        };
    }

    /// <summary>The region that a number leads to: small ones, which are tables and lists, as often as the kernel.</summary>
    private Memory<byte> Frames(uint index)
    {
        Region region = _laidOut[(int)(index % (uint)_laidOut.Length)];
        return _domain.Memory.Slice(region.Start, checked((int)region.Length));
    }

    private static Memory<byte> Within(Memory<byte> bytes, uint index) =>
        bytes.Slice((int)(index * sizeof(uint) % (uint)(bytes.Length - sizeof(uint))) & -sizeof(uint), sizeof(ulong));
}
