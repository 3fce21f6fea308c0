using System.Text;
using BootProtocol.Btf;
using BootProtocol.Elf;

namespace BootProtocol.Types;

/// <summary>The types of a kernel's C code, from the section <c>.BTF</c> of its ELF file (<c>CONFIG_DEBUG_INFO_BTF</c>).</summary>
/// <remarks>
/// Each type has a number, from 1; 0 is <c>void</c>. They are read where they stand, so the kernel has to stay open.
/// Source: Documentation/bpf/btf.rst.
/// </remarks>
/// <example><code>
/// if (KernelTypes.Read(kernel.Elf) is { } types &amp;&amp; types.TryFind("task_struct", out KernelType task))
///     Console.WriteLine($"{task}: {task.Size} bytes, {task.Members.Count()} members");
/// else
///     Console.WriteLine("built without DEBUG_INFO_BTF");
/// </code></example>
public sealed class KernelTypes
{
    /// <summary>The section's name.</summary>
    public const string SectionName = ".BTF";

    /// <summary>The longest name in bytes: Linux itself takes none above 512.</summary>
    private const int MaximumNameLength = 4096;

    private readonly Section _section;
    private readonly int[] _places;
    private readonly int _strings;
    private readonly int _stringsLength;

    private KernelTypes(Section section, WordSize word, int strings, int stringsLength, int[] places)
    {
        _section = section;
        Word = word;
        _strings = strings;
        _stringsLength = stringsLength;
        _places = places;
    }

    /// <summary>The number of types, <c>void</c> included.</summary>
    public int Count => _places.Length;

    /// <summary>The size of a pointer.</summary>
    public WordSize Word { get; }

    /// <summary>A type by its number.</summary>
    /// <param name="id">0 to <see cref="Count"/> - 1; 0 is <c>void</c>.</param>
    /// <exception cref="BootFormatException">There is no such type; the kernel's own types refer to none of these.</exception>
    public KernelType this[int id] => (uint)id < (uint)Count
        ? new KernelType(this, id)
        : throw BtfFaults.Broken("type", null, BtfFaults.Text($"the number of one of {Count} types"), BtfFaults.Text($"{(uint)id}"));

    /// <summary>Reads the types of a kernel.</summary>
    /// <param name="elf">The kernel, decoded; it is read to its end.</param>
    /// <returns>Null if it has none.</returns>
    /// <exception cref="BootFormatException">They are broken, of a newer kind, or the kernel cannot be decoded.</exception>
    public static KernelTypes? Read(ElfFile elf)
    {
        ArgumentNullException.ThrowIfNull(elf);
        if (!elf.Sections.TryFind(SectionName, out Section section) || !section.HasBytes)
            return null;
        ReadOnlySpan<byte> bytes = section.Bytes;
        if (!BtfHeader.TryParse(bytes, out BtfHeader header, out ParseError error))
            throw error.MovedBy((long)section.FileOffset).ToException();
        long types = (long)header.HeaderLength + header.TypesOffset;
        long strings = (long)header.HeaderLength + header.StringsOffset;
        if (types + header.TypesLength > bytes.Length || strings + header.StringsLength > bytes.Length)
        {
            string expected = BtfFaults.Text($"types and texts inside a section of {bytes.Length} bytes");
            throw BtfFaults.Broken("header", (long)section.FileOffset, expected, "others");
        }

        int[] places = [0, .. BtfWalk.Places(bytes, (int)types, (int)(types + header.TypesLength))];
        return new KernelTypes(section, elf.Word, (int)strings, (int)header.StringsLength, places);
    }

    /// <summary>Finds a structure, a union or an enumeration by its name; else what another name of a type (<c>typedef</c>) stands for.</summary>
    /// <param name="name">The name, such as <c>task_struct</c>; <c>struct</c>, <c>union</c> or <c>enum</c> may stand in front.</param>
    /// <param name="type">The type; not to be used if there is none.</param>
    /// <returns>Whether there is one.</returns>
    /// <exception cref="BootFormatException">A name is none, or the type that a name stands for is.</exception>
    public bool TryFind(string name, out KernelType type)
    {
        ArgumentNullException.ThrowIfNull(name);
        string[] parts = name.Split(' ', 2);
        string? word = parts.Length == 2 && parts[0] is "struct" or "union" or "enum" ? parts[0] : null;
        byte[] text = Encoding.UTF8.GetBytes(word is null ? name : parts[1]);
        int found = -1;
        for (int id = 1; id < Count && found < 0; id++)
        {
            KernelType candidate = new(this, id);
            if (candidate.Word is { } kind && (word is null || kind == word) && candidate.NameBytes.SequenceEqual(text))
                found = id;
        }

        for (int id = 1; id < Count && found < 0 && word is null; id++)
        {
            KernelType candidate = new(this, id);
            if (candidate.Kind == BtfKind.Typedef && candidate.NameBytes.SequenceEqual(text))
                found = candidate.Resolved.Id;
        }

        type = found < 0 ? default : new KernelType(this, found);
        return found >= 0;
    }

    /// <summary>The bytes from a type's record on.</summary>
    internal ReadOnlySpan<byte> RecordOf(int id) => _section.Bytes[_places[id]..];

    /// <summary>A text.</summary>
    /// <exception cref="BootFormatException">It starts behind the texts, has no end in them, or is too long.</exception>
    internal ReadOnlySpan<byte> TextAt(uint offset)
    {
        ReadOnlySpan<byte> all = _section.Bytes.Slice(_strings, _stringsLength);
        ReadOnlySpan<byte> rest = offset < (uint)all.Length ? all[(int)offset..] : default;
        int length = rest[..Math.Min(rest.Length, MaximumNameLength + 1)].IndexOf((byte)0);
        if (length >= 0)
            return rest[..length];
        string expected = BtfFaults.Text($"the place of a text of at most {MaximumNameLength} bytes, in {all.Length} bytes of texts");
        throw BtfFaults.Broken("name_off", null, expected, BtfFaults.Text($"{offset}"));
    }
}
