using System.Globalization;

namespace BootProtocol.Symbols.Rust;

/// <content>Types and constants.</content>
internal ref partial struct V0Reader
{
    private void PrintLifetime(ulong index)
    {
        if (index > (ulong)_lifetimes)
            _isBroken = true;
        int depth = _lifetimes - (int)Math.Min(index, int.MaxValue);
        Print(index == 0 ? "'_" : depth < 26 ? ['\'', (char)('a' + depth)] : string.Create(CultureInfo.InvariantCulture, $"'_{depth}"));
    }

    /// <summary>The lifetimes that a type of a function or of objects has of its own.</summary>
    private void Binder()
    {
        ulong count = OptionalNumber62('G');
        if (count == 0)
            return;
        _isBroken |= count > MaximumDepth;
        Print("for<");
        for (ulong i = 0; i < count && !_isBroken; i++)
        {
            if (i > 0)
                Print(", ");
            _lifetimes++;
            PrintLifetime(1);
        }

        Print("> ");
    }

    private void Type()
    {
        if (!Enter())
            return;
        char tag = Next();
        if (BasicType(tag) is { } basic)
            Print(basic);
        else
            OtherType(tag);
        _depth--;
    }

    private void OtherType(char tag)
    {
        switch (tag)
        {
            case 'R' or 'Q':
                Print("&");
                if (Eat('L') && Number62() is > 0 and var lifetime)
                {
                    PrintLifetime(lifetime);
                    Print(" ");
                }

                Print(tag == 'Q' ? "mut " : "");
                Type();
                break;
            case 'P' or 'O':
                Print(tag == 'P' ? "*const " : "*mut ");
                Type();
                break;
            case 'A' or 'S':
                Print("[");
                Type();
                if (tag == 'A')
                {
                    Print("; ");
                    Constant();
                }

                Print("]");
                break;
            case 'T':
                Print("(");
                Print(Types() == 1 ? ",)" : ")");
                break;
            case 'F':
                FunctionType();
                break;
            case 'D':
                ObjectType();
                break;
            case 'B':
                if (GoBack(out int behind))
                {
                    Type();
                    _at = behind;
                }

                break;
            default:
                _at -= _isBroken ? 0 : 1;
                Path(isValue: false);
                break;
        }
    }

    private int Types()
    {
        int count = 0;
        for (; !_isBroken && !Eat('E'); count++)
        {
            if (count > 0)
                Print(", ");
            Type();
        }

        return count;
    }

    private void FunctionType()
    {
        int outer = _lifetimes;
        Binder();
        Print(Eat('U') ? "unsafe " : "");
        if (Eat('K'))
        {
            bool isPunycode = false;
            ReadOnlySpan<char> convention = Eat('C') ? "C" : Identifier(out isPunycode);
            _isBroken |= isPunycode || convention.IsEmpty;
            Print("extern \"");
            Print(convention.ToString().Replace('_', '-'));
            Print("\" ");
        }

        Print("fn(");
        _ = Types();
        Print(")");
        if (!Eat('u'))
        {
            Print(" -> ");
            Type();
        }

        _lifetimes = outer;
    }

    private void ObjectType()
    {
        Print("dyn ");
        int outer = _lifetimes;
        Binder();
        for (int i = 0; !_isBroken && !Eat('E'); i++)
        {
            if (i > 0)
                Print(" + ");
            Trait();
        }

        _lifetimes = outer;
        _isBroken |= !Eat('L');
        if (Number62() is > 0 and var lifetime)
        {
            Print(" + ");
            PrintLifetime(lifetime);
        }
    }

    private void Trait()
    {
        bool isOpen = OpenPath();
        while (Eat('p'))
        {
            Print(isOpen ? ", " : "<");
            isOpen = true;
            ReadOnlySpan<char> name = Identifier(out bool isPunycode);
            PrintIdentifier(name, isPunycode);
            Print(" = ");
            Type();
        }

        if (isOpen)
            Print(">");
    }

    /// <summary>Reads a path whose arguments may go on behind it.</summary>
    /// <returns>Whether its arguments are still open.</returns>
    private bool OpenPath()
    {
        bool isOpen = false;
        if (!Enter())
            return false;
        if (Eat('B'))
        {
            if (GoBack(out int behind))
            {
                isOpen = OpenPath();
                _at = behind;
            }
        }
        else if (Eat('I'))
        {
            Path(isValue: false);
            Print("<");
            isOpen = true;
            Arguments();
        }
        else
        {
            Path(isValue: false);
        }

        _depth--;
        return isOpen;
    }

    private void Constant()
    {
        if (!Enter())
            return;
        char tag = Next();
        switch (tag)
        {
            case 'B':
                if (GoBack(out int behind))
                {
                    Constant();
                    _at = behind;
                }

                break;
            case 'p':
                Print("_");
                break;
            case 'h' or 't' or 'm' or 'y' or 'o' or 'j':
                Integer();
                break;
            case 'a' or 's' or 'l' or 'x' or 'n' or 'i':
                Print(Eat('n') ? "-" : "");
                Integer();
                break;
            case 'b':
                ReadOnlySpan<char> digits = Digits();
                _isBroken |= digits is not ("0" or "1");
                Print(digits is "1" ? "true" : "false");
                break;
            case 'c':
                Character();
                break;
            default:
                _isBroken = true;
                break;
        }

        _depth--;
    }

    /// <summary>Hexadecimal digits up to an underscore, without zeros in front.</summary>
    private ReadOnlySpan<char> Digits()
    {
        int start = _at;
        while (!_isBroken && !Eat('_'))
            _isBroken |= !char.IsAsciiHexDigitLower(Next());
        return _isBroken ? default : _name[start..(_at - 1)];
    }

    private void Integer()
    {
        ReadOnlySpan<char> digits = Digits();
        _isBroken |= digits.IsEmpty;
        Print(ulong.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong value)
            ? value.ToString(CultureInfo.InvariantCulture)
            : $"0x{digits}");
    }

    private void Character()
    {
        ReadOnlySpan<char> digits = Digits();
        _isBroken |= !uint.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint code);
        Print(code switch
        {
            '\t' => "'\\t'",
            '\r' => "'\\r'",
            '\n' => "'\\n'",
            > ' ' and < '~' => ['\'', (char)code, '\''],
            _ => string.Create(CultureInfo.InvariantCulture, $"'\\u{{{code:x}}}'"),
        });
    }

    private static string? BasicType(char tag) => tag switch
    {
        'a' => "i8",
        'b' => "bool",
        'c' => "char",
        'd' => "f64",
        'e' => "str",
        'f' => "f32",
        'h' => "u8",
        'i' => "isize",
        'j' => "usize",
        'l' => "i32",
        'm' => "u32",
        'n' => "i128",
        'o' => "u128",
        'p' => "_",
        's' => "i16",
        't' => "u16",
        'u' => "()",
        'v' => "...",
        'x' => "i64",
        'y' => "u64",
        'z' => "!",
        _ => null,
    };
}
