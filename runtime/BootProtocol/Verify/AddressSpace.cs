using System.Buffers.Binary;
using System.Globalization;
using BootProtocol.Elf;
using BootProtocol.Memory;
using BootProtocol.X86;

namespace BootProtocol.Verify;

/// <summary>What a domain's page tables map, found by walking them as a hypervisor does that takes them over.</summary>
internal sealed class AddressSpace
{
    private const int EntriesOfTable = 512;

    /// <summary>The most violations that a walk tells: one bad table can be in as many places as there may be.</summary>
    private const int MaximumViolations = 4096;
    private const ulong AllAccess = (ulong)(Pte.Present | Pte.Writable | Pte.User);

    /// <summary>Bits that an entry of an upper table may have: access, cache and accessed bits, the frame.</summary>
    private const ulong UpperBits = (ulong)(
        Pte.Present | Pte.Writable | Pte.User | Pte.WriteThrough | Pte.CacheDisable | Pte.Accessed | Pte.Dirty | Pte.Frame);

    private readonly XenPvImage _image;
    private readonly MachineMap _machine;
    private readonly List<Violation> _violations;
    private readonly Dictionary<ulong, ulong> _pages = [];
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
        _pages.TryGetValue(address.Value >> 12, out ulong entry) ? _machine.Find(FrameOf(entry)) : null;

    /// <summary>Whether the page at an address may be written.</summary>
    public bool IsWritable(Vaddr address) =>
        _pages.TryGetValue(address.Value >> 12, out ulong entry) && (entry & (ulong)Pte.Writable) != 0;

    /// <summary>Reads mapped bytes.</summary>
    /// <returns>False if some of them are not mapped to frames of the domain.</returns>
    public bool TryRead(Vaddr address, Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            if (Find(address) is not { } frame)
                return false;
            int offset = (int)(address.Value % GuestMemory.PageSize);
            int length = Math.Min(destination.Length, GuestMemory.PageSize - offset);
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

    private static Mfn FrameOf(ulong entry) => new((entry & (ulong)Pte.Frame) >> 12);

    /// <summary>The lowest address that an entry of a table translates, sign-extended as the processor wants it.</summary>
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
        Span<byte> bytes = stackalloc byte[GuestMemory.PageSize];
        _image.Memory.Read(new Paddr(table.Frame.Value << 12), bytes);
        int count = table.Level == 3 && _image.Word == WordSize.Bits32 ? 4 : EntriesOfTable;
        for (int i = 0; i < count; i++)
        {
            ulong entry = BinaryPrimitives.ReadUInt64LittleEndian(bytes[(i * sizeof(ulong))..]);
            if ((entry & (ulong)Pte.Present) != 0)
                Follow(table, i, entry);
            else if (count == 4 && i == 3)
                Report(XenPvRule.LastTable, "none");
        }
    }

    private void Follow(MappedTable table, int index, ulong entry)
    {
        ulong first = AddressOf(table, index);
        if (table.Level == 1)
        {
            MapPage(first, entry);
            return;
        }

        // An entry for a level 2 table lies partly in the hypervisor's range for 32 bits: only what it maps there counts.
        ulong last = first + (1UL << (12 + (9 * (table.Level - 1)))) - 1;
        string place = $"0x{entry:x} at level {table.Level} for 0x{first:x}";
        if (table.Level == 2 && (entry & (ulong)Pde.PageSize) != 0)
            Report(XenPvRule.LargePage, place);
        else if ((entry & AllAccess) != AllAccess || (entry & ~UpperBits) != 0)
            Report(XenPvRule.TableEntry, place);
        else if (IsHole(first) && IsHole(last))
            Report(XenPvRule.Hole, place);
        else if (_machine.Find(FrameOf(entry)) is { } frame)
            Enter(new MappedTable(frame, table.Level - 1, first, last));
        else
            Report(XenPvRule.TableOwned, place);
    }

    private void MapPage(ulong address, ulong entry)
    {
        if (IsHole(address))
            Report(XenPvRule.Hole, $"0x{entry:x} for 0x{address:x}");
        else if (_machine.Find(FrameOf(entry)) is null)
            Report(XenPvRule.MappingOwned, $"machine frame {FrameOf(entry)} at 0x{address:x}");
        else
            _pages[address >> 12] = entry;
    }

    private void CheckReadOnly()
    {
        foreach ((ulong page, ulong entry) in _pages)
        {
            if ((entry & (ulong)Pte.Writable) != 0 && _machine.Find(FrameOf(entry)) is { } frame && IsTable(frame))
                Report(XenPvRule.TableReadOnly, $"frame {frame} may be written at 0x{page << 12:x}");
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
