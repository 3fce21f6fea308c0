using System.Buffers.Binary;
using System.Text;

namespace BootProtocol.Firmware;

/// <summary>Writes ACPI's machine language, as far as a list of devices takes it.</summary>
/// <remarks>Source: ACPI 6.5, chapter 20 "ACPI Machine Language (AML) Specification", and 6.4 "Resource Data Types for ACPI".</remarks>
internal sealed class AmlWriter
{
    private const byte NameOp = 0x08, BytePrefix = 0x0a, WordPrefix = 0x0b, DwordPrefix = 0x0c, StringPrefix = 0x0d;
    private const byte ScopeOp = 0x10, BufferOp = 0x11, PackageOp = 0x12, ExtendedPrefix = 0x5b, DeviceOp = 0x82;
    private const byte MemoryDescriptor = 0x86, InterruptDescriptor = 0x89, EndTag = 0x79;
    private const int OneByteLength = 0x3f;
    private const int NameLength = 4;

    private readonly List<byte> _bytes = [];

    /// <summary>What was written.</summary>
    public byte[] ToArray() => [.. _bytes];

    /// <summary>Opens a scope that is there, and writes into it.</summary>
    public AmlWriter Scope(string name, Action<AmlWriter> write) => Block([ScopeOp], name, write);

    /// <summary>Declares a device.</summary>
    public AmlWriter Device(string name, Action<AmlWriter> write) => Block([ExtendedPrefix, DeviceOp], name, write);

    /// <summary>Names a text.</summary>
    public AmlWriter Name(string name, string text)
    {
        Begin(name);
        _bytes.AddRange([StringPrefix, .. Encoding.ASCII.GetBytes(text), 0]);
        return this;
    }

    /// <summary>Names a number.</summary>
    public AmlWriter Name(string name, uint number)
    {
        Begin(name);
        Number(number);
        return this;
    }

    /// <summary>Names a list of numbers.</summary>
    public AmlWriter Name(string name, params ReadOnlySpan<byte> numbers)
    {
        Begin(name);
        var body = new AmlWriter();
        body._bytes.Add((byte)numbers.Length);
        foreach (byte number in numbers)
            body.Number(number);
        _bytes.Add(PackageOp);
        Counted(body._bytes);
        return this;
    }

    /// <summary>Names what a device takes: a range of addresses, and an interrupt that is raised by its high level.</summary>
    public AmlWriter Resources(uint start, uint length, uint interrupt)
    {
        Begin("_CRS");
        byte[] resources = new byte[12 + 9 + 2];
        resources[0] = MemoryDescriptor;
        resources[1] = 9; // bytes that follow, 2 of them the number of these
        resources[3] = 1; // it can be written
        BinaryPrimitives.WriteUInt32LittleEndian(resources.AsSpan(4), start);
        BinaryPrimitives.WriteUInt32LittleEndian(resources.AsSpan(8), length);
        resources[12] = InterruptDescriptor;
        resources[13] = 6;
        resources[15] = 1; // it is the device's own: level, high, not shared
        resources[16] = 1; // one interrupt
        BinaryPrimitives.WriteUInt32LittleEndian(resources.AsSpan(17), interrupt);
        resources[21] = EndTag; // with a sum of 0, which says that there is none
        var body = new AmlWriter();
        body.Number((uint)resources.Length);
        body._bytes.AddRange(resources);
        _bytes.Add(BufferOp);
        Counted(body._bytes);
        return this;
    }

    private AmlWriter Block(ReadOnlySpan<byte> operation, string name, Action<AmlWriter> write)
    {
        var body = new AmlWriter();
        body.Segment(name);
        write(body);
        _bytes.AddRange(operation);
        Counted(body._bytes);
        return this;
    }

    private void Begin(string name)
    {
        _bytes.Add(NameOp);
        Segment(name);
    }

    private void Segment(string name)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(name.Length, NameLength);
        _bytes.AddRange(Encoding.ASCII.GetBytes(name));
    }

    private void Number(uint number)
    {
        if (number <= 1)
            _bytes.Add((byte)number); // ZeroOp, OneOp
        else if (number <= byte.MaxValue)
            _bytes.AddRange([BytePrefix, (byte)number]);
        else if (number <= ushort.MaxValue)
            _bytes.AddRange([WordPrefix, (byte)number, (byte)(number >> 8)]);
        else
            _bytes.AddRange([DwordPrefix, (byte)number, (byte)(number >> 8), (byte)(number >> 16), (byte)(number >> 24)]);
    }

    /// <summary>Writes a length, which counts itself, and what it is the length of.</summary>
    private void Counted(List<byte> body)
    {
        if (body.Count + 1 <= OneByteLength)
        {
            _bytes.Add((byte)(body.Count + 1));
        }
        else
        {
            // The lowest four bits stand in the first byte, which says in its highest two how many follow.
            int following = body.Count + 2 < 1 << 12 ? 1 : 2;
            int length = body.Count + 1 + following;
            _bytes.Add((byte)((following << 6) | (length & 0xf)));
            for (int i = 0; i < following; i++)
                _bytes.Add((byte)(length >> (4 + (8 * i))));
        }

        _bytes.AddRange(body);
    }
}
