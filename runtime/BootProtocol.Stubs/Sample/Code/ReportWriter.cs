using BootProtocol.Sample.Linking;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace BootProtocol.Sample.Code;

/// <summary>
/// Emits the code that prints lines of the report, <c>key: value</c> each. That code changes no register; places may not be based on a or d
/// where a number is read from them.
/// </summary>
internal sealed class ReportWriter(GuestProgram program)
{
    private readonly GuestCode _code = program.Code;

    /// <summary>Prints a text.</summary>
    public void Text(string text)
    {
        _code.Push(WordRegister.Source);
        _code.MoveAddress(WordRegister.Source, program.Constants.Text(text));
        _code.Call(TextPrinter.Text);
        _code.Pop(WordRegister.Source);
    }

    /// <summary>Prints a whole line.</summary>
    public void Line(string text) => Text(text + "\n");

    /// <summary>Prints a key and what comes before the value.</summary>
    public void Key(string key) => Text(key + ": ");

    public void EndLine() => _code.Call(TextPrinter.NewLine);

    /// <summary>Prints a number of 1, 2, 4 or 8 bytes.</summary>
    public void Hexadecimal(Place place, int size) => Number(place, null, size, NumberPrinter.Hexadecimal);

    /// <summary>Prints a number of 64 bits whose halves are in different places.</summary>
    public void Hexadecimal(Place low, Place high) => Number(low, high, sizeof(uint), NumberPrinter.Hexadecimal);

    /// <summary>Prints a number of 1, 2, 4 or 8 bytes.</summary>
    public void Decimal(Place place, int size) => Number(place, null, size, NumberPrinter.Decimal);

    /// <summary>Prints a number of 64 bits whose halves are in different places.</summary>
    public void Decimal(Place low, Place high) => Number(low, high, sizeof(uint), NumberPrinter.Decimal);

    /// <summary>Prints a line with a number in it.</summary>
    public void HexadecimalLine(string key, Place place, int size)
    {
        Key(key);
        Hexadecimal(place, size);
        EndLine();
    }

    /// <summary>Prints a line with a number of two halves in it.</summary>
    public void HexadecimalLine(string key, Place low, Place high)
    {
        Key(key);
        Hexadecimal(low, high);
        EndLine();
    }

    /// <summary>Prints a line with a number in it.</summary>
    public void DecimalLine(string key, Place place, int size)
    {
        Key(key);
        Decimal(place, size);
        EndLine();
    }

    /// <summary>Prints a line that says one of two things, depending on bits of a place.</summary>
    public void ChoiceLine(string key, Place place, uint mask, string set, string clear)
    {
        Assembler c = _code.Asm;
        Label otherwise = c.CreateLabel();
        Label done = c.CreateLabel();
        Key(key);
        c.test(__dword_ptr[_code.Memory(place)], mask);
        c.jz(otherwise);
        Line(set);
        c.jmp(done);
        c.Label(ref otherwise);
        Line(clear);
        c.Label(ref done);
        c.nop(); // the place of a label that the caller may want to put here
    }

    private void Number(Place low, Place? high, int size, string printer)
    {
        Assembler c = _code.Asm;
        _code.Push(WordRegister.A, WordRegister.D);
        if (high is null && size == sizeof(ulong))
            high = low.Plus(sizeof(uint));
        if (high is { } upper)
            c.mov(edx, _code.Memory(upper));
        else
            c.xor(edx, edx);
        switch (size)
        {
            case sizeof(byte):
                c.movzx(eax, __byte_ptr[_code.Memory(low)]);
                break;
            case sizeof(ushort):
                c.movzx(eax, __word_ptr[_code.Memory(low)]);
                break;
            default:
                c.mov(eax, _code.Memory(low));
                break;
        }

        _code.Call(printer);
        _code.Pop(WordRegister.A, WordRegister.D);
    }
}
