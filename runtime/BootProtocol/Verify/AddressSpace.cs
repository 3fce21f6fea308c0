using System.Buffers.Binary;
using System.Globalization;
using BootProtocol.Memory;
using BootProtocol.Rules;
using BootProtocol.X86;

namespace BootProtocol.Verify;

/// <summary>What a domain's page tables map, found by walking them as a hypervisor does that takes them over.</summary>
/// <remarks>
/// This walk is its own, apart from PageTable, by which the tables are written: an error there would be one here, too, and not be found. It
/// also keeps what no other walk needs: every place of every table, and what the entries above a page allow.
/// </remarks>
internal sealed class AddressSpace
{
    private const int EntriesOfTable = 512;

    /// <summary>The most violations that a walk reports: one bad table can be in as many places as there may be.</summary>
    private const int MaximumViolations = 4096;
    private const int LastOfPaeTop = 3;

    private readonly XenPvImage _image;
    private readonly MachineMap _machine;
    private readonly List<Violation> _violations;
    private readonly Dictionary<ulong, MappedPage> _pages = [];
    private readonly Dictionary<Pfn, int> _levels = [];
    private readonly List<MappedTable> _tables = [];
    private readonly ulong _maximumTables;

    private AddressSpace(XenPvImage image, MachineMap machine, List<Violation> violations)
    {
        _image = image;
        _machine = machine;
        _violations = violations;
        _maximumTables = MaximumTables(image.FrameCount);
    }

    /// <summary>The page tables, from the top one down, each at every place where it is used.</summary>
    public IReadOnlyList<MappedTable> Tables => _tables;

    /// <summary>Whether the walk ended early, as tables are used more often than any domain needs.</summary>
    public bool IsEndless { get; private set; }

    /// <summary>Walks from a top table.</summary>
    public static AddressSpace Walk(XenPvImage image, MachineMap machine, Pfn top, List<Violation> violations)
    {
        var space = new AddressSpace(image, machine, violations);
        int before = violations.Count;
        if (image.Word == WordSize.Bits64)
            space.Enter(new MappedTable(top, 4, 0, ulong.MaxValue));
        else
            space.Enter(new MappedTable(top, 3, 0, uint.MaxValue));
        if (space.IsEndless)
        {
            string found = string.Create(CultureInfo.InvariantCulture, $"more than {space._maximumTables} uses of {space._levels.Count} tables");
            violations.Insert(before, new Violation(XenPvRule.TableUses, found));
            return space;
        }

        space.CheckReadOnly();
        return space;
    }

    /// <summary>Whether a frame is a page table.</summary>
    public bool IsTable(Pfn frame) => _levels.ContainsKey(frame);

    /// <summary>Whether something is mapped at an address.</summary>
    public bool IsMapped(Vaddr address) => _pages.ContainsKey(address.Value >> 12);

    /// <summary>The domain's frame that an address is mapped to; null if there is none.</summary>
    public Pfn? Find(Vaddr address) =>
        _pages.TryGetValue(address.Value >> 12, out MappedPage page) ? _machine.Find(FrameOf(page.Entry)) : null;

    /// <summary>Whether the page at an address may be written.</summary>
    public bool IsWritable(Vaddr address) => _pages.TryGetValue(address.Value >> 12, out MappedPage page) && page.IsWritable;

    /// <summary>Whether instructions may be fetched from the page at an address.</summary>
    public bool IsExecutable(Vaddr address) => _pages.TryGetValue(address.Value >> 12, out MappedPage page) && page.IsExecutable;

    /// <summary>Reads mapped bytes.</summary>
    /// <returns>False if some of them are not mapped to frames of the domain.</returns>
    public bool TryRead(Vaddr address, Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            if (Find(address) is not { } frame)
                return false;
            int offset = (int)(address.Value % X86Page.Size);
            int length = Math.Min(destination.Length, X86Page.Size - offset);
            _image.Memory.Read(new Paddr((frame.Value << 12) + (ulong)offset), destination[..length]);
            destination = destination[length..];
            address = new Vaddr(unchecked(address.Value + (ulong)length));
        }

        return true;
    }

    /// <summary>How often tables may be used in all, each counted at every place: a hypervisor allows one to be in many.</summary>
    /// <remarks>
    /// At its start a domain uses about one for 512 of its frames, each once. Linux, when it runs, has one small table in 2048 places
    /// (arch/x86/kernel/espfix_64.c). A few tables whose entries all name the next one would be walked for ever.
    /// </remarks>
    private static ulong MaximumTables(ulong frameCount) => 4096 + (frameCount / 128);

    private static ulong EntryOf(ReadOnlySpan<byte> table, int index) =>
        BinaryPrimitives.ReadUInt64LittleEndian(table[(index * sizeof(ulong))..]);

    private static bool IsPresent(ulong entry) => (entry & (ulong)Pte.Present) != 0;

    private static Mfn FrameOf(ulong entry) => new((entry & (ulong)Pte.Frame) >> 12);

    /// <summary>The lowest address that an entry of a table translates, sign-extended as the processor requires.</summary>
    private static ulong AddressOf(MappedTable table, int index)
    {
        ulong address = table.First + ((ulong)index << (12 + (9 * (table.Level - 1))));
        return table.Level == 4 && index >= EntriesOfTable / 2 ? address | 0xffff_0000_0000_0000 : address;
    }

    private void Enter(MappedTable table)
    {
        if (!_levels.TryAdd(table.Frame, table.Level) && _levels[table.Frame] != table.Level)
        {
            Report(XenPvRule.TableLevel, $"frame {table.Frame} at levels {_levels[table.Frame]} and {table.Level}");
            return;
        }

        if ((ulong)_tables.Count == _maximumTables)
        {
            IsEndless = true;
            return;
        }

        _tables.Add(table);
        Span<byte> bytes = stackalloc byte[X86Page.Size];
        _image.Memory.Read(new Paddr(table.Frame.Value << 12), bytes);
        bool isPaeTop = table.Level == 3 && _image.Word == WordSize.Bits32;
        int count = isPaeTop ? LastOfPaeTop + 1 : EntriesOfTable;
        for (int i = 0; i < count; i++)
        {
            ulong entry = EntryOf(bytes, i);
            if (IsPresent(entry))
                Follow(table, i, entry);
        }

        if (isPaeTop)
            CheckLast(bytes);
    }

    /// <summary>The hypervisor keeps entries of its own in the table of the highest GiB, which is shared with no other for that reason.</summary>
    private void CheckLast(ReadOnlySpan<byte> top)
    {
        ulong last = EntryOf(top, LastOfPaeTop);
        if (!IsPresent(last))
        {
            Report(XenPvRule.LastTable, "none");
            return;
        }

        for (int i = 0; i < LastOfPaeTop; i++)
        {
            ulong entry = EntryOf(top, i);
            if (IsPresent(entry) && FrameOf(entry) == FrameOf(last))
                Report(XenPvRule.LastTable, string.Create(CultureInfo.InvariantCulture, $"that of entry {i}, machine frame {FrameOf(last)}"));
        }
    }

    private void Follow(MappedTable table, int index, ulong entry)
    {
        ulong first = AddressOf(table, index);
        if (table.Level == 1)
        {
            MapPage(table, first, entry);
            return;
        }

        // An entry for a level 2 table lies partly in the hypervisor's range for 32 bits: only what it maps there counts.
        ulong last = first + (1UL << (12 + (9 * (table.Level - 1)))) - 1;
        string place = $"0x{entry:x} at level {table.Level} for 0x{first:x}";
        if (table.Level is 2 or 3 && (entry & (ulong)Pde.PageSize) != 0)
            Report(XenPvRule.LargePage, place);
        else if ((entry & RefusedBits.Of(_image.Word, table.Level)) != 0)
            Report(XenPvRule.TableEntry, place);
        else if (IsHole(first) && IsHole(last))
            Report(XenPvRule.Hole, place);
        else if (_machine.Find(FrameOf(entry)) is { } frame)
            Enter(new MappedTable(frame, table.Level - 1, first, last, IsWritableBelow(table, entry), IsExecutableBelow(table.IsExecutable, entry)));
        else
            Report(XenPvRule.TableOwned, place);
    }

    private void MapPage(MappedTable table, ulong address, ulong entry)
    {
        if (IsHole(address))
            Report(XenPvRule.Hole, $"0x{entry:x} for 0x{address:x}");
        else if ((entry & RefusedBits.Of(_image.Word, 1)) != 0)
            Report(XenPvRule.PageEntry, $"0x{entry:x} for 0x{address:x}");
        else if (_machine.Find(FrameOf(entry)) is null)
            Report(XenPvRule.MappingOwned, $"machine frame {FrameOf(entry)} at 0x{address:x}");
        else
            _pages[address >> 12] = new MappedPage(entry, IsWritableBelow(table, entry), IsExecutableBelow(table.IsExecutable, entry));
    }

    /// <summary>Entries of a PAE top table have no such bit: a 64-bit hypervisor, whose processor looks at it, sets it (adjust_guest_l3e).</summary>
    private bool IsWritableBelow(MappedTable table, ulong entry) =>
        table.IsWritable && ((entry & (ulong)Pte.Writable) != 0 || (_image.Word == WordSize.Bits32 && table.Level == 3));

    private static bool IsExecutableBelow(bool isExecutable, ulong entry) => isExecutable && (entry & (ulong)Pte.ExecuteDisable) == 0;

    /// <summary>What counts is the entry of the page alone: the hypervisor asks whether it could be written if those above it allowed it.</summary>
    private void CheckReadOnly()
    {
        foreach ((ulong address, MappedPage page) in _pages)
        {
            if ((page.Entry & (ulong)Pte.Writable) != 0 && _machine.Find(FrameOf(page.Entry)) is { } frame && IsTable(frame))
                Report(XenPvRule.TableReadOnly, $"frame {frame} may be written at 0x{address << 12:x}");
        }
    }

    private bool IsHole(ulong address) => _image.Word == WordSize.Bits64
        ? address is >= XenHole.Start64 and <= XenHole.Last64
        : address >= XenHole.Start32;

    private void Report(XenPvRule rule, string found)
    {
        if (_violations.Count < MaximumViolations)
            _violations.Add(new Violation(rule, found));
    }
}
