using System.Buffers.Binary;
using BootProtocol.LinuxX86;
using BootProtocol.Memory;
using BootProtocol.X86;

namespace BootProtocol.Domains;

/// <summary>
/// What a Linux kernel is handed: zero page, command line, segment descriptors, page tables, setup_data list and EFI's memory map, in one piece
/// of memory.
/// </summary>
internal sealed class LinuxParameters
{
    private const ushort CodeSelector = 0x10;
    private const ushort DataSelector = 0x18;
    private const int DescriptorsSize = DataSelector + sizeof(ulong);
    private static readonly Paddr _lowest = new(1 << 20);
    private readonly LinuxBootBuilder _builder;
    private readonly byte[] _commandLine;
    private readonly LinuxHeader _header;
    private readonly LinuxKernelPlan _plan;
    private readonly MemoryMap _map;
    private readonly SetupDataList _list;
    private readonly IdentityTables? _tables;

    /// <summary>The parts: where each starts, in bytes from the first.</summary>
    private readonly long _descriptors;
    private readonly long _pageTables;
    private readonly long _setupData;
    private readonly long _efiMap;
    private readonly long _end;
    private Paddr _start;

    /// <summary>Checks what the caller asks for against what the kernel takes.</summary>
    /// <exception cref="BootException">The command line is too long, or something else is not allowed.</exception>
    public LinuxParameters(LinuxBootBuilder builder, byte[] commandLine, LinuxHeader header, LinuxKernelPlan plan, MemoryMap map)
    {
        _builder = builder;
        _commandLine = commandLine;
        _header = header;
        _plan = plan;
        _map = map;
        CheckCommandLine();
        CheckLevels();
        ReadOnlySpan<MemoryRange> ranges = map.Ranges.AsSpan();
        _list = new SetupDataList(builder.SetupData, ranges[Math.Min(ranges.Length, E820Writer.MaximumInPage)..], header);
        _tables = builder.Mode == WordSize.Bits64 ? new IdentityTables(plan.Placement.Start, plan.Window, builder.FiveLevels) : null;
        _descriptors = X86Page.Size + Align(commandLine.Length + 1);
        _pageTables = _descriptors + X86Page.Size;
        _setupData = _pageTables + (_tables?.Size ?? 0);
        _efiMap = _setupData + Align(_list.Size);
        _end = _efiMap + Align(builder.EfiMemoryMap.Length);
    }

    /// <summary>Takes the place for all of it.</summary>
    /// <exception cref="BootException">There is none, or the caller's is not allowed.</exception>
    public void AddTo(RegionMap regions)
    {
        const string Name = "boot_params";
        ulong length = (ulong)_end;
        var limit = new Paddr(LinuxKernelPlan.Limit32);
        string reason;
        if (_builder.ParametersAddress is { } wish)
        {
            if (wish.Value % X86Page.Size != 0 || wish > limit || length > limit.Value - wish.Value)
            {
                throw new BootRequestException(
                    BootErrorCode.NotAllowed, "memory", Name, null, "the address of a page, all below 4 GiB", $"0x{length:x} bytes at {wish}");
            }

            _start = wish;
            reason = "where the caller wants it";
        }
        else if (_header.InitSize is null)
        {
            var end = new Paddr(_header.Fields.InitrdAddrMax + 1UL);
            _start = regions.FindHighest(Name, length, X86Page.Size, _lowest, end);
            reason = "the highest free place: the header does not state how much memory behind the kernel its start uses";
        }
        else
        {
            _start = regions.FindLowest(Name, length, X86Page.Size, _lowest, limit);
            reason = "the lowest free place above 1 MiB, below which firmware has its data";
        }

        string register = _tables is null ? "esi" : "rsi";
        regions.Add(new Region(Name, _start, X86Page.Size, $"{register} points at it; {reason}"));
        regions.Add(Part("command line", X86Page.Size, _descriptors, "behind boot_params; cmd_line_ptr points at it"));
        regions.Add(Part("segment descriptors", _descriptors, _pageTables, "what selectors 0x10 and 0x18 stand for at the entry"));
        if (_tables is not null)
        {
            string mapped = $"identity, {(_builder.FiveLevels ? 5 : 4)} levels: the first 4 GiB and all that the kernel uses at first";
            regions.Add(Part("page tables", _pageTables, _setupData, mapped));
        }

        if (!_list.IsEmpty)
            regions.Add(Part("setup_data", _setupData, _efiMap, $"hdr.setup_data points at it: {_list.Types}"));
        if (!_builder.EfiMemoryMap.IsEmpty)
            regions.Add(Part("EFI memory map", _efiMap, _end, "efi_info.efi_memmap points at it"));
    }

    /// <summary>Writes all of it.</summary>
    /// <returns>The state of the processor that finds it.</returns>
    public CpuState Write(GuestMemory memory, Region? initrd)
    {
        Span<byte> block = memory.Claim(_start, _end).Span;
        WritePage(block[..X86Page.Size], initrd);
        _commandLine.CopyTo(block[X86Page.Size..]);
        WriteDescriptors(block[(int)_descriptors..]);
        _tables?.Write(block[(int)_pageTables..], At(_pageTables));
        _list.Write(block[(int)_setupData..], At(_setupData));
        _builder.EfiMemoryMap.Span.CopyTo(block[(int)_efiMap..]);
        bool isLong = _tables is not null;
        return new CpuState
        {
            IsLongMode = isLong,
            InstructionPointer = new Paddr(_plan.Placement.Entry),
            Rsi = _start.Value,
            Cr0 = (ulong)(isLong ? Cr0.Pe | Cr0.Et | Cr0.Pg : Cr0.Pe | Cr0.Et),
            Cr3 = isLong ? At(_pageTables).Value : 0,
            Cr4 = !isLong ? 0 : (ulong)(_builder.FiveLevels ? Cr4.Pae | Cr4.La57 : Cr4.Pae),
            Efer = isLong ? (ulong)(Efer.Lme | Efer.Lma) : 0,
            DescriptorTable = At(_descriptors),
            CodeSelector = CodeSelector,
            DataSelector = DataSelector,
        };
    }

    private void WritePage(Span<byte> page, Region? initrd)
    {
        _header.Bytes.CopyTo(page[BootParams.Layout.Offset.Hdr..]);
        BootParams.Writer parameters = BootParams.Edit(page);
        _builder.Edit?.Invoke(parameters);

        SetupHeader.Writer header = parameters.Hdr;
        SetupHeader fields = header.AsView();
        LinuxLoader.Write(header, _builder.Loader);
        LoadFlags flags = (fields.Loadflags | LoadFlags.LoadedHigh) & ~LoadFlags.Kaslr;
        if (_builder.Quiet)
            flags |= LoadFlags.Quiet;

        // The decompressor leaves this sign for the kernel; here its work is done already.
        if (_builder.Kaslr.IsRandom || _plan.Placement.VirtualOffset != 0)
            flags |= LoadFlags.Kaslr;
        header.Loadflags = flags;
        if (_plan.DecompressesItself && _plan.Placement.Start.Value <= uint.MaxValue)
            header.Code32Start = _plan.Placement.Start;
        if (_header.AlignmentAt(_plan.Placement.Start) is { } alignment)
            header.KernelAlignment = alignment;
        if (fields.CmdLinePtr is not null)
            header.CmdLinePtr = At(X86Page.Size);
        if (!_list.IsEmpty)
            header.SetupData = At(_setupData);
        if (initrd is not null)
        {
            header.RamdiskImage = new Paddr((uint)initrd.Start.Value);
            header.RamdiskSize = (uint)initrd.Length;
            parameters.ExtRamdiskImage = (uint)(initrd.Start.Value >> 32);
            parameters.ExtRamdiskSize = (uint)(initrd.Length >> 32);
        }

        if (_builder.AcpiRsdp.Value != 0)
            parameters.AcpiRsdpAddr = _builder.AcpiRsdp;
        if (!_builder.EfiMemoryMap.IsEmpty)
        {
            EfiInfo.Writer firmware = parameters.EfiInfo;
            firmware.EfiMemmap = At(_efiMap); // below 4 GiB, as all of this is
            firmware.EfiMemmapHi = 0;
            firmware.EfiMemmapSize = (uint)_builder.EfiMemoryMap.Length;
        }

        E820Writer.Write(parameters, _map.Ranges.AsSpan()[..Math.Min(_map.Ranges.Length, E820Writer.MaximumInPage)]);
    }

    private void WriteDescriptors(Span<byte> place)
    {
        SegmentDescriptor word = _tables is null ? SegmentDescriptor.Default32 : SegmentDescriptor.LongMode;
        ulong code = (ulong)FlatSegment.Of(SegmentType.CodeExecuteReadAccessed, word);
        ulong data = (ulong)FlatSegment.Of(SegmentType.DataReadWriteAccessed, SegmentDescriptor.Default32);
        BinaryPrimitives.WriteUInt64LittleEndian(place[CodeSelector..DescriptorsSize], code);
        BinaryPrimitives.WriteUInt64LittleEndian(place[DataSelector..DescriptorsSize], data);
    }

    private void CheckCommandLine()
    {
        SetupHeader fields = _header.Fields;
        CommandLineLimit.Of(fields).Check(_commandLine.Length);

        // Older kernels look for it behind 0x90000, where firmware may have its data.
        if (_commandLine.Length > 0 && fields.CmdLinePtr is null)
            throw new BootRequestException(BootErrorCode.NotPossible, "command line", "", null, "protocol 2.02 or later", $"{fields.Version}");
    }

    private void CheckLevels()
    {
        if (!_builder.FiveLevels)
            return;
        if (_builder.Mode == WordSize.Bits32)
            throw new BootRequestException(BootErrorCode.NotAllowed, "page tables", "levels", null, "none for the 32-bit entry", "5");
        XloadFlags flags = _header.Fields.Xloadflags;
        XloadFlags needed = _plan.DecompressesItself ? XloadFlags.FiveLevel : XloadFlags.FiveLevel | XloadFlags.FiveLevelEnabled;
        if ((flags & needed) == needed)
            return;
        string names = _plan.DecompressesItself ? "XLF_5LEVEL" : "XLF_5LEVEL and XLF_5LEVEL_ENABLED";
        string found = $"0x{(ushort)flags:x}";
        throw LinuxHeader.Fault("xloadflags", SetupHeader.Layout.Offset.Xloadflags, $"{names}, for page tables of 5 levels", found);
    }

    private Region Part(string name, long start, long end, string reason) => new(name, At(start), (ulong)(end - start), reason);

    private Paddr At(long offset) => new(_start.Value + (ulong)offset);

    private static long Align(long length) => (length + X86Page.Size - 1) & ~(X86Page.Size - 1L);
}
