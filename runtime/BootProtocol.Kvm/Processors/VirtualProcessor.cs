using System.Globalization;
using BootProtocol.Domains;
using BootProtocol.Kvm.Devices;
using BootProtocol.Kvm.Host;

namespace BootProtocol.Kvm.Processors;

/// <summary>A virtual processor, and what it asks of the machine around it. It is for one thread, but any may send it away.</summary>
internal sealed class VirtualProcessor : IDisposable
{
    private const ulong ResetInstruction = 0xfff0;
    private const ulong ResetBase = 0xffff0000;
    private const int LongestAccess = 8;

    private static readonly int _sharedOffset = KvmRun.Layout.Offset.Shared;

    private readonly KvmFile _file;
    private readonly MappedMemory _page;
    private readonly int _id;
    private readonly byte[] _earlier = new byte[KvmSyncRegs.Layout.Size];
    private readonly Lock _gate = new();
    private nint _thread;

    /// <summary>Makes a processor.</summary>
    /// <param name="machine">The machine's file.</param>
    /// <param name="id">Its number and APIC id.</param>
    /// <param name="pageSize">Bytes that it shares with this program.</param>
    /// <param name="cpuid">What CPUID shows.</param>
    /// <exception cref="KvmException">KVM refused it.</exception>
    public VirtualProcessor(KvmFile machine, int id, int pageSize, byte[] cpuid)
    {
        _id = id;
        _file = machine.Make(KvmRequest.CreateVcpu, id, string.Create(CultureInfo.InvariantCulture, $"make processor {id}"));
        try
        {
            _page = _file.Map(pageSize);
            _file.Pass(KvmRequest.SetCpuid2, cpuid, "describe a processor");
            KvmRun.Edit(Page).ValidRegs = KvmSyncFields.Regs | KvmSyncFields.Sregs;
        }
        catch
        {
            _file.Dispose();
            _page?.Dispose();
            throw;
        }
    }

    private Span<byte> Page => _page.Span(0, KvmRun.Layout.Size);

    /// <summary>Has it start as a domain's first processor.</summary>
    /// <exception cref="KvmException">KVM refused the state.</exception>
    public void Start(CpuState cpu)
    {
        byte[] sregs = new byte[KvmSregs.Layout.Size];
        _file.Pass(KvmRequest.GetSregs, sregs, "read a processor's segments");
        StartState.Write(KvmSregs.Edit(sregs), cpu);
        _file.Pass(KvmRequest.SetSregs, sregs, "set a processor's segments and control registers");
        byte[] regs = new byte[KvmRegs.Layout.Size];
        StartState.Write(KvmRegs.Create(regs), cpu);
        _file.Pass(KvmRequest.SetRegs, regs, "set a processor's registers");

        // Until it comes out for the first time, that is all that is known of it.
        regs.CopyTo(_earlier, KvmSyncRegs.Layout.Offset.Regs);
        sregs.CopyTo(_earlier, KvmSyncRegs.Layout.Offset.Sregs);
        _earlier.CopyTo(Page[_sharedOffset..]);
    }

    /// <summary>Runs it on this thread until the machine has ended.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="bus">Its devices.</param>
    /// <exception cref="KvmException">KVM refused a step.</exception>
    public void Run(IMachine machine, DeviceBus bus)
    {
        nint thread = KickSignal.Prepare(_file);
        lock (_gate)
            _thread = thread;
        try
        {
            while (!machine.HasEnded)
            {
                Page.Slice(_sharedOffset, _earlier.Length).CopyTo(_earlier);
                switch (_file.Run())
                {
                    case 0:
                        Handle(machine, bus);
                        break;
                    case SystemLibrary.Interrupted or SystemLibrary.TryAgain:
                        break;
                    case var error:
                        throw new KvmException(string.Create(CultureInfo.InvariantCulture, $"run processor {_id}"), error);
                }
            }
        }
        finally
        {
            lock (_gate)
                _thread = 0;
        }
    }

    /// <summary>Takes it out of the guest, for it to see that the machine has ended.</summary>
    public void Kick()
    {
        lock (_gate)
        {
            if (_thread != 0)
                KickSignal.Send(_thread);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _page.Dispose();
        _file.Dispose();
    }

    private void Handle(IMachine machine, DeviceBus bus)
    {
        KvmRun run = KvmRun.Parse(Page);
        if (run.TryGetIo(out KvmRunIo port))
            HandlePort(port, machine, bus);
        else if (run.TryGetMmio(out KvmRunMmio access))
            HandleAddress(access, bus);
        else if (run.TryGetSystemEvent(out KvmRunSystemEvent change) && change.Kind is KvmSystemEvent.Shutdown or KvmSystemEvent.Reset)
            machine.End(new KvmEnd { Kind = change.Kind == KvmSystemEvent.Shutdown ? KvmEndKind.PowerOff : KvmEndKind.Reset });
        else if (run.ExitReason == KvmExit.Shutdown)
            machine.End(new KvmEnd { Kind = KvmEndKind.TripleFault, Registers = Registers() });
        else if (run.ExitReason is not (KvmExit.Intr or KvmExit.IrqWindowOpen))
            machine.End(new KvmEnd { Kind = KvmEndKind.Failed, Reason = Explain(run), Registers = Registers() });
    }

    private void HandlePort(KvmRunIo io, IMachine machine, DeviceBus bus)
    {
        int size = io.ElementSize;
        for (uint i = 0; i < io.Count && !machine.HasEnded; i++)
        {
            Span<byte> data = _page.Span(io.DataOffset + (i * (ulong)size), size);
            if (io.Direction == KvmIoDirection.Out)
                bus.WritePort(io.Port, data);
            else
                bus.ReadPort(io.Port, data);
        }
    }

    private void HandleAddress(KvmRunMmio access, DeviceBus bus)
    {
        Span<byte> data = Page.Slice(KvmRun.Layout.Offset.Mmio + KvmRunMmio.Layout.Offset.Data, Math.Min((int)access.Length, LongestAccess));
        if (access.IsWrite != 0)
            bus.WriteAddress(access.PhysAddr.Value, data);
        else
            bus.ReadAddress(access.PhysAddr.Value, data);
    }

    /// <summary>Its registers now; if it was put back to its start, as on AMD's processors, those that it came out with before.</summary>
    private KvmRegisters Registers()
    {
        KvmSyncRegs now = KvmRun.Parse(Page).Shared.Regs;
        bool isReset = now.Regs.Rip == ResetInstruction && now.Sregs.Cs.Base == ResetBase;
        return isReset ? KvmRegisters.Of(_id, KvmSyncRegs.Parse(_earlier), areEarlier: true) : KvmRegisters.Of(_id, now, areEarlier: false);
    }

    private static string Explain(KvmRun run)
    {
        if (run.TryGetInternal(out KvmRunInternal fault))
        {
            return fault.Suberror switch
            {
                KvmInternalError.Emulation => "KVM cannot emulate an instruction",
                KvmInternalError.SimultaneousExceptions => "KVM met two exceptions at once",
                KvmInternalError.DeliveryEvent => "KVM met a fault while it delivered an interrupt",
                KvmInternalError.UnexpectedExitReason => "KVM met an exit of the processor that it does not expect",
                var other => string.Create(CultureInfo.InvariantCulture, $"KVM has the internal error {(uint)other}"),
            };
        }

        if (run.TryGetFailEntry(out KvmRunFailEntry entry))
            return string.Create(CultureInfo.InvariantCulture, $"the processor does not enter the guest, reason 0x{entry.HardwareEntryFailureReason:x}");
        if (run.TryGetHardwareExit(out KvmRunHardware exit))
            return string.Create(CultureInfo.InvariantCulture, $"KVM does not handle the exit 0x{exit.HardwareExitReason:x}");
        return run.ExitReason == KvmExit.SystemEvent
            ? "the guest crashed, as it says"
            : string.Create(CultureInfo.InvariantCulture, $"KVM ended a run for reason {(uint)run.ExitReason}");
    }
}
