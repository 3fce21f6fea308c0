using System.Collections.Immutable;
using BootProtocol.Memory;
using BootProtocol.Xen;

namespace BootProtocol.Domains;

/// <summary>
/// The block that a PVH guest is started with: hvm_start_info, command line, module list, the modules' command lines, and memory map, in
/// the order of Xen's own domain builder, with its room for two modules.
/// </summary>
internal sealed class PvhStartInfo
{
    private const int ModuleRoom = 2;
    private const int ModuleCommandLineRoom = 1024;

    private readonly int _version;
    private readonly byte[] _commandLine;
    private readonly ImmutableArray<byte[]?> _moduleCommandLines;
    private readonly ImmutableArray<MemoryRange> _ranges;
    private readonly int _commandLineAt;
    private readonly int _listAt;
    private readonly int _moduleCommandLinesAt;
    private readonly int _moduleCommandLineRoom;
    private readonly int _mapAt;

    /// <summary>Plans the block.</summary>
    /// <param name="version">The version of hvm_start_info: 0 has no memory map.</param>
    /// <param name="commandLine">The command line, without a NUL.</param>
    /// <param name="moduleCommandLines">The command line of every module, without a NUL; null where there is none.</param>
    /// <param name="map">The memory map.</param>
    public PvhStartInfo(int version, byte[] commandLine, ImmutableArray<byte[]?> moduleCommandLines, MemoryMap map)
    {
        _version = version;
        _commandLine = commandLine;
        _moduleCommandLines = moduleCommandLines;
        _ranges = version == 0 ? [] : map.Ranges;
        int modules = Math.Max(moduleCommandLines.Length, ModuleRoom);
        int longest = moduleCommandLines.Max(static line => line?.Length) ?? 0;
        _commandLineAt = version == 0 ? HvmStartInfo.Layout.Offset.MemmapPaddr : HvmStartInfo.Layout.Size;
        _listAt = _commandLineAt + TextRoom(commandLine.Length);
        _moduleCommandLinesAt = _listAt + (modules * HvmModlistEntry.Layout.Size);
        _moduleCommandLineRoom = Math.Max(ModuleCommandLineRoom, TextRoom(longest));
        long mapAt = _moduleCommandLinesAt + ((long)modules * _moduleCommandLineRoom);
        Length = mapAt + ((long)_ranges.Length * HvmMemmapTableEntry.Layout.Size);
        if (Length > int.MaxValue - X86Page.Size)
            throw new BootRequestException(
                BootErrorCode.TooLarge, "hvm_start_info", "", null, "less than 2 GiB with all that belongs to it", $"0x{Length:x} bytes");
        _mapAt = (int)mapAt;
    }

    /// <summary>Bytes of the whole block.</summary>
    public long Length { get; }

    /// <summary>Names the parts of the block.</summary>
    /// <param name="regions">Where they are added.</param>
    /// <param name="at">Where the block starts.</param>
    /// <param name="reason">Why it starts there.</param>
    public void AddTo(RegionMap regions, Paddr at, string reason)
    {
        Add("hvm_start_info", 0, _commandLineAt, reason);
        Add("command line", _commandLineAt, _listAt, "behind hvm_start_info, as Xen has it");
        Add("module list", _listAt, _moduleCommandLinesAt, "behind the command line, as Xen has it, with room for two modules or more");
        Add("module command lines", _moduleCommandLinesAt, _mapAt, "behind the module list, as Xen has it, with 1 KiB for each or more");
        if (!_ranges.IsEmpty)
            Add("memory map", _mapAt, (int)Length, "behind the command lines of the modules, as Xen has it");

        void Add(string name, int from, int to, string why) =>
            regions.Add(new Region(name, At(at, from), (ulong)(to - from), why));
    }

    /// <summary>Writes the block.</summary>
    /// <param name="block">Its bytes, all zero.</param>
    /// <param name="at">Where it is.</param>
    /// <param name="modules">Where the modules are.</param>
    /// <param name="rsdp">Where the ACPI root pointer is; 0 if there is none.</param>
    public void Write(Span<byte> block, Paddr at, ReadOnlySpan<(Paddr Start, long Length)> modules, Paddr rsdp)
    {
        HvmStartInfo.Writer info = HvmStartInfo.Create(block, (uint)_version);
        info.CmdlinePaddr = At(at, _commandLineAt);
        info.RsdpPaddr = rsdp;
        _commandLine.CopyTo(block[_commandLineAt..]);
        if (!modules.IsEmpty)
        {
            info.NrModules = (uint)modules.Length;
            info.ModlistPaddr = At(at, _listAt);
        }

        for (int i = 0; i < modules.Length; i++)
        {
            HvmModlistEntry.Writer entry = HvmModlistEntry.Create(block[(_listAt + (i * HvmModlistEntry.Layout.Size))..]);
            entry.Paddr = modules[i].Start;
            entry.Size = (ulong)modules[i].Length;
            if (_moduleCommandLines[i] is not { } line)
                continue;
            int place = _moduleCommandLinesAt + (i * _moduleCommandLineRoom);
            entry.CmdlinePaddr = At(at, place);
            line.CopyTo(block[place..]);
        }

        if (_version > 0)
            WriteMap(block, ref info, at);
    }

    private void WriteMap(Span<byte> block, ref HvmStartInfo.Writer info, Paddr at)
    {
        info.MemmapPaddr = At(at, _mapAt);
        info.MemmapEntries = (uint)_ranges.Length;
        for (int i = 0; i < _ranges.Length; i++)
        {
            HvmMemmapTableEntry.Writer entry = HvmMemmapTableEntry.Create(block[(_mapAt + (i * HvmMemmapTableEntry.Layout.Size))..]);
            entry.Addr = _ranges[i].Start;
            entry.Size = _ranges[i].Length;
            entry.Type = (HvmMemmapType)_ranges[i].Type;
        }
    }

    /// <summary>Bytes for a text, its NUL, and what follows it at a multiple of 8.</summary>
    private static int TextRoom(int length) => (length + sizeof(ulong)) & ~(sizeof(ulong) - 1);

    private static Paddr At(Paddr block, int offset) => new(block.Value + (ulong)offset);
}
