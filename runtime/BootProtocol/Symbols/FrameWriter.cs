using System.Buffers.Binary;
using System.Runtime.InteropServices;
using BootProtocol.LinuxOrc;

namespace BootProtocol.Symbols;

/// <summary>
/// Writes descriptions of stack frames as debuggers read them (<c>.debug_frame</c>). Source: DWARF 3, section 6.4, and the System V ABI for AMD64.
/// </summary>
internal sealed class FrameWriter(Limits limits)
{
    /// <summary>The numbers of registers in DWARF.</summary>
    private const byte Rbp = 6, Rsp = 7, ReturnAddress = 16, None = 0xff;

    /// <summary>Bytes in front of what a description says from its start on.</summary>
    private const int LengthSize = 4, HeadSize = 24;

    /// <summary>What is at each 8 bytes of the registers that the kernel saves (<c>struct pt_regs</c>).</summary>
    private static readonly byte[] _saved = [15, 14, 13, 12, Rbp, 3, 11, 10, 9, 8, 0, 2, 1, 4, 5, None, ReturnAddress, None, None, Rsp];

    /// <summary>What the processor saves at an interrupt.</summary>
    private static readonly byte[] _interrupted = [ReturnAddress, None, None, Rsp];

    /// <summary>What functions save, but the kernel keeps no record of where.</summary>
    private static readonly byte[] _lost = [3, 12, 13, 14, 15];

    private readonly List<byte> _bytes = [];
    private readonly Dictionary<(OrcType Type, bool IsSignal), int> _common = [];
    private int _start = -1;
    private ulong _address;
    private ulong _place;
    private ulong _end;
    private OrcRow _row;

    /// <summary>The instructions of call frames that are used.</summary>
    private enum Code : byte
    {
        Advance1 = 0x02,
        Advance2 = 0x03,
        Advance4 = 0x04,
        Undefined = 0x07,
        Frame = 0x0c,
        FrameOffset = 0x0e,
        FrameExpression = 0x0f,
        Expression = 0x10,
        OffsetSigned = 0x11,
        FrameSigned = 0x12,
        Advance = 0x40,
        Offset = 0x80,
        Restore = 0xc0,
    }

    /// <summary>The instructions of expressions that are used.</summary>
    private enum Operation : byte
    {
        Load = 0x06,
        Constant = 0x11,
        Add = 0x22,
        Register = 0x70,
    }

    /// <summary>How many descriptions were begun.</summary>
    public int Count { get; private set; }

    /// <summary>Says what holds for some addresses: in the description of those before, or in one of their own.</summary>
    /// <param name="start">The first address.</param>
    /// <param name="end">The address behind the last one.</param>
    /// <param name="row">What holds there.</param>
    /// <param name="isStart">Whether a function starts there.</param>
    /// <exception cref="BootFormatException">All descriptions together are larger than the limits allow.</exception>
    public void Add(ulong start, ulong end, OrcRow row, bool isStart)
    {
        OrcRow initial = OrcRow.Entry with { Type = row.Type, IsSignal = row.IsSignal };
        if (isStart || _start < 0 || _end != start || (row.Type, row.IsSignal) != (_row.Type, _row.IsSignal))
            Open(start, initial);
        _end = end;
        if (row == _row)
            return;
        Advance((uint)(start - _place));
        _place = start;
        if ((row.Stack, row.StackOffset) != (_row.Stack, _row.StackOffset))
            PutFrame(row);
        if ((row.Base, row.BaseOffset) != (_row.Base, _row.BaseOffset))
            PutBase(row);
        _row = row;
    }

    /// <summary>Ends the last description.</summary>
    /// <returns>All of them, with what they have in common.</returns>
    public ReadOnlyMemory<byte> Finish()
    {
        Close();
        return _bytes.ToArray();
    }

    private void Open(ulong address, OrcRow initial)
    {
        Close();
        if (_bytes.Count > limits.MaximumOutput)
        {
            string expected = KallsymsFaults.Text($"frames of at most {limits.MaximumOutput} bytes");
            throw new BootFormatException(BootErrorCode.TooLarge, OrcTable.EntriesName, "", null, expected, "more");
        }

        int common = Common(initial.Type, initial.IsSignal);
        _start = _bytes.Count;
        Put4(0);
        Put4((uint)common);
        Put8(address);
        Put8(0);
        (_address, _place, _row) = (address, address, initial);
        Count++;
    }

    private void Close()
    {
        if (_start < 0)
            return;
        BinaryPrimitives.WriteUInt64LittleEndian(CollectionsMarshal.AsSpan(_bytes)[(_start + HeadSize - sizeof(ulong))..], _end - _address);
        End(_start);
        _start = -1;
    }

    /// <summary>What descriptions of one kind of frame have in common; at the start of each, only the return address is on the stack.</summary>
    private int Common(OrcType type, bool isSignal)
    {
        if (_common.TryGetValue((type, isSignal), out int start))
            return start;
        start = _bytes.Count;
        _common.Add((type, isSignal), start);
        Put4(0);
        Put4(uint.MaxValue);

        // Version; "S" is for frames that were not called; addresses count in bytes, offsets in bytes below the frame.
        Put([3, .. isSignal ? "S\0"u8 : "\0"u8, 1, 0x7f, ReturnAddress]);
        Put([(byte)Code.Frame, Rsp, sizeof(ulong)]);
        switch (type)
        {
            case OrcType.Call:
                Put([(byte)Code.Offset + ReturnAddress, sizeof(ulong)]);
                foreach (byte register in _lost)
                    Put([(byte)Code.Undefined, register]);
                break;
            case OrcType.Registers or OrcType.PartialRegisters:
                byte[] saved = type == OrcType.Registers ? _saved : _interrupted;
                for (int i = 0; i < saved.Length; i++)
                {
                    if (saved[i] != None)
                        PutAt(saved[i], i * sizeof(ulong));
                }

                break;
            default:
                Put([(byte)Code.Undefined, ReturnAddress]);
                break;
        }

        End(start);
        return start;
    }

    private void Advance(uint distance)
    {
        switch (distance)
        {
            case 0:
                break;
            case < 0x40:
                Put([(byte)((uint)Code.Advance + distance)]);
                break;
            case <= byte.MaxValue:
                Put([(byte)Code.Advance1, (byte)distance]);
                break;
            case <= ushort.MaxValue:
                Put([(byte)Code.Advance2, (byte)distance, (byte)(distance >> 8)]);
                break;
            default:
                Put([(byte)Code.Advance4]);
                Put4(distance);
                break;
        }
    }

    /// <summary>Where the frame is: at an offset of a register, or by what is stored at one.</summary>
    private void PutFrame(OrcRow row)
    {
        byte register = NumberOf(row.Stack);
        switch (row.Stack)
        {
            case OrcRegister.StackIndirect:
                byte[] added = [(byte)Operation.Load, (byte)Operation.Constant, .. Signed(row.StackOffset), (byte)Operation.Add];
                PutExpression([(byte)Code.FrameExpression], [(byte)Operation.Register + Rsp, 0, .. added]);
                break;
            case OrcRegister.BaseIndirect:
                PutExpression([(byte)Code.FrameExpression], [(byte)Operation.Register + Rbp, .. Signed(row.StackOffset), (byte)Operation.Load]);
                break;
            case not (OrcRegister.Stack or OrcRegister.Base):
                Put([(byte)Code.Frame, register, 0]);
                break;
            default:
                if (row.StackOffset < 0)
                    Put([(byte)Code.FrameSigned, register, .. Signed(-row.StackOffset)]);
                else if (row.Stack == _row.Stack)
                    Put([(byte)Code.FrameOffset, .. Unsigned(row.StackOffset)]);
                else
                    Put([(byte)Code.Frame, register, .. Unsigned(row.StackOffset)]);
                break;
        }
    }

    /// <summary>Where the caller's rbp is.</summary>
    private void PutBase(OrcRow row)
    {
        if (row.Base == OrcRegister.Undefined)
            Put([(byte)Code.Restore + Rbp]);
        else if (row.Base == OrcRegister.Base)
            PutExpression([(byte)Code.Expression, Rbp], [(byte)Operation.Register + Rbp, .. Signed(row.BaseOffset)]);
        else
            PutAt(Rbp, row.BaseOffset);
    }

    private void PutAt(byte register, int offset) =>
        Put(offset <= 0 ? [(byte)((byte)Code.Offset + register), .. Unsigned(-offset)] : [(byte)Code.OffsetSigned, register, .. Signed(-offset)]);

    private void PutExpression(ReadOnlySpan<byte> code, ReadOnlySpan<byte> expression) => Put([.. code, (byte)expression.Length, .. expression]);

    private static byte NumberOf(OrcRegister register) => register switch
    {
        OrcRegister.Ax => 0,
        OrcRegister.Dx => 1,
        OrcRegister.Di => 5,
        OrcRegister.R10 => 10,
        OrcRegister.R13 => 13,
        OrcRegister.Base or OrcRegister.BaseIndirect => Rbp,
        _ => Rsp,
    };

    /// <summary>A number in bytes of 7 bits each, the lowest first.</summary>
    private static byte[] Unsigned(int number) => number < 0x80 ? [(byte)number] : [(byte)(number | 0x80), .. Unsigned(number >> 7)];

    private static byte[] Signed(int number) => number is >= -0x40 and < 0x40 ? [(byte)(number & 0x7f)] : [(byte)(number | 0x80), .. Signed(number >> 7)];

    /// <summary>Fills a description up to a multiple of 8 bytes, and writes its length.</summary>
    private void End(int start)
    {
        int size = (int)AlignedOutput.Align(_bytes.Count - start, sizeof(ulong));
        Put(new byte[start + size - _bytes.Count]);
        BinaryPrimitives.WriteInt32LittleEndian(CollectionsMarshal.AsSpan(_bytes)[start..], size - LengthSize);
    }

    private void Put(ReadOnlySpan<byte> bytes) => _bytes.AddRange(bytes);

    private void Put4(uint number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, number);
        Put(bytes);
    }

    private void Put8(ulong number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, number);
        Put(bytes);
    }
}
