using System.Globalization;
using BootProtocol.Elf;
using BootProtocol.Kernels;
using BootProtocol.Memory;
using BootProtocol.Rules;
using BootProtocol.Xen;

namespace BootProtocol.Domains;

/// <summary>Builds paravirtualised guests of Xen, of 64 bits and of 32 bits with PAE.</summary>
/// <remarks>
/// <para>
/// A guest is laid out byte for byte as by Xen's own domain builder, libxenguest 4.17. Sources: Xen's public headers xen.h (the
/// start-of-day layout above start_info), elfnote.h and arch-x86/xen.h; tools/libs/guest/xg_dom_core.c and xg_dom_x86.c.
/// </para>
/// <para>
/// On purpose, this differs: an initial ramdisk that gzip compressed is passed as it is, as kernels unpack it themselves. A command line
/// longer than 1023 bytes is refused, not cut. What would come to lie in the hypervisor's hole, at addresses that no processor has or,
/// at INIT_P2M, over the kernel, is refused, as the hypervisor would refuse it, and so is a hypercall page outside of the kernel, and
/// a kernel whose segments have no byte in memory. A list at INIT_P2M that needs no page tables of its own can be built. Behind a kernel
/// with BSD_SYMTAB, unused bytes are zero, and no names are left out.
/// </para>
/// </remarks>
/// <example><code>
/// var builder = new XenPvBuilder { MemorySize = 64 &lt;&lt; 20, CommandLine = "console=hvc0", Frames = new ContiguousFrames(new Mfn(0x8000)) };
/// using XenPvDomain guest = builder.Build(kernel);
/// Console.WriteLine($"start_info at {guest.StartInfoAddress}, page tables from frame {guest.TopTable} on");
/// </code></example>
public sealed class XenPvBuilder : DomainBuilder
{
    /// <summary>Machine frames below this have an address of 32 bits.</summary>
    internal const int LowFrames = 1 << 20;

    private static readonly ContiguousFrames _defaultFrames = new(new Mfn(LowFrames));

    /// <summary>The machine frame of the guest's first frame by default: 0x100000, at 4 GiB.</summary>
    public static Mfn DefaultFirstFrame { get; } = new(LowFrames);

    /// <summary>The machine frames behind the guest's; by default those in a row from <see cref="DefaultFirstFrame"/> on.</summary>
    public IMachineFrames Frames { get; init; } = _defaultFrames;

    /// <summary>
    /// The machine frame of the page that the guest shares with the hypervisor; null for the one behind the guest's last. A 32-bit guest
    /// gets the lower 32 bits of its address. Where <see cref="Frames"/> are the caller's, null is for such a guest the first one behind its last
    /// whose lower bits are not 0, and not of its own frames.
    /// </summary>
    public Mfn? SharedInfoFrame { get; init; }

    /// <summary>The event channel to xenstore.</summary>
    public uint StorePort { get; init; } = 1;

    /// <summary>The event channel to the console.</summary>
    public uint ConsolePort { get; init; } = 2;

    /// <summary>What kind of guest it is: start_info's flags, apart from SIF_MOD_START_PFN.</summary>
    public StartInfoFlags Flags { get; init; } = StartInfoFlags.VirtualP2MForTools;

    /// <summary>
    /// Whether the kernel is given boot_params, in rsi or esi in place of start_info, to which hardware_subarch and hardware_subarch_data
    /// lead: one structure for bare machines and for Xen. Command line and initial ramdisk are in both.
    /// </summary>
    public bool WithBootParams { get; init; }

    /// <summary>
    /// Whether the initial ramdisk is mapped behind the kernel for a kernel, too, that takes it by its frame number: needed where start_info's
    /// flags do not reach the guest, as after a restore.
    /// </summary>
    public bool MapInitrd { get; init; }

    /// <summary>Builds a guest.</summary>
    /// <param name="kernel">Its kernel, whose image must be open; it is not needed afterwards.</param>
    /// <exception cref="BootException">
    /// The kernel is broken or cannot be started so, something has no room, or what is asked for is not possible.
    /// </exception>
    public XenPvDomain Build(Kernel kernel) => BuildIn(kernel, Build);

    private XenPvDomain Build(Kernel kernel, GuestMemory memory)
    {
        byte[] commandLine = CheckOptions();
        ulong frameCount = MemorySize / X86Page.Size;
        LinuxHeader? header = WithBootParams ? LinuxHeader.Of(kernel) : null;
        if (header is not null)
            XenPvBootParams.Check(header, commandLine.Length);
        using KernelPlacer placer = KernelPlacer.Decode(kernel, memory);
        ElfFile file = placer.Kernel.Elf;
        if (BootWays.XenPvReason(file) is { } reason)
            throw new BootRequestException(BootErrorCode.NotPossible, "kernel", "", null, "one that can be started by xen-pv", $"one that cannot: {reason}");
        CommandLineLimit.Of(placer.Kernel)?.Check(commandLine.Length);
        WordSize word = file.Word;
        var xen = XenGuestParameters.Read(file);
        byte[] symbols = xen.WantsBsdSymbols ? XenPvSymbols.Make(file, XenGuestParameters.PhysicalRange(file).End) : [];
        XenPvLayout layout = MemoryNeed.Plan(MemorySize, size =>
        {
            if (header is not null)
                XenPvBootParams.CheckMemory(size);
            return XenPvLayout.Plan(xen, word, (ulong)symbols.Length, (ulong)InitrdLength, size / X86Page.Size, WithBootParams, MapInitrd);
        });

        var frames = new GuestFrames(Frames, word);
        Mfn topTable = CheckTopTable(frames[layout.TopTable], word, xen.PaeMode);
        VmAssistFlags assists = word == WordSize.Bits32 && xen.PaeMode != XenPaeMode.Yes ? VmAssistFlags.PaeExtendedCr3 : 0;
        Paddr linked = placer.LinkedStart;
        var placed = new KernelPlacement(word, layout.Kernel, placer.Length, linked, 0, xen.Entry.Value);
        Vaddr stack = layout.AddressOf(new Pfn(layout.Stack.Value + 1));
        Vaddr pointer = layout.AddressOf(layout.BootParams ?? layout.StartInfo);
        byte[] context = XenPvContext.Make(word, xen.Entry, stack, pointer, topTable, assists);
        var domain = new XenPvDomain(memory, layout, placed, context, XenPvStartInfo.MakeSharedInfo(word))
        {
            FrameCount = frameCount,
            Frames = Frames,
            SharedInfoFrame = SharedInfoFrame ?? SharedInfoPlace.Choose(frames, frameCount, ReferenceEquals(Frames, _defaultFrames) ? null : word),
            Assists = assists,
            HypercallFrame = FindHypercallFrame(xen, layout),
        };

        Memory<byte> image = placer.Place(layout.Kernel, 0, (ulong)symbols.Length);
        symbols.CopyTo(image.Span[(int)placed.Length..]);
        Fill(memory, layout, domain, frames, commandLine, header);
        return domain;
    }

    private byte[] CheckOptions()
    {
        if (Kaslr.IsRandom || Kaslr.Offset != 0)
        {
            string found = Kaslr.IsRandom ? "any" : $"0x{Kaslr.Offset:x}";
            throw new BootRequestException(BootErrorCode.NotAllowed, "relocations", "offset", null, "0x0: the notes of a PV kernel say where it runs", found);
        }

        if (Flags.HasFlag(StartInfoFlags.InitialDomain))
            throw new BootRequestException(BootErrorCode.NotAllowed, "start_info", "flags", null, "a guest that is not the first domain", "SIF_INITDOMAIN");
        byte[] commandLine = EncodeCommandLine();
        if (commandLine.Length > XenPvStartInfo.MaximumCommandLine)
        {
            throw new BootRequestException(
                BootErrorCode.TooLarge,
                "start_info",
                "cmd_line",
                null,
                $"at most {XenPvStartInfo.MaximumCommandLine} bytes",
                string.Create(CultureInfo.InvariantCulture, $"{commandLine.Length} bytes"));
        }

        return commandLine;
    }

    private static Mfn CheckTopTable(Mfn frame, WordSize word, XenPaeMode mode)
    {
        if (word == WordSize.Bits32 && mode == XenPaeMode.Yes && frame.Value >= LowFrames)
        {
            const string Expected = "a top page table below 4 GiB: the kernel does not say that it takes one above";
            throw new BootRequestException(BootErrorCode.NotAllowed, "machine frames", "page tables", null, Expected, $"machine frame {frame}");
        }

        return frame;
    }

    private static Pfn? FindHypercallFrame(XenGuestParameters kernel, XenPvLayout layout)
    {
        if (kernel.HypercallPage is not { } page)
            return null;
        if (page < kernel.Start || page >= kernel.End)
        {
            string expected = $"an address in the kernel, {kernel.Start} to {kernel.End}, as the page is overwritten";
            throw new BootFormatException(BootErrorCode.BadValue, "note Xen", "HYPERCALL_PAGE", null, expected, $"{page}");
        }

        return new Pfn((page.Value - layout.AddressOf(default).Value) / X86Page.Size);
    }

    /// <summary>Claims and fills everything but the kernel.</summary>
    private void Fill(
        GuestMemory memory, XenPvLayout layout, XenPvDomain domain, GuestFrames frames, ReadOnlySpan<byte> commandLine, LinuxHeader? header)
    {
        if (layout.Initrd is { } initrd)
            CopyInitrds(memory.Claim(initrd.ToPaddr(), InitrdLength).Span);
        Pfn first = layout.IsP2MApart ? layout.StartInfo : layout.P2M;
        Pfn last = layout.BootParams ?? layout.Stack;
        memory.Claim(first.ToPaddr(), (long)((last.Value + 1 - first.Value) * X86Page.Size));
        if (layout.IsP2MApart)
            memory.Claim(layout.P2M.ToPaddr(), (long)((layout.End.Value - layout.P2M.Value) * X86Page.Size));

        Span<byte> list = memory.Slice(layout.P2M.ToPaddr(), (int)(layout.P2MPages * X86Page.Size)).Span;
        P2MList.Write(list, domain.Placement.Word, domain.FrameCount, frames);
        layout.Tables.Write(memory, frames);
        Span<byte> page = memory.Slice(layout.StartInfo.ToPaddr(), X86Page.Size).Span;
        XenPvStartInfo.Write(page, domain, layout, this, commandLine, (ulong)InitrdLength);
        if (header is not null && layout.BootParams is { } bootParams)
        {
            var text = new Paddr(layout.StartInfo.ToPaddr().Value + (ulong)XenPvStartInfo.CommandLineAt(domain.Placement.Word));
            Paddr module = layout.Initrd.GetValueOrDefault().ToPaddr();
            page = memory.Slice(bootParams.ToPaddr(), X86Page.Size).Span;
            XenPvBootParams.Write(
                page, header, domain.StartInfoAddress, text, module, (ulong)InitrdLength, domain.FrameCount * X86Page.Size);
        }
    }
}
