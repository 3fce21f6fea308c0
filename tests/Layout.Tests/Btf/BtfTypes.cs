using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;

namespace BootProtocol.Layout.Tests.Btf;

/// <summary>The types of a C file, as gcc describes them in a <c>.BTF</c> section (Documentation/bpf/btf.rst).</summary>
internal sealed class BtfTypes
{
    private readonly byte[] _data;
    private readonly int _pointerSize;
    private readonly int _strings;

    // Type 0 is void.
    private readonly List<BtfType> _types = [new(0, "void", 0, 0, [])];

    public BtfTypes(byte[] section, int bits)
    {
        _data = section;
        _pointerSize = bits / 8;
        Assert.Equal(0xeb9f, Number(0) & 0xffff);
        int header = Number(4);
        _strings = header + Number(16);
        int at = header + Number(8);
        int end = at + Number(12);
        while (at < end)
            at = Add(at);
    }

    /// <summary>A structure that a <c>typedef</c> names, whatever qualifiers stand between.</summary>
    public BtfType Structure(string typedef) => Resolve(_types.FindIndex(type => type.Kind == BtfType.Typedef && type.Name == typedef));

    /// <summary>The members of a structure with their places in bytes; those of unnamed structures and unions in it count as its own.</summary>
    public IEnumerable<(string Name, int Offset, int Size)> Members(BtfType structure, int start = 0)
    {
        foreach (BtfMember member in structure.Members)
        {
            if (member.Name.Length > 0)
            {
                yield return (member.Name, start + member.Offset, Size(member.Type));
                continue;
            }

            foreach ((string, int, int) inner in Members(Resolve(member.Type), start + member.Offset))
                yield return inner;
        }
    }

    private int Size(int number)
    {
        BtfType type = Resolve(number);
        return type.Kind switch
        {
            BtfType.Pointer => _pointerSize,
            BtfType.Array => type.Count * Size(type.SizeOrType),
            _ => type.SizeOrType,
        };
    }

    private BtfType Resolve(int number)
    {
        BtfType type = _types[number];
        while (type.Kind is BtfType.Typedef or BtfType.Volatile or BtfType.Const or BtfType.Restrict)
            type = _types[type.SizeOrType];
        return type;
    }

    private int Add(int at)
    {
        int info = Number(at + 4);
        int kind = (info >> 24) & 0x1f;
        int length = info & 0xffff;
        int more = at + 12;
        int sizeOrType = Number(at + 8);
        int count = 0;
        ImmutableArray<BtfMember> members = [];
        switch (kind)
        {
            case BtfType.Array:
                sizeOrType = Number(more);
                count = Number(more + 8);
                more += 12;
                break;
            case BtfType.Structure or BtfType.Union:
                // With bit fields, which the top bit says, the top byte of an offset is a width.
                int mask = info < 0 ? 0xffffff : -1;
                members = [.. Enumerable.Range(0, length).Select(i => Member(more + (12 * i), mask))];
                more += 12 * length;
                break;
            default:
                more += Tail(kind, length);
                break;
        }

        _types.Add(new BtfType(kind, Text(Number(at)), sizeOrType, count, members));
        return more;
    }

    private BtfMember Member(int at, int mask) => new(Text(Number(at)), Number(at + 4), (Number(at + 8) & mask) / 8);

    /// <summary>How many bytes follow the common part of the types that are of no interest here.</summary>
    private static int Tail(int kind, int length) => kind switch
    {
        1 or 14 or 17 => 4,
        6 or 13 => 8 * length,
        15 or 19 => 12 * length,
        _ => 0,
    };

    private int Number(int at) => BinaryPrimitives.ReadInt32LittleEndian(_data.AsSpan(at));

    private string Text(int offset)
    {
        ReadOnlySpan<byte> text = _data.AsSpan(_strings + offset);
        return Encoding.ASCII.GetString(text[..text.IndexOf((byte)0)]);
    }
}
