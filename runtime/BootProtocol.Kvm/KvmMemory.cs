using System.Collections.Immutable;
using BootProtocol.Kvm.Host;
using BootProtocol.LinuxX86;
using BootProtocol.Memory;

namespace BootProtocol.Kvm;

/// <summary>
/// The memory of a guest of KVM: a mapping for each range of RAM, in which a builder lays the guest out, and which then is the guest's own.
/// </summary>
/// <remarks>
/// Nothing is copied. Pages that neither the builder nor the guest touches cost nothing; large pages are asked for. Ranges that are no
/// whole pages are cut to them.
/// </remarks>
/// <example><code>
/// MemoryMap map = MemoryMap.ForPc(64 &lt;&lt; 20);
/// using var memory = KvmMemory.Allocate(map);
/// using LinuxDomain guest = new LinuxBootBuilder { MemorySize = 64 &lt;&lt; 20, Target = memory, AcpiRsdp = KvmMachine.AcpiRsdp }.Build(kernel);
/// Console.WriteLine($"{guest.Memory == memory}, {memory.Size} bytes");
/// </code></example>
public sealed class KvmMemory : GuestMemory
{
    private readonly ImmutableArray<Block> _blocks;

    private KvmMemory(ImmutableArray<Block> blocks) => _blocks = blocks;

    /// <summary>Bytes of all ranges together.</summary>
    public ulong Size => _blocks.Aggregate(0UL, static (sum, block) => sum + block.Bytes.Length);

    /// <summary>The ranges, ascending; none touches another.</summary>
    internal ImmutableArray<Block> Blocks => _blocks;

    /// <summary>Takes memory for the RAM of a map.</summary>
    /// <param name="map">The map. A domain that is built in this memory must have the same one.</param>
    /// <exception cref="BootRequestException">The map has no RAM.</exception>
    /// <exception cref="KvmException">The system has no room for it.</exception>
    public static KvmMemory Allocate(MemoryMap map)
    {
        ArgumentNullException.ThrowIfNull(map);
        var blocks = ImmutableArray.CreateBuilder<Block>();
        try
        {
            foreach ((ulong start, ulong end) in Ram(map))
                blocks.Add(new Block(start, MappedMemory.Allocate(end - start, start)));
        }
        catch
        {
            foreach (Block block in blocks)
                block.Bytes.Dispose();
            throw;
        }

        return blocks.Count > 0
            ? new KvmMemory(blocks.ToImmutable())
            : throw new BootRequestException(BootErrorCode.NotAllowed, "memory map", "", null, "at least a page of RAM", "none");
    }

    /// <summary>The ranges of RAM in a map, ascending, cut to whole pages, those that touch made one.</summary>
    internal static List<(ulong Start, ulong End)> Ram(MemoryMap map)
    {
        var ranges = new List<(ulong Start, ulong End)>();
        foreach (MemoryRange range in map.Ranges.Where(static range => range.Type == E820Type.Ram).OrderBy(static range => range.Start.Value))
        {
            const ulong PageMask = X86Page.Size - 1;
            ulong start = (range.Start.Value + PageMask) & ~PageMask;
            ulong end = range.End.Value & ~PageMask;
            if (start >= end)
                continue;
            if (ranges.Count > 0 && ranges[^1].End >= start)
                ranges[^1] = (ranges[^1].Start, Math.Max(ranges[^1].End, end));
            else
                ranges.Add((start, end));
        }

        return ranges;
    }

    /// <summary>Looks up bytes of the guest for a device, which may be given any address.</summary>
    /// <param name="start">The first address.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="bytes">The bytes; to be used no longer than the memory is held.</param>
    /// <returns>False if they are not all in one range of RAM.</returns>
    internal bool TryAccess(ulong start, int length, out Span<byte> bytes)
    {
        bool isThere = TryFind(start, (ulong)length, out Block block);
        bytes = isThere ? block.Bytes.Span(start - block.Start, length) : default;
        return isThere;
    }

    /// <summary>Keeps the memory where it is, even over disposal.</summary>
    internal void Hold()
    {
        foreach (Block block in _blocks)
            block.Bytes.Hold();
    }

    /// <summary>Undoes <see cref="Hold"/>.</summary>
    internal void Release()
    {
        foreach (Block block in _blocks)
            block.Bytes.Release();
    }

    /// <inheritdoc/>
    protected override bool Has(Paddr start, long length) => TryFind(start.Value, (ulong)length, out _);

    /// <inheritdoc/>
    protected override Memory<byte> Provide(Paddr start, int length) => TryFind(start.Value, (ulong)length, out Block block)
        ? block.Bytes.Window(start.Value - block.Start, length)
        : throw new ArgumentOutOfRangeException(nameof(start));

    /// <inheritdoc/>
    protected override void GiveUp(Paddr start, Memory<byte> memory)
    {
        if (!memory.IsEmpty && TryFind(start.Value, (ulong)memory.Length, out Block block))
            block.Bytes.Clear(start.Value - block.Start, memory.Length);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        foreach (Block block in _blocks)
            block.Bytes.Dispose();
    }

    private bool TryFind(ulong start, ulong length, out Block found)
    {
        foreach (Block block in _blocks)
        {
            if (start < block.Start || length > block.Bytes.Length || start - block.Start > block.Bytes.Length - length)
                continue;
            found = block;
            return true;
        }

        found = default;
        return false;
    }

    /// <summary>A range of RAM.</summary>
    /// <param name="Start">Its first address in the guest.</param>
    /// <param name="Bytes">Its bytes.</param>
    internal readonly record struct Block(ulong Start, MappedMemory Bytes);
}
