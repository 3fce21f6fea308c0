using System.Globalization;
using System.Text.RegularExpressions;
using BootProtocol.Specs;

namespace BootProtocol.Runtime.Tests.Views;

/// <summary>What the bytes of a structure have to be while a writer sets its fields.</summary>
internal sealed partial class Expectation(
    SpecStructure structure, WordSize word, Memory<byte> actual, Memory<byte> expected, bool isAuthor, Random random)
{
    public SpecStructure Structure => structure;

    public WordSize Word => word;

    public SpecVariant Variant => structure.Variant(word);

    public Random Random => random;

    public bool IsAuthor => isAuthor;

    public Span<byte> Expected => expected.Span;

    /// <summary>The same for a nested structure.</summary>
    public Expectation Nested(SpecStructure nested, int offset, int size, bool isNestedAuthor)
    {
        WordSize nestedWord = structure.Variants.Length == 1 ? WordSize.Bits64 : word;
        int length = Oracle.Length(nested, nested.Variant(nestedWord), expected.Span.Slice(offset, size));
        return new Expectation(nested, nestedWord, actual.Slice(offset, length), expected.Slice(offset, length), isNestedAuthor, random);
    }

    public void Compare(string field)
    {
        if (!actual.Span.SequenceEqual(expected.Span))
            Assert.Fail($"{structure.Name}.{field}: expected {Canonical.Text(expected.Span)}, found {Canonical.Text(actual.Span)}");
    }

    /// <summary>Why a field cannot be set; null if it can.</summary>
    /// <param name="declared">The field, in whichever variant has it.</param>
    public ParseError? Fault(SpecField declared)
    {
        if (Oracle.Find(Variant, declared.Name) is not { } field)
        {
            return Variant.Bits == 32
                ? new ParseError(BootErrorCode.Missing, structure.Name, declared.Name, null, "the 64-bit variant", "the 32-bit one")
                : new ParseError(BootErrorCode.Missing, structure.Name, declared.Name, null, "the 32-bit variant", "the 64-bit one");
        }

        long place = structure.BaseOffset + field.Offset;
        SpecGate? writeGate = isAuthor ? null : WriteGate(field);
        if (!Oracle.Gated(structure, Variant, field.Gate, Expected) || !Oracle.Gated(structure, Variant, writeGate, Expected))
        {
            string version = Oracle.Spell(structure, Oracle.Version(structure, Variant, Expected));
            return new ParseError(
                BootErrorCode.Missing, structure.Name, field.Name, place, $"version {(writeGate ?? field.Gate)!.Text}", $"version {version}");
        }

        int end = field.Offset + field.Size;
        return end <= Expected.Length
            ? null
            : new ParseError(
                BootErrorCode.Truncated, structure.Name, field.Name, place, $"a structure of at least {end} bytes", $"one of {Expected.Length} bytes");
    }

    private SpecGate? WriteGate(SpecField field)
    {
        Match match = SecondGate().Match(field.Access);
        if (!match.Success)
            return null;
        uint lowest = Stored(match.Groups["low"].Value);
        uint? highest = match.Groups["high"].Success ? Stored(match.Groups["high"].Value) : match.Value.EndsWith('+') ? null : lowest;
        return new SpecGate(lowest, highest, match.Value);
    }

    private uint Stored(string version) =>
        structure.Versions!.IsDotted ? ProtocolVersion.Parse(version).Raw : uint.Parse(version, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"(?<=^|\s)(?<low>\d[\d.]*)(\+|-(?<high>\d[\d.]*))?(?=\s|$)")]
    private static partial Regex SecondGate();
}
