using System.Runtime.ExceptionServices;
using BootProtocol.Domains;
using BootProtocol.Firmware;
using BootProtocol.Kvm.Devices;
using BootProtocol.Kvm.Host;
using BootProtocol.Kvm.Processors;
using BootProtocol.Kvm.Virtio;
using BootProtocol.X86;

namespace BootProtocol.Kvm;

/// <summary>A machine of KVM's: memory slots, processors and devices, for one run.</summary>
internal sealed class Machine : IMachine, IDisposable
{
    private readonly KvmFile _file;
    private readonly KvmMemory _memory;
    private readonly KvmMachineOptions _options;
    private readonly DeviceBus _bus = new();
    private readonly SerialPort _serial;
    private readonly List<VirtualProcessor> _processors = [];
    private readonly ManualResetEventSlim _ended = new();
    private VirtioConsole? _console;
    private VirtioTransport? _consoleRegisters;
    private MappedMemory? _rom;
    private KvmEnd? _end;
    private ExceptionDispatchInfo? _failure;

    private Machine(KvmFile file, KvmMemory memory, KvmMachineOptions options)
    {
        (_file, _memory, _options) = (file, memory, options);
        _serial = new SerialPort(options.SerialOutput);
        memory.Hold();
    }

    private delegate int ReceiveBytes(ReadOnlySpan<byte> bytes);

    /// <inheritdoc/>
    public bool HasEnded => _ended.IsSet;

    /// <summary>Makes a machine around a domain.</summary>
    /// <exception cref="KvmException">KVM refused a step.</exception>
    /// <exception cref="BootRequestException">Domain and options do not go together.</exception>
    public static Machine Create(KvmFile driver, Domain domain, KvmMachineOptions options)
    {
        CpuState cpu = StartState.Of(domain);
        KvmMemory memory = MachinePlan.Check(domain, options);
        int mostVcpus = driver.Ask(KvmRequest.CheckExtension, (long)KvmCapability.MaxVcpus, "ask what KVM can do");
        if (mostVcpus > 0 && options.Vcpus > mostVcpus)
            throw new KvmException("make the processors", 0, $"{options.Vcpus} are wanted, and KVM has {mostVcpus} for a machine");
        byte[] cpuid = CpuidTable.CreateEmpty();
        driver.Pass(KvmRequest.GetSupportedCpuid, cpuid, "ask what CPUID may show");
        if (((Cr4)cpu.Cr4).HasFlag(Cr4.La57) && !CpuidTable.HasFiveLevels(cpuid))
            throw new KvmException("start with page tables of five levels", 0, "this machine's processor has four");

        var machine = new Machine(driver.Make(KvmRequest.CreateVm, 0, "make a machine"), memory, options);
        try
        {
            machine.AddControllers();
            machine.AddMemory();
            machine.AddDevices();
            machine.AddProcessors(driver, cpuid);
            machine._processors[0].Start(cpu);
            return machine;
        }
        catch
        {
            machine.Dispose();
            throw;
        }
    }

    /// <summary>Runs it.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public KvmEnd Run(CancellationToken cancellation)
    {
        Thread[] threads = [.. _processors.Select((processor, i) => new Thread(() => Work(processor)) { IsBackground = true, Name = $"vcpu {i}" })];
        using (cancellation.Register(_ended.Set))
        {
            if (_options.SerialInput is { } input)
                new Thread(() => PassInput(input, _serial.Receive)) { IsBackground = true, Name = "serial input" }.Start();
            if (_options.ConsoleInput is { } typed && _consoleRegisters is { } registers)
                new Thread(() => PassInput(typed, bytes => _console!.Receive(registers, bytes))) { IsBackground = true, Name = "console input" }.Start();
            foreach (Thread thread in threads)
                thread.Start();
            _ended.Wait(CancellationToken.None);
        }

        foreach (VirtualProcessor processor in _processors)
            processor.Kick();
        foreach (Thread thread in threads)
            thread.Join();
        Volatile.Read(ref _failure)?.Throw();
        if (Volatile.Read(ref _end) is not { } end)
            throw new OperationCanceledException(cancellation);
        _serial.Flush();
        return end;
    }

    /// <inheritdoc/>
    public void SetInterrupt(int line, bool isHigh)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(line);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(line, 23);
        Span<byte> bytes = stackalloc byte[KvmIrqLevel.Layout.Size];
        KvmIrqLevel.Writer level = KvmIrqLevel.Create(bytes);
        level.Irq = (uint)line;
        level.Level = isHigh ? 1u : 0;
        _file.Pass(KvmRequest.IrqLine, bytes, "set an interrupt line");
    }

    /// <inheritdoc/>
    public bool TryAccess(Paddr start, int length, out Span<byte> bytes)
    {
        bytes = default;
        return length >= 0 && _memory.TryAccess(start.Value, length, out bytes);
    }

    /// <inheritdoc/>
    public void End(KvmEnd end)
    {
        if (Interlocked.CompareExchange(ref _end, end, null) is null)
            _ended.Set();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_consoleRegisters is not null)
            _console!.Close(_consoleRegisters);
        foreach (VirtualProcessor processor in _processors)
            processor.Dispose();
        _file.Dispose();
        _rom?.Dispose();
        _memory.Release();
    }

    private void AddControllers()
    {
        _file.Ask(KvmRequest.SetTssAddress, (long)(MachinePlan.RealModePages + X86Page.Size), "set aside pages for real mode");
        Span<byte> identity = stackalloc byte[sizeof(ulong)];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64LittleEndian(identity, MachinePlan.RealModePages);
        _file.Pass(KvmRequest.SetIdentityMapAddress, identity, "set aside a page for real mode");
        _file.Ask(KvmRequest.CreateIrqchip, 0, "make interrupt controllers");
        Span<byte> timer = stackalloc byte[KvmPitConfig.Layout.Size];
        KvmPitConfig.Create(timer).PitFlags = KvmPitFlags.SpeakerDummy;
        _file.Pass(KvmRequest.CreatePit2, timer, "make a timer");
    }

    private void AddMemory()
    {
        uint slot = 0;
        foreach (KvmMemory.Block block in _memory.Blocks)
            AddSlot(slot++, block.Start, block.Bytes, default);
        if (!MachinePlan.HasRom(_memory))
            return;
        _rom = MappedMemory.Allocate(MachinePlan.RomEnd - MachinePlan.RomStart, MachinePlan.RomStart);
        if (_options.HasAcpi)
        {
            byte[] tables = AcpiTables.Create(MachinePlan.Describe(_options));
            tables.CopyTo(_rom.Span(MachinePlan.TablesStart - MachinePlan.RomStart, tables.Length));
        }

        AddSlot(slot, MachinePlan.RomStart, _rom, KvmMemoryFlags.ReadOnly);
    }

    private void AddSlot(uint number, ulong start, MappedMemory memory, KvmMemoryFlags flags)
    {
        Span<byte> bytes = stackalloc byte[KvmUserspaceMemoryRegion.Layout.Size];
        KvmUserspaceMemoryRegion.Writer slot = KvmUserspaceMemoryRegion.Create(bytes);
        slot.Slot = number;
        slot.SlotFlags = flags;
        slot.GuestPhysAddr = new Paddr(start);
        slot.MemorySize = memory.Length;
        slot.UserspaceAddr = memory.Address;
        _file.Pass(KvmRequest.SetUserMemoryRegion, bytes, "give the machine its memory");
    }

    private void AddDevices()
    {
        foreach (IPortDevice device in _options.PortDevices)
            _bus.Add(device);
        foreach (IMemoryDevice device in _options.MemoryDevices)
            _bus.Add(device);
        IPortDevice[] own =
            [_serial, new RealTimeClock(TimeProvider.System), new PowerPorts(), ResetPorts.Keyboard(), ResetPorts.Chipset(), new ExitPort()];
        foreach (IPortDevice device in own)
            _bus.Add(device);
        AcpiDevice[] places = MachinePlan.Disks(_options.Disks.Length);
        for (int i = 0; i < places.Length; i++)
            _bus.Add(new VirtioTransport(new VirtioBlock(_options.Disks[i]), new Paddr(places[i].Start), places[i].Length, (int)places[i].Interrupt));
        if (_options.HasConsole)
        {
            _console = new VirtioConsole(_options.ConsoleOutput);
            _consoleRegisters = new VirtioTransport(_console, new Paddr(MachinePlan.Console), X86Page.Size, MachinePlan.ConsoleInterrupt);
            _bus.Add(_consoleRegisters);
        }

        _bus.Attach(this);
    }

    private void AddProcessors(KvmFile driver, byte[] supported)
    {
        int pageSize = driver.Ask(KvmRequest.GetVcpuMmapSize, 0, "ask for a processor's size");
        bool hasTscDeadline = driver.Ask(KvmRequest.CheckExtension, (long)KvmCapability.TscDeadlineTimer, "ask what KVM can do") > 0;
        for (int i = 0; i < _options.Vcpus; i++)
            _processors.Add(new VirtualProcessor(_file, i, pageSize, CpuidTable.Fill(supported, i, _options.Vcpus, hasTscDeadline)));
    }

    private void Work(VirtualProcessor processor)
    {
        try
        {
            processor.Run(this, _bus);
        }
        catch (Exception exception)
        {
            // Whatever a device or a stream of the caller's throws goes to the caller, and not to a thread that nobody has made.
            Interlocked.CompareExchange(ref _failure, ExceptionDispatchInfo.Capture(exception), null);
            _ended.Set();
        }
    }

    /// <summary>Passes on what comes in, as fast as it is taken.</summary>
    /// <param name="input">Where it comes from.</param>
    /// <param name="receive">Takes the first bytes, and says how many.</param>
    private void PassInput(Stream input, ReceiveBytes receive)
    {
        byte[] bytes = new byte[256];
        try
        {
            while (!HasEnded && input.Read(bytes) is > 0 and var count)
            {
                for (int at = 0; at < count && !HasEnded;)
                {
                    int taken = receive(bytes.AsSpan(at, count - at));
                    at += taken;
                    if (taken == 0)
                        _ended.Wait(TimeSpan.FromMilliseconds(20));
                }
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or UnauthorizedAccessException)
        {
            // Input that cannot be read, such as a terminal that was closed, is at its end.
        }
    }
}
