using BootProtocol.Relocate;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace BootProtocol.Sample.Linking;

/// <summary>
/// Assembles code of 32 or 64 bits. Instructions on 32-bit registers are the same in both and are given to <see cref="Asm"/> directly; what
/// handles addresses goes through the members here. Places that hold absolute addresses are noted as relocations.
/// </summary>
internal sealed class GuestCode(int bits, ISymbolSource symbols)
{
    private static readonly WordRegister[] _all =
    [
        WordRegister.A, WordRegister.C, WordRegister.D, WordRegister.B, WordRegister.Frame, WordRegister.Source, WordRegister.Destination,
    ];

    /// <summary>Where a is on the stack after <see cref="PushAll"/>, in words.</summary>
    public const int PushedA = 6;

    private readonly Dictionary<string, Label> _labels = new(StringComparer.Ordinal);
    private readonly List<string> _defined = [];
    private readonly List<(int Instruction, bool IsDisplacement)> _addresses = [];
    private Label _anchor;

    /// <summary>The assembler.</summary>
    public Assembler Asm { get; } = new(bits);

    /// <summary>Whether this is code of 64 bits.</summary>
    public bool IsWide => bits == 64;

    /// <summary>Bytes of a word.</summary>
    public int WordBytes => bits / 8;

    /// <summary>Gives the current place a name, for calls from here and for everyone.</summary>
    public void Define(string name)
    {
        Label label = Named(name);
        Asm.Label(ref label);
        _labels[name] = label;
        _defined.Add(name);
    }

    /// <summary>The label of a name, which may be defined later on.</summary>
    public Label Named(string name)
    {
        if (!_labels.TryGetValue(name, out Label label))
        {
            label = Asm.CreateLabel(name);
            _labels.Add(name, label);
        }

        return label;
    }

    public void Call(string name) => Asm.call(Named(name));

    public void Jump(string name) => Asm.jmp(Named(name));

    /// <summary>How far a symbol is from the start of the image, in bytes.</summary>
    public int OffsetOf(string symbol) => (int)(symbols.AddressOf(symbol) - symbols.ImageAddress);

    /// <summary>Makes the operand for a place. To be called in the arguments of the one instruction that uses it.</summary>
    public AssemblerMemoryOperand Memory(Place place)
    {
        if (place.Base is { } start)
        {
            if (place.Index is { } index)
            {
                return IsWide
                    ? __[start.Wide + (index.Wide * place.Scale) + place.Displacement]
                    : __[start.Narrow + (index.Narrow * place.Scale) + place.Displacement];
            }

            return IsWide ? __[start.Wide + place.Displacement] : __[start.Narrow + place.Displacement];
        }

        ulong address = symbols.AddressOf(place.Symbol!) + (ulong)place.Displacement;
        if (IsWide)
            return RelativeToInstruction(address);
        if (place.IsEarly)
            return __[ebp + (int)(address - symbols.ImageAddress)];
        _addresses.Add((Asm.Instructions.Count, IsDisplacement: true));
        return __[(uint)address];
    }

    /// <summary>
    /// The assembler offers the instruction pointer as a base for its own labels only: a label's operand, moved from the label's number to
    /// the address, is one for any address.
    /// </summary>
    private AssemblerMemoryOperand RelativeToInstruction(ulong address)
    {
        if (_anchor.IsEmpty)
            _anchor = Asm.CreateLabel();
        return __[_anchor] + unchecked((long)(address - _anchor.Id));
    }

    /// <summary>Loads the virtual address of a symbol, as a constant of 32 bits.</summary>
    public void MoveAddress(WordRegister target, string symbol)
    {
        uint address = (uint)symbols.AddressOf(symbol);
        _addresses.Add((Asm.Instructions.Count, IsDisplacement: false));
        if (IsWide)
            Asm.mov(target.Wide, unchecked((int)address));
        else
            Asm.mov(target.Narrow, address);
    }

    public void Move(WordRegister target, WordRegister source)
    {
        if (IsWide)
            Asm.mov(target.Wide, source.Wide);
        else
            Asm.mov(target.Narrow, source.Narrow);
    }

    public void Load(WordRegister target, Place place)
    {
        if (IsWide)
            Asm.mov(target.Wide, Memory(place));
        else
            Asm.mov(target.Narrow, Memory(place));
    }

    public void Store(Place place, WordRegister source)
    {
        if (IsWide)
            Asm.mov(Memory(place), source.Wide);
        else
            Asm.mov(Memory(place), source.Narrow);
    }

    public void LoadAddress(WordRegister target, Place place)
    {
        if (IsWide)
            Asm.lea(target.Wide, Memory(place));
        else
            Asm.lea(target.Narrow, Memory(place));
    }

    public void Add(WordRegister target, int value)
    {
        if (IsWide)
            Asm.add(target.Wide, value);
        else
            Asm.add(target.Narrow, value);
    }

    public void Add(WordRegister target, WordRegister source)
    {
        if (IsWide)
            Asm.add(target.Wide, source.Wide);
        else
            Asm.add(target.Narrow, source.Narrow);
    }

    public void Add(WordRegister target, Place place)
    {
        if (IsWide)
            Asm.add(target.Wide, Memory(place));
        else
            Asm.add(target.Narrow, Memory(place));
    }

    public void Subtract(WordRegister target, int value) => Add(target, -value);

    public void Subtract(WordRegister target, Place place)
    {
        if (IsWide)
            Asm.sub(target.Wide, Memory(place));
        else
            Asm.sub(target.Narrow, Memory(place));
    }

    public void Subtract(WordRegister target, WordRegister source)
    {
        if (IsWide)
            Asm.sub(target.Wide, source.Wide);
        else
            Asm.sub(target.Narrow, source.Narrow);
    }

    public void And(WordRegister target, int value)
    {
        if (IsWide)
            Asm.and(target.Wide, value);
        else
            Asm.and(target.Narrow, value);
    }

    public void Compare(WordRegister left, WordRegister right)
    {
        if (IsWide)
            Asm.cmp(left.Wide, right.Wide);
        else
            Asm.cmp(left.Narrow, right.Narrow);
    }

    public void Compare(WordRegister left, Place right)
    {
        if (IsWide)
            Asm.cmp(left.Wide, Memory(right));
        else
            Asm.cmp(left.Narrow, Memory(right));
    }

    public void ShiftLeft(WordRegister target, byte count)
    {
        if (IsWide)
            Asm.shl(target.Wide, count);
        else
            Asm.shl(target.Narrow, count);
    }

    public void ShiftRight(WordRegister target, byte count)
    {
        if (IsWide)
            Asm.shr(target.Wide, count);
        else
            Asm.shr(target.Narrow, count);
    }

    public void Push(params ReadOnlySpan<WordRegister> registers)
    {
        foreach (WordRegister register in registers)
        {
            if (IsWide)
                Asm.push(register.Wide);
            else
                Asm.push(register.Narrow);
        }
    }

    /// <summary>Pops registers, given in the order in which they were pushed.</summary>
    public void Pop(params ReadOnlySpan<WordRegister> registers)
    {
        for (int i = registers.Length - 1; i >= 0; i--)
        {
            if (IsWide)
                Asm.pop(registers[i].Wide);
            else
                Asm.pop(registers[i].Narrow);
        }
    }

    /// <summary>Pushes all general registers but the stack pointer and those that only 64 bits have.</summary>
    public void PushAll() => Push(_all);

    /// <summary>Pops what <see cref="PushAll"/> pushed.</summary>
    public void PopAll() => Pop(_all);

    /// <summary>Encodes the code.</summary>
    /// <param name="address">The virtual address at which it starts.</param>
    public Block ToBlock(ulong address)
    {
        ulong pointer = IsWide ? address : (uint)address;
        using var stream = new MemoryStream();
        AssemblerResult result = Asm.Assemble(
            new StreamCodeWriter(stream),
            pointer,
            BlockEncoderOptions.ReturnNewInstructionOffsets | BlockEncoderOptions.ReturnConstantOffsets);
        BlockEncoderResult encoded = result.Result[0];

        var relocations = new List<Relocation>(_addresses.Count);
        foreach ((int instruction, bool isDisplacement) in _addresses)
        {
            ConstantOffsets constants = encoded.ConstantOffsets[instruction];
            int place = isDisplacement ? constants.DisplacementOffset : constants.ImmediateOffset;
            relocations.Add(new Relocation((int)encoded.NewInstructionOffsets[instruction] + place, RelocationKind.Add32));
        }

        var defined = new List<BlockSymbol>(_defined.Count);
        foreach (string name in _defined)
        {
            Label label = _labels[name];
            defined.Add(new BlockSymbol(name, (int)(result.GetLabelRIP(label) - pointer), IsCode: true));
        }

        byte[] bytes = stream.ToArray();
        return new Block(bytes, bytes.Length, defined, relocations);
    }
}
