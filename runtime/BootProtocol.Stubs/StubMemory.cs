using System.Buffers.Binary;
using Iced.Intel;

namespace BootProtocol.Stubs;

/// <summary>A stub while it is written: parts one behind the other, from a physical address on.</summary>
internal sealed class StubMemory(uint address)
{
    private readonly List<byte> _bytes = [];

    /// <summary>The address behind the last part.</summary>
    public uint End => address + (uint)_bytes.Count;

    /// <summary>Fills up with zeros to a multiple of some bytes, a power of two.</summary>
    public void Align(int alignment) => _bytes.AddRange(new byte[-_bytes.Count & (alignment - 1)]);

    /// <summary>Appends bytes.</summary>
    /// <returns>Their address.</returns>
    public uint Append(ReadOnlySpan<byte> bytes)
    {
        uint place = End;
        _bytes.AddRange(bytes);
        return place;
    }

    /// <summary>Appends numbers of 64 bits.</summary>
    /// <returns>Their address.</returns>
    public uint Append(params ReadOnlySpan<ulong> numbers)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        uint place = End;
        foreach (ulong number in numbers)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes, number);
            _bytes.AddRange(bytes);
        }

        return place;
    }

    /// <summary>Assembles code behind what is there.</summary>
    /// <returns>Its address.</returns>
    public uint Append(Assembler code)
    {
        uint place = End;
        using var stream = new MemoryStream();
        code.Assemble(new StreamCodeWriter(stream), place);
        _bytes.AddRange(stream.ToArray());
        return place;
    }

    /// <summary>What was written.</summary>
    public byte[] ToArray() => [.. _bytes];
}
