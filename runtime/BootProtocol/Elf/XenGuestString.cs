using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;
using BootProtocol.Xen;

namespace BootProtocol.Elf;

/// <summary>
/// The text of the section <c>__xen_guest</c>, by which kernels from before Xen's notes say how they are to be started:
/// <c>NAME=VALUE</c>, joined by commas.
/// </summary>
/// <remarks>
/// As a source of notes it has, for each key, the note that took its place. <c>HYPERCALL_PAGE</c>, a page number from the virtual base
/// on, becomes an address. <c>ELF_PADDR_OFFSET</c> is <c>VIRT_BASE</c> where it is missing. <c>PAE</c> keeps its text, whose meaning
/// differs from the note's: see <c>XenPaeModes.FromXenGuest</c>.
/// </remarks>
/// <example><code>
/// XenGuestString guest = XenGuestString.Parse("GUEST_OS=linux,VIRT_BASE=0xc0000000\0"u8, WordSize.Bits32, 0, Limits.Default);
/// Console.WriteLine($"{guest["GUEST_OS"]}, {guest.Pairs.Length} values");
/// </code></example>
public sealed class XenGuestString : INoteSource
{
    /// <summary>The section's name.</summary>
    public const string SectionName = "__xen_guest";

    /// <summary>The longest name, in bytes.</summary>
    public const int MaximumNameLength = 31;

    /// <summary>The longest value, in bytes.</summary>
    public const int MaximumValueLength = 127;

    private readonly long _offset;

    private XenGuestString(WordSize word, long offset, ImmutableArray<KeyValuePair<string, string>> pairs)
    {
        Word = word;
        _offset = offset;
        Pairs = pairs;
    }

    /// <inheritdoc/>
    public WordSize Word { get; }

    /// <summary>Names and values in their order; a name without <c>=</c> has an empty value.</summary>
    public ImmutableArray<KeyValuePair<string, string>> Pairs { get; }

    /// <summary>The value of a name, of several the last; null if it is not there.</summary>
    public string? this[string name]
    {
        get
        {
            for (int i = Pairs.Length - 1; i >= 0; i--)
            {
                if (Pairs[i].Key == name)
                    return Pairs[i].Value;
            }

            return null;
        }
    }

    /// <summary>Reads the text.</summary>
    /// <param name="text">The section's bytes; what follows the first NUL is left out.</param>
    /// <param name="word">The word size of the file.</param>
    /// <param name="offset">The section's file offset, for messages.</param>
    /// <param name="limits">How long the text may be.</param>
    /// <exception cref="BootFormatException">The text, a name or a value is too long.</exception>
    public static XenGuestString Parse(ReadOnlySpan<byte> text, WordSize word, long offset, Limits limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        text = FieldText.Cut(text);
        CheckLength(text.Length, limits.MaximumStringLength, "", offset);
        var pairs = ImmutableArray.CreateBuilder<KeyValuePair<string, string>>();
        foreach (Range range in text.Split((byte)','))
        {
            ReadOnlySpan<byte> part = text[range];
            if (part.IsEmpty)
                continue;
            int equals = part.IndexOf((byte)'=');
            ReadOnlySpan<byte> name = equals < 0 ? part : part[..equals];
            ReadOnlySpan<byte> value = equals < 0 ? default : part[(equals + 1)..];
            long at = offset + range.Start.Value;
            CheckLength(name.Length, MaximumNameLength, "name", at);
            CheckLength(value.Length, MaximumValueLength, "value", at + equals + 1);
            pairs.Add(new(Encoding.UTF8.GetString(name), Encoding.UTF8.GetString(value)));
        }

        return new XenGuestString(word, offset, pairs.ToImmutable());
    }

    /// <inheritdoc/>
    /// <exception cref="BootFormatException">The value should be a number, and is none.</exception>
    public bool TryFindNote(string owner, uint type, out ReadOnlySpan<byte> descriptor)
    {
        byte[]? bytes = owner == XenNotes.Layout.Owner ? Describe(type) : null;
        descriptor = bytes;
        return bytes is not null;
    }

    /// <summary>Finds the section in a file; null if it has none.</summary>
    /// <exception cref="BootFormatException">The sections or the text are broken.</exception>
    internal static XenGuestString? Find(ElfFile file) => file.Sections.TryFind(SectionName, out Section section)
        ? Parse(section.Bytes, file.Word, (long)section.FileOffset, file.Limits)
        : null;

    private byte[]? Describe(uint type) => type switch
    {
        XenNotes.Number.Entry => DescribeNumber(Number("VIRT_ENTRY")),
        XenNotes.Number.HypercallPage => DescribeNumber((Number("HYPERCALL_PAGE") << X86Page.Shift) + (Number("VIRT_BASE") ?? 0)),
        XenNotes.Number.VirtBase => DescribeNumber(Number("VIRT_BASE")),
        XenNotes.Number.PaddrOffset => DescribeNumber(Number("ELF_PADDR_OFFSET") ?? Number("VIRT_BASE")),
        XenNotes.Number.XenVersion => DescribeText("XEN_VER"),
        XenNotes.Number.GuestOs => DescribeText("GUEST_OS"),
        XenNotes.Number.GuestVersion => DescribeText("GUEST_VER"),
        XenNotes.Number.Loader => DescribeText("LOADER"),
        XenNotes.Number.PaeMode => DescribeText("PAE"),
        XenNotes.Number.Features => DescribeText("FEATURES"),
        XenNotes.Number.BsdSymtab => this["BSD_SYMTAB"] is null ? null : "yes"u8.ToArray(),
        _ => null,
    };

    private byte[]? DescribeText(string name) => this[name] is { } text ? Encoding.UTF8.GetBytes(text) : null;

    private static byte[]? DescribeNumber(ulong? number)
    {
        if (number is not { } value)
            return null;
        byte[] bytes = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        return bytes;
    }

    /// <summary>The number that a value is, as C writes it: 0x for hexadecimal, 0 for octal.</summary>
    private ulong? Number(string name)
    {
        if (this[name] is not { } text)
            return null;
        if (CNumber.TryParse(text, out ulong number))
            return number;
        throw new BootFormatException(BootErrorCode.Malformed, SectionName, name, _offset, "a number, such as 0xc0000000", ReasonText.Quote(text));
    }

    private static void CheckLength(int length, int maximum, string field, long offset)
    {
        if (length > maximum)
            throw ElfFaults.Number(SectionName, field, offset, ElfFaults.Text($"at most {maximum} bytes"), (ulong)length);
    }
}
