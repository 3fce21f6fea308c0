using System.ComponentModel;
using System.Diagnostics;
using BootProtocol;
using BootProtocol.Domains;
using BootProtocol.Images;
using BootProtocol.Kernels;
using BootProtocol.Sample;
using BootProtocol.Stubs;

string file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
try
{
    using BootImage image = args is [var path, ..] ? BootImage.Open(path) : BootImage.Open(SampleGuest.Create(WordSize.Bits64));
    using Kernel kernel = image.Decompress();
    using LinuxDomain guest = new LinuxBootBuilder { MemorySize = 256 << 20, CommandLine = "console=ttyS0 panic=-1" }.Build(kernel);

    // One ELF file: the guest's memory, and a stub that sets the CPU's state and jumps into the kernel. QEMU starts it by its PVH entry.
    using (FileStream output = File.Create(file))
        DomainElf.Write(guest, output);
    var start = new ProcessStartInfo("qemu-system-x86_64")
    {
        ArgumentList =
        {
            "-machine", "q35", "-accel", "kvm", "-accel", "tcg", "-m", "256", "-nodefaults", "-nographic", "-serial", "stdio", "-no-reboot",
            "-device", "isa-debug-exit,iobase=0x501", "-kernel", file,
        },
    };
    using Process qemu = Process.Start(start)!;
    qemu.WaitForExit();
    return qemu.ExitCode;
}
catch (Exception fault) when (fault is BootException or IOException or Win32Exception)
{
    Console.Error.WriteLine(fault.Message);
    return fault is Win32Exception ? 3 : 1; // QEMU is not there
}
finally
{
    File.Delete(file);
}
