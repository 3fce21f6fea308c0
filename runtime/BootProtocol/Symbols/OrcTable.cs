using BootProtocol.Elf;
using BootProtocol.LinuxOrc;

namespace BootProtocol.Symbols;

/// <summary>The tables by which a kernel finds the callers of its functions, in the order of addresses.</summary>
internal sealed class OrcTable
{
    /// <summary>The section of entries.</summary>
    public const string EntriesName = ".orc_unwind";

    private const string PlacesName = ".orc_unwind_ip";

    /// <summary>What the first entry of most functions says, by which a form shows: before Linux 6.4, before registers got other numbers, and since.</summary>
    private const int Oldest = 0x005, Older = 0x205, Newest = 0x203;

    /// <summary>The highest bit below an address: of several entries, those that say something hold, and of these the last.</summary>
    private const ulong SaysSomething = 1UL << 31;

    /// <summary>How far an address can be in front of the table, or behind it, in bytes.</summary>
    private const long Reach = 1L << 31;

    private readonly Section _entries;
    private readonly int _form;
    private readonly ulong _start;

    /// <summary>Above 32 bits the address, counted from the first one, and below <see cref="SaysSomething"/> the index of the entry.</summary>
    private readonly ulong[] _order;

    private OrcTable(Section places, Section entries)
    {
        _entries = entries;
        _form = FindForm(entries);
        int count = (int)(entries.Size / (ulong)OrcEntry.Layout.Size);

        // Whatever a place says, no address is further in front of the first one.
        _start = unchecked(places.Address.Value - (ulong)Reach);
        _order = new ulong[count];
        ReadOnlySpan<byte> bytes = places.Bytes;
        for (int i = 0; i < count; i++)
        {
            int at = i * OrcPlace.Layout.Size;
            long offset = at + (long)OrcPlace.Parse(bytes[at..]).Offset + Reach;
            if (offset > uint.MaxValue)
                throw Broken(PlacesName, places, at, "an address at most 2 GiB behind the table", KallsymsFaults.Text($"one that is 0x{offset:x} behind"));
            _order[i] = ((ulong)offset << 32) | (Read(i).Type == OrcType.EndOfStack ? 0 : SaysSomething) | (uint)i;
        }

        // Up to 5.5 the kernel sorts them itself, once it runs.
        Array.Sort(_order);
    }

    /// <summary>The number of entries.</summary>
    public int Count => _order.Length;

    /// <summary>Reads the tables of a kernel.</summary>
    /// <returns>Null if it has none.</returns>
    /// <exception cref="BootFormatException">They are broken, or of a form that is not known.</exception>
    public static OrcTable? Read(ElfFile elf)
    {
        if (elf.Header.Machine != ElfMachine.X8664 || elf.Word != WordSize.Bits64)
            return null;
        if (!elf.Sections.TryFind(PlacesName, out Section places) || !elf.Sections.TryFind(EntriesName, out Section entries))
            return null;
        ulong count = entries.Size / (ulong)OrcEntry.Layout.Size;
        if (!entries.HasBytes || entries.Size % (ulong)OrcEntry.Layout.Size != 0 || !places.HasBytes || places.Size != count * (ulong)OrcPlace.Layout.Size)
        {
            string found = KallsymsFaults.Text($"{entries.Size} bytes, and {places.Size} of places");
            throw Broken(EntriesName, entries, 0, "entries of 6 bytes, and a place of 4 bytes for each", found);
        }

        return new OrcTable(places, entries);
    }

    /// <summary>From where on an entry holds.</summary>
    public ulong AddressOf(int index) => unchecked(_start + (_order[index] >> 32));

    /// <summary>The entry that holds at an address: the last one that does not start behind it, or the first of all.</summary>
    public int IndexAt(ulong address)
    {
        if (address <= _start)
            return 0;
        if (address - _start > uint.MaxValue)
            return Count;
        int behind = ~Array.BinarySearch(_order, ((address - _start) << 32) | uint.MaxValue);
        return Math.Max(0, behind - 1);
    }

    /// <summary>What holds from there on. Of several entries of one address that is the last one.</summary>
    public OrcRow RowOf(int index) => Read((int)(_order[index] & (SaysSomething - 1)));

    /// <summary>
    /// Finds the form by the entry that is the most common one, since each function begins with it: only the return address is on the stack.
    /// </summary>
    /// <returns>The information in that entry, which is another one in each form.</returns>
    private static int FindForm(Section entries)
    {
        int[] forms = [Oldest, Older, Newest];
        int[] seen = new int[forms.Length];
        int all = 0;
        ReadOnlySpan<byte> bytes = entries.Bytes;
        for (int at = 0; at < bytes.Length; at += OrcEntry.Layout.Size)
        {
            OrcEntry entry = OrcEntry.Parse(bytes[at..]);
            if (entry.StackOffset != sizeof(ulong) || entry.BaseOffset != 0)
                continue;
            all++;
            if (Array.IndexOf(forms, (int)entry.Info) is >= 0 and var form)
                seen[form]++;
        }

        int best = Array.IndexOf(seen, seen.Max());
        return seen[best] > all / 2
            ? forms[best]
            : throw Broken(EntriesName, entries, 0, "most functions to begin with the return address on the stack", "another form");
    }

    private static BootFormatException Broken(string name, Section section, int at, string expected, string found) =>
        new(BootErrorCode.Malformed, name, "", (long)section.FileOffset + at, expected, found);

    private static OrcRegister Newer(OrcRegister register) => (OlderOrcRegister)register switch
    {
        OlderOrcRegister.PreviousStack => OrcRegister.PreviousStack,
        OlderOrcRegister.Dx => OrcRegister.Dx,
        OlderOrcRegister.Di => OrcRegister.Di,
        OlderOrcRegister.Base => OrcRegister.Base,
        OlderOrcRegister.Stack => OrcRegister.Stack,
        OlderOrcRegister.R10 => OrcRegister.R10,
        OlderOrcRegister.R13 => OrcRegister.R13,
        OlderOrcRegister.BaseIndirect => OrcRegister.BaseIndirect,
        OlderOrcRegister.StackIndirect => OrcRegister.StackIndirect,
        OlderOrcRegister.Ax => OrcRegister.Ax,
        OlderOrcRegister.Undefined => OrcRegister.Undefined,
        _ => (OrcRegister)byte.MaxValue,
    };

    private OrcRow Read(int index)
    {
        OrcEntry entry = OrcEntry.Parse(_entries.Bytes[(index * OrcEntry.Layout.Size)..]);
        OrcType type = entry.Info.GetKind();
        OrcRegister stack = entry.Info.GetStackRegister();
        OrcRegister callers = entry.Info.GetBaseRegister();
        bool isSignal = entry.Info.HasFlag(OrcInfo.Signal);
        if (_form != Newest)
            (stack, callers) = (Newer(stack), Newer(callers));
        if (_form == Oldest)
        {
            type = (OlderOrcType)((int)type & 3) switch
            {
                OlderOrcType.Call => OrcType.Call,
                OlderOrcType.Registers => OrcType.Registers,
                OlderOrcType.PartialRegisters => OrcType.PartialRegisters,
                _ => OrcType.Undefined,
            };
            isSignal = type != OrcType.Call;
        }

        bool isKnown = type is OrcType.Call or OrcType.Registers or OrcType.PartialRegisters
            && stack is not (OrcRegister.Undefined or OrcRegister.PreviousStack or > OrcRegister.BaseIndirect)
            && callers is OrcRegister.Undefined or OrcRegister.PreviousStack or OrcRegister.Base;
        return isKnown ? new OrcRow(type, isSignal, stack, entry.StackOffset, callers, entry.BaseOffset) : OrcRow.End;
    }
}
