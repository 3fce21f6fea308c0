using BootProtocol;
using BootProtocol.Domains;
using BootProtocol.Images;
using BootProtocol.Kernels;
using BootProtocol.Kvm;
using BootProtocol.Kvm.Devices;
using BootProtocol.Memory;
using BootProtocol.Sample;

const ulong Size = 256 << 20;
try
{
    using BootImage image = args is [var path, ..] ? BootImage.Open(path) : BootImage.Open(SampleGuest.Create(WordSize.Bits64));
    using Kernel kernel = image.Decompress();

    // The kernel is decoded straight into the memory that the guest will have.
    using LinuxDomain guest = new LinuxBootBuilder
    {
        MemorySize = Size,
        CommandLine = "console=ttyS0 panic=-1",
        Initrds = args is [_, var initrd, ..] ? [File.ReadAllBytes(initrd)] : [],
        AcpiRsdp = KvmMachine.AcpiRsdp,
        Target = KvmMemory.Allocate(MemoryMap.ForPc(Size)),
    }.Build(kernel);

    KvmEnd end = KvmMachine.Run(
        guest,
        new KvmMachineOptions { Vcpus = 2, SerialOutput = Console.OpenStandardOutput(), PortDevices = [new Counter()] });
    Console.Error.WriteLine($"{end.Kind} {end.Code} {end.Reason} {end.Registers}".TrimEnd());
    return end.Kind is KvmEndKind.TripleFault or KvmEndKind.Failed ? 1 : 0;
}
catch (KvmUnavailableException missing)
{
    Console.Error.WriteLine(missing.Message);
    return 3;
}
catch (Exception fault) when (fault is BootException or KvmException or IOException)
{
    Console.Error.WriteLine(fault.Message);
    return 1;
}

/// <summary>A device of one's own: port 0x80, where firmware and Linux write to pass the time, reads as how often that was.</summary>
internal sealed class Counter : IPortDevice
{
    private byte _count;

    public ushort FirstPort => 0x80;

    public int PortCount => 1;

    public void Read(int offset, Span<byte> data) => data[0] = _count;

    public void Write(int offset, ReadOnlySpan<byte> data) => _count++;
}
