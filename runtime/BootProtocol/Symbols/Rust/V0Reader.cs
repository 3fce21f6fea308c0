using System.Globalization;
using System.Text;

namespace BootProtocol.Symbols.Rust;

/// <summary>Reads the names of rustc's way v0: paths, types and constants, which may point back to what was before.</summary>
internal ref partial struct V0Reader
{
    /// <summary>How deep paths and types may be nested.</summary>
    private const int MaximumDepth = 256;

    /// <summary>How many paths, types and constants there may be: each may point back to many others.</summary>
    private const int MaximumSteps = 1 << 14;

    /// <summary>The longest result, in characters.</summary>
    private const int MaximumLength = 1 << 16;

    private readonly ReadOnlySpan<char> _name;
    private readonly StringBuilder _output;
    private int _at;
    private int _depth;
    private int _steps;
    private int _lifetimes;
    private bool _isSilent;
    private bool _isBroken;

    private V0Reader(ReadOnlySpan<char> name, StringBuilder output)
    {
        _name = name;
        _output = output;
    }

    /// <summary>Reads what stands behind <c>_R</c>.</summary>
    /// <param name="name">The rest of the name.</param>
    /// <param name="output">What it stands for is added to it; not to be used if it is broken.</param>
    public static bool TryRead(ReadOnlySpan<char> name, StringBuilder output)
    {
        foreach (char letter in name)
        {
            if (!char.IsAsciiLetterOrDigit(letter) && letter != '_')
                return false;
        }

        var reader = new V0Reader(name, output);
        reader.Path(isValue: true);
        if (!reader._isBroken && reader._at < name.Length)
        {
            // The crate that an instance was made for.
            reader._isSilent = true;
            reader.Path(isValue: false);
        }

        return !reader._isBroken && reader._at == name.Length;
    }

    private readonly char Peek => _at < _name.Length ? _name[_at] : '\0';

    private char Next()
    {
        if (_at >= _name.Length)
            _isBroken = true;
        return _isBroken ? '\0' : _name[_at++];
    }

    private bool Eat(char letter)
    {
        if (_isBroken || Peek != letter)
            return false;
        _at++;
        return true;
    }

    private void Print(scoped ReadOnlySpan<char> text)
    {
        if (_isSilent || _isBroken)
            return;
        _output.Append(text);
        _isBroken = _output.Length > MaximumLength;
    }

    /// <summary>Counts a path, a type or a constant.</summary>
    private bool Enter()
    {
        _isBroken |= ++_depth > MaximumDepth || ++_steps > MaximumSteps;
        return !_isBroken;
    }

    /// <summary>A number of digits 0-9, a-z and A-Z and an underscore: 0 is the underscore alone.</summary>
    private ulong Number62()
    {
        if (Eat('_'))
            return 0;
        ulong value = 0;
        while (!Eat('_') && !_isBroken)
        {
            char letter = Next();
            int digit = char.IsAsciiDigit(letter) ? letter - '0' : char.IsAsciiLetterLower(letter) ? letter - 'a' + 10 : letter - 'A' + 36;
            _isBroken |= letter == '_' || value > (ulong.MaxValue - 62) / 62;
            value = unchecked((value * 62) + (ulong)digit);
        }

        return value + 1;
    }

    private ulong OptionalNumber62(char tag) => Eat(tag) ? Number62() + 1 : 0;

    /// <summary>An identifier without the number that tells it from others of its name.</summary>
    private ReadOnlySpan<char> Identifier(out bool isPunycode)
    {
        isPunycode = Eat('u');
        char first = Next();
        _isBroken |= !char.IsAsciiDigit(first);
        int length = first - '0';
        while (!_isBroken && first != '0' && char.IsAsciiDigit(Peek) && length <= _name.Length)
            length = (length * 10) + (Next() - '0');
        Eat('_');
        _isBroken |= length > _name.Length - _at || (isPunycode && length == 0);
        if (_isBroken)
            return default;
        _at += length;
        return _name.Slice(_at - length, length);
    }

    private void PrintIdentifier(ReadOnlySpan<char> text, bool isPunycode)
    {
        if (_isSilent || _isBroken)
            return;
        if (isPunycode)
            _isBroken = !Punycode.TryDecode(text, _output);
        else
            Print(text);
    }

    /// <summary>Goes to an earlier place, which this returns from; there is none where nothing is printed.</summary>
    private bool GoBack(out int behind)
    {
        int start = _at - 1;
        ulong place = Number62();
        behind = _at;
        _isBroken |= place >= (ulong)start;
        if (_isBroken || _isSilent)
            return false;
        _at = (int)place;
        return true;
    }

    private void Path(bool isValue)
    {
        if (!Enter())
            return;
        switch (Next())
        {
            case 'C':
                _ = OptionalNumber62('s');
                ReadOnlySpan<char> crate = Identifier(out bool isPunycode);
                PrintIdentifier(crate, isPunycode);
                break;
            case 'N':
                Nested(isValue);
                break;
            case 'M':
                ImplementationPath(isValue);
                AngleType(trait: false);
                break;
            case 'X':
                ImplementationPath(isValue);
                AngleType(trait: true);
                break;
            case 'Y':
                AngleType(trait: true);
                break;
            case 'I':
                Path(isValue);
                Print(isValue ? "::<" : "<");
                Arguments();
                Print(">");
                break;
            case 'B':
                if (GoBack(out int behind))
                {
                    Path(isValue);
                    _at = behind;
                }

                break;
            default:
                _isBroken = true;
                break;
        }

        _depth--;
    }

    private void Nested(bool isValue)
    {
        char space = Next();
        _isBroken |= !char.IsAsciiLetter(space);
        Path(isValue);
        ulong number = OptionalNumber62('s');
        ReadOnlySpan<char> name = Identifier(out bool isPunycode);
        if (char.IsAsciiLetterUpper(space))
        {
            Print("::{");
            Print(space switch { 'C' => "closure", 'S' => "shim", _ => [space] });
            if (!name.IsEmpty)
                Print(":");
            PrintIdentifier(name, isPunycode && !name.IsEmpty);
            Print(string.Create(CultureInfo.InvariantCulture, $"#{number}}}"));
        }
        else if (!name.IsEmpty)
        {
            Print("::");
            PrintIdentifier(name, isPunycode);
        }
    }

    /// <summary>Where an implementation stands says less than what it is for.</summary>
    private void ImplementationPath(bool isValue)
    {
        bool wasSilent = _isSilent;
        _isSilent = true;
        _ = OptionalNumber62('s');
        Path(isValue);
        _isSilent = wasSilent;
    }

    private void AngleType(bool trait)
    {
        Print("<");
        Type();
        if (trait)
        {
            Print(" as ");
            Path(isValue: false);
        }

        Print(">");
    }

    private void Arguments()
    {
        for (int i = 0; !_isBroken && !Eat('E'); i++)
        {
            if (i > 0)
                Print(", ");
            if (Eat('L'))
                PrintLifetime(Number62());
            else if (Eat('K'))
                Constant();
            else
                Type();
        }
    }
}
