using System.Collections.Immutable;
using BootProtocol;
using BootProtocol.Domains;
using BootProtocol.Images;
using BootProtocol.Kernels;
using BootProtocol.Memory;
using BootProtocol.Sample;
using BootProtocol.Verify;

try
{
    using BootImage image = args is [var path, ..] ? BootImage.Open(path) : BootImage.Open(SampleGuest.Create(WordSize.Bits64));
    using Kernel kernel = image.Decompress();
    using XenPvDomain guest = new XenPvBuilder { MemorySize = 128 << 20, CommandLine = "console=hvc0" }.Build(kernel);
    foreach (Region region in guest.Regions)
        Console.WriteLine(region);
    Console.WriteLine($"start_info at {guest.StartInfoAddress}, page tables from frame {guest.TopTable}");

    // The domain is read back as a hypervisor would: page tables walked, every right checked.
    ImmutableArray<Violation> violations = XenPvVerifier.Verify(XenPvImage.Of(guest));
    foreach (Violation violation in violations)
        Console.WriteLine(violation);
    Console.WriteLine($"{violations.Length} rules broken");
    return violations.IsEmpty ? 0 : 1;
}
catch (Exception fault) when (fault is BootException or IOException)
{
    Console.Error.WriteLine(fault.Message);
    return 1;
}
