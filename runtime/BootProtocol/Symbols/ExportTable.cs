using System.Text;
using BootProtocol.Elf;
using BootProtocol.LinuxExports;

namespace BootProtocol.Symbols;

/// <summary>A section of exported symbols, in one of the forms that releases of Linux have.</summary>
internal sealed class ExportTable
{
    /// <summary>Places counted from where they stand (since 4.19), and with a namespace (since 5.4), the newest first.</summary>
    private static readonly (bool IsRelative, bool HasNamespace)[] _forms = [(true, true), (true, false), (false, true), (false, false)];

    private readonly ElfFile _elf;
    private readonly Section _section;
    private readonly ElfAddresses _addresses;
    private readonly bool _isRelative;
    private readonly bool _hasNamespace;
    private readonly int _field;

    private ExportTable(ElfFile elf, Section section, bool isRelative, bool hasNamespace)
    {
        _elf = elf;
        _section = section;
        _addresses = new ElfAddresses(elf);
        _isRelative = isRelative;
        _hasNamespace = hasNamespace;
        _field = isRelative || elf.Word == WordSize.Bits32 ? sizeof(uint) : sizeof(ulong);
    }

    /// <summary>The number of entries.</summary>
    public int Count => (int)(_section.Size / (ulong)EntrySize);

    private int EntrySize => _field * (_hasNamespace ? 3 : 2);

    /// <summary>Finds the form by which every entry has a name.</summary>
    /// <returns>Null if there is none.</returns>
    /// <exception cref="BootFormatException">The names take more memory than the limits allow a decoder: entries may share long ones.</exception>
    public static ExportTable? Find(ElfFile elf, Section section) => _forms
        .Select(form => new ExportTable(elf, section, form.IsRelative, form.HasNamespace))
        .FirstOrDefault(static table => table.IsProved());

    /// <summary>The name of an entry's symbol; null if it has none.</summary>
    public string? NameOf(int index) => Text(Place(index, 1)) is { Length: > 0 } name && name.All(IsOfName) ? name : null;

    /// <summary>The address of an entry's symbol.</summary>
    public Vaddr AddressOf(int index) => new(Place(index, 0));

    /// <summary>The name of an entry's namespace; empty for none.</summary>
    public string NamespaceOf(int index) => _hasNamespace && Place(index, 2) is not 0 and var place ? Text(place) ?? "" : "";

    private static bool IsOfName(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '$';

    private bool IsProved()
    {
        if (_section.Size % (ulong)EntrySize != 0)
            return false;
        int most = _elf.Limits.MaximumDecoderMemory;
        long left = most;
        for (int i = 0; i < Count; i++)
        {
            string? space = _hasNamespace && Place(i, 2) is not 0 and var place ? Text(place) : "";
            if (space is null || NameOf(i) is not { } name)
                return false;
            left -= name.Length + space.Length;
            if (left < 0)
            {
                string expected = KallsymsFaults.Text($"at most {most} bytes of names");
                throw new BootFormatException(BootErrorCode.TooLarge, _section.Name, "", (long)_section.FileOffset, expected, "more");
            }
        }

        return true;
    }

    /// <summary>The address that a field of an entry says; 0 for none.</summary>
    private ulong Place(int index, int field)
    {
        // What lacks the last field is read as if the next entry began with it, but for the last entry.
        int at = index * EntrySize;
        Span<byte> entry = stackalloc byte[3 * sizeof(ulong)];
        entry.Clear();
        ReadOnlySpan<byte> bytes = _section.Bytes[at..];
        bytes[..EntrySize].CopyTo(entry);
        if (!_isRelative)
        {
            AbsoluteExport absolute = AbsoluteExport.Parse(entry[..(3 * _field)], _elf.Word);
            return (field switch { 0 => absolute.Value, 1 => absolute.Name, _ => absolute.NamespaceName }).Value;
        }

        RelativeExport relative = RelativeExport.Parse(entry[..RelativeExport.Layout.Size]);
        int offset = field switch { 0 => relative.ValueOffset, 1 => relative.NameOffset, _ => relative.NamespaceOffset };
        if (offset == 0)
            return 0;
        ulong place = unchecked(_section.Address.Value + (ulong)(at + (field * _field)) + (ulong)offset);
        return _elf.Word == WordSize.Bits64 ? place : place & uint.MaxValue;
    }

    /// <summary>A text of the kernel; null if there is none.</summary>
    private string? Text(ulong address)
    {
        ReadOnlySpan<byte> text = _addresses.Read(address, (int)Math.Min(_elf.Limits.MaximumStringLength + 1L, int.MaxValue));
        int end = text.IndexOf((byte)0);
        return end < 0 ? null : Encoding.UTF8.GetString(text[..end]);
    }
}
