using System.Buffers.Binary;
using System.Text;
using BootProtocol.Elf;
using BootProtocol.Runtime.Tests.Elf;

namespace BootProtocol.Runtime.Tests.Symbols;

/// <summary>Makes kernels with a table of symbols, as any release of Linux has it.</summary>
internal sealed class KallsymsWriter
{
    /// <summary>Where the text of the banner stands in the image.</summary>
    public const int BannerOffset = 0x400;

    /// <summary>The bytes in front of the table, for symbols to lie in.</summary>
    private const int ImageSize = 0x20000;

    private static readonly string[] _words =
        ["__pfx_", "sys_", "_init", "__x64_", "linux", "_banner", "read", "write", "kernel_", "mem", "page", "alloc", "free", "T", "t_", "D"];

    private readonly List<byte> _table = [];
    private readonly string[] _tokens = MakeTokens();

    public KallsymsLayout Layout { get; init; }

    public WordSize Word { get; init; } = WordSize.Bits64;

    /// <summary>Whether markers and the number of symbols are words, as before 4.20.</summary>
    public bool HasWideMarkers { get; init; }

    /// <summary>Whether symbols below the image have their value in place of an offset, as SMP kernels for x86-64 have up to 6.14.</summary>
    public bool HasAbsolute { get; init; }

    /// <summary>Whether lengths above 127 take two bytes.</summary>
    public bool HasLongLengths { get; init; } = true;

    /// <summary>The text of the banner, to its line end.</summary>
    public string Banner { get; init; } = "Linux version 9.9.9";

    /// <summary>The symbols in the order of their addresses: kind and name in one text.</summary>
    public required IReadOnlyList<(ulong Address, string Text)> Symbols { get; init; }

    /// <summary>Sections of the file; it has none of its own.</summary>
    public TestSection[] Sections { get; init; } = [];

    /// <summary>The image's first address.</summary>
    public ulong ImageStart => Layout == KallsymsLayout.Xen ? 0xffff82d0_40000000 : Word == WordSize.Bits64 ? 0xffffffff_81000000 : 0xc1000000;

    /// <summary>Where the parts of the table start in the file, by name; set once it is built.</summary>
    public Dictionary<string, int> Parts { get; } = [];

    private int WordBytes => Word == WordSize.Bits64 ? 8 : 4;

    /// <summary>Makes symbols in the order of addresses, as many as asked for.</summary>
    public static List<(ulong Address, string Text)> MakeSymbols(int count, ulong start, ulong low = ulong.MaxValue, int longest = 0)
    {
        var random = new Random(7);
        var symbols = new List<(ulong, string)> { (start, "T_text"), (start + BannerOffset, "Dlinux_banner") };
        for (int i = 0; i < count; i++)
        {
            char kind = "TtDdRrBbWVA?"[random.Next(12)];
            string name = $"{_words[random.Next(_words.Length)]}{_words[random.Next(_words.Length)]}{random.Next(1000)}";
            ulong address = start + (ulong)random.Next(ImageSize);
            symbols.Add((i % 50 == 0 && low != ulong.MaxValue ? low + (ulong)i : address, kind + name));
        }

        if (longest > 0)
            symbols.Add((start + 0x1000, "t" + string.Concat(Enumerable.Range(0, longest).Select(i => (char)('a' + (i * 7 % 26))))));
        return [.. symbols.OrderBy(symbol => symbol.Item1).ThenBy(symbol => symbol.Item2, StringComparer.Ordinal)];
    }

    /// <summary>The lines that the running kernel would show.</summary>
    public string[] Lines()
    {
        string format = Word == WordSize.Bits64 || Layout == KallsymsLayout.Xen ? "x16" : "x8";
        return [.. Symbols.Select(symbol => $"{symbol.Address.ToString(format)} {symbol.Text[0]} {symbol.Text[1..]}")];
    }

    /// <summary>Makes the kernel, an ELF file of one segment.</summary>
    public byte[] Build()
    {
        _table.Clear();
        _table.AddRange(new byte[ImageSize]);
        Encoding.ASCII.GetBytes($"{Banner}\n").CopyTo(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_table)[BannerOffset..]);
        if (Layout == KallsymsLayout.Xen)
            PutPointers();
        Align(64);
        bool isBehind = Layout is KallsymsLayout.OffsetsBehind or KallsymsLayout.AddressesBehind or KallsymsLayout.Places or KallsymsLayout.AbsoluteOffsets;
        if (!isBehind)
            PutAddresses();
        Part("num_syms");
        Put((ulong)Symbols.Count, HasWideMarkers ? WordBytes : 4);
        if (Layout != KallsymsLayout.Xen)
            Align(WordBytes);
        List<int> markers = PutNames();
        Part("markers");
        foreach (int marker in markers)
            Put((ulong)marker, HasWideMarkers ? WordBytes : 4);
        if (Layout == KallsymsLayout.OffsetsAndOrder)
            PutOrder();
        PutTokens();
        if (isBehind)
        {
            PutAddresses();
            PutOrder();
        }

        Part("end");
        var elf = new TestElf { Word = Word };
        var segment = new TestSegment(SegmentType.Load, [.. _table])
        {
            Alignment = 64,
            Flags = SegmentFlags.Read | SegmentFlags.Execute,
            VirtualAddress = Layout == KallsymsLayout.Xen ? 0x200000 : ImageStart,
            PhysicalAddress = 0x1000000,
        };
        byte[] file = elf.Add(segment).Add(Sections).Build();
        int offset = (int)elf.Open().Segments[0].FileOffset;
        foreach (string part in Parts.Keys.ToArray())
            Parts[part] += offset;
        return file;
    }

    private static string[] MakeTokens()
    {
        // Characters that names have stand for themselves; words take the first places that are free, pairs of letters most others.
        var tokens = new string[256];
        foreach (char c in "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.$?")
            tokens[c] = $"{c}";
        var rest = new Queue<string>(_words.Where(word => word.Length > 1));
        for (int i = 0; i < 100; i++)
            rest.Enqueue($"{(char)('a' + (i % 26))}{(char)('a' + (i / 26))}");
        for (int i = 0; i < tokens.Length; i++)
            tokens[i] ??= rest.TryDequeue(out string? text) ? text : "";
        return tokens;
    }

    private void Part(string name) => Parts[name] = _table.Count;

    private void Align(int alignment)
    {
        while (_table.Count % alignment != 0)
            _table.Add(0);
    }

    private void Put(ulong number, int width)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, number);
        _table.AddRange(bytes[..width]);
    }

    private void PutAddresses()
    {
        Part("addresses");
        int place = _table.Count;
        for (int i = 0; i < Symbols.Count; i++)
        {
            ulong address = Symbols[i].Address;
            unchecked
            {
                switch (Layout)
                {
                    case KallsymsLayout.Addresses or KallsymsLayout.AddressesBehind:
                        Put(address, WordBytes);
                        break;
                    case KallsymsLayout.Places:
                        Put(address - (ImageStart + (ulong)(place + (4 * i))), 4);
                        break;
                    case KallsymsLayout.AbsoluteOffsets:
                        Put(address, 4);
                        break;
                    default:
                        ulong offset = address < ImageStart ? address : HasAbsolute ? ImageStart - 1 - address : address - ImageStart;
                        Put(offset, 4);
                        break;
                }
            }
        }

        if (Layout == KallsymsLayout.Xen)
            return;
        Align(WordBytes);
        if (Layout is not (KallsymsLayout.Offsets or KallsymsLayout.OffsetsAndOrder or KallsymsLayout.OffsetsBehind))
            return;
        Put(ImageStart, WordBytes);
    }

    private List<int> PutNames()
    {
        Part("names");
        int start = _table.Count;
        var markers = new List<int>();
        for (int i = 0; i < Symbols.Count; i++)
        {
            if (i % 256 == 0)
                markers.Add(_table.Count - start);
            byte[] codes = Encode(Symbols[i].Text);
            if (HasLongLengths && codes.Length > 127)
                _table.AddRange([(byte)(codes.Length | 0x80), (byte)(codes.Length >> 7)]);
            else
                _table.Add((byte)codes.Length);
            _table.AddRange(codes);
        }

        Align(WordBytes);
        return markers;
    }

    /// <summary>The longest token that fits at each place.</summary>
    private byte[] Encode(string text)
    {
        var codes = new List<byte>();
        for (int at = 0; at < text.Length; at += _tokens[codes[^1]].Length)
        {
            int best = text[at];
            for (int code = 0; code < _tokens.Length; code++)
            {
                if (_tokens[code].Length > _tokens[best].Length && text.AsSpan(at).StartsWith(_tokens[code], StringComparison.Ordinal))
                    best = code;
            }

            codes.Add((byte)best);
        }

        return [.. codes];
    }

    private void PutTokens()
    {
        Align(WordBytes);
        Part("token_table");
        var starts = new List<int>();
        int start = _table.Count;
        foreach (string token in _tokens)
        {
            starts.Add(_table.Count - start);
            _table.AddRange(Encoding.ASCII.GetBytes(token));
            _table.Add(0);
        }

        Align(WordBytes);
        Part("token_index");
        foreach (int place in starts)
            Put((ulong)place, 2);
    }

    private void PutOrder()
    {
        Align(WordBytes);
        Part("order");
        foreach (int index in Enumerable.Range(0, Symbols.Count).OrderBy(index => Symbols[index].Text[1..], StringComparer.Ordinal))
            _table.AddRange([(byte)(index >> 16), (byte)(index >> 8), (byte)index]);
    }

    /// <summary>Xen's data has pointers to its symbols, and some to other things.</summary>
    private void PutPointers()
    {
        Align(8);
        for (int i = 0; i < 300; i++)
            Put(i % 3 == 0 ? 0xffff8300_00000000 + (ulong)(i * 8) : Symbols[i].Address, 8);
    }
}
