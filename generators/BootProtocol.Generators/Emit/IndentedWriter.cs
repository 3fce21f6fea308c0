using System.Text;

namespace BootProtocol.Generators.Emit;

/// <summary>Collects lines of C# with their indentation; every line ends in <c>\n</c> whatever the machine.</summary>
internal sealed class IndentedWriter
{
    private readonly StringBuilder _text = new();
    private int _depth;
    private bool _wantsGap;

    /// <summary>Writes a line; an empty one has no indentation.</summary>
    public void Line(string line = "")
    {
        if (_wantsGap && line != "}")
            _text.Append('\n');
        _wantsGap = false;
        if (line.Length > 0)
            _text.Append(' ', _depth * 4).Append(line);
        _text.Append('\n');
    }

    /// <summary>Asks for an empty line before the next one, unless that closes a block.</summary>
    public void Gap() => _wantsGap = true;

    /// <summary>Writes a line and opens a block under it.</summary>
    public void Open(string header)
    {
        Line(header);
        Line("{");
        _depth++;
    }

    /// <summary>Closes the innermost block.</summary>
    public void Close(string suffix = "")
    {
        _wantsGap = false;
        _depth--;
        Line("}" + suffix);
    }

    /// <summary>Closes the innermost block and asks for an empty line after it.</summary>
    public void CloseMember(string suffix = "")
    {
        Close(suffix);
        Gap();
    }

    /// <summary>Writes a line one step further in.</summary>
    public void Continuation(string line)
    {
        _depth++;
        Line(line);
        _depth--;
    }

    public override string ToString() => _text.ToString();
}
