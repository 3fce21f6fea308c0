namespace BootProtocol.Generators.Syntax;

/// <summary>A piece of one line of a spec file; lines and columns count from 0.</summary>
internal readonly record struct SourceRange(int Line, int Column, int Length)
{
    /// <summary>The last characters of this piece.</summary>
    public SourceRange Last(int length) => new(Line, Column + Length - length, length);

    /// <summary>From the start of this piece to the end of a later one on the same line.</summary>
    public SourceRange To(SourceRange last) => this with { Length = last.Column + last.Length - Column };
}
