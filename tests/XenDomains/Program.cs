using BootProtocol;
using System.Text;
using BootProtocol.Xen;
using BootProtocol.Xen.Domains;
using BootProtocol.Xen.Host;
using BootProtocol.Xen.Rings;
using BootProtocol.XenDomains;
using BootProtocol.Verify;

const int SomePages = 1030;
const int SmallDomain = 16;
const string Key = "\x04";
using NativeXenHost host = NativeXenHost.Open();

return args switch
{
    ["talk"] => Talk(),
    ["exists"] => Exists(),
    ["many", var count] => Many(int.Parse(count, null)),
    ["side", var count] => SideBySide(int.Parse(count, null)),
    ["refuse"] => RefuseEveryStep(static hypervisor =>
    {
        PvDomain made = PvDomain.Create(hypervisor, new PvDomainRequest { Pages = SmallDomain }, TinyGuest.Fill);
        return (made.Domain, made.Console);
    }),
    ["refuse-pvh"] => RefuseEveryStep(static hypervisor =>
    {
        HvmDomain made = HvmDomain.Create(hypervisor, new PvhDomainRequest { MemorySize = 2 << 20 }, TinyGuest.FillPvh);
        return (made.Domain, made.Console);
    }),
    ["unsafe"] => MakeUnsafe(),
    ["compare", var one, var other] => Compare(ushort.Parse(one, null), ushort.Parse(other, null)),
    ["compare-pvh", var one, var other] => ComparePvh(ushort.Parse(one, null), ushort.Parse(other, null)),
    _ => 2,
};

// One domain from its making to its end, and its state at each point.
int Talk()
{
    using var hypervisor = new Hypervisor(host);
    PvDomain made = PvDomain.Create(hypervisor, new PvDomainRequest { Pages = SomePages }, TinyGuest.Fill);
    Tell("made", made.Domain.GetInfo());
    byte[] context = made.Domain.GetVCpuContext(0, WordSize.Bits64);
    Console.WriteLine($"rip {VcpuGuestContext.Parse(context, WordSize.Bits64).UserRegs.Rip:x}");
    Console.WriteLine($"console found: {ConsolePlaces.Find(made.Domain) == made.Console}");
    using (DomainConsole console = DomainConsole.Open(made.Domain, made.Console.Frame, made.Console.Port))
    {
        made.Domain.Unpause();
        Console.WriteLine($"it says: {ReadLine(console)}");
        made.Domain.Pause();
        Tell("paused", made.Domain.GetInfo());
        made.Domain.Unpause();
        console.Write(Encoding.ASCII.GetBytes(Key));
        Console.WriteLine($"ended: {made.Domain.WaitForEnd()}");
        Tell("shut down", made.Domain.GetInfo());
    }

    made.Domain.Destroy();
    Console.WriteLine($"domains: {hypervisor.ListDomains().Count}");
    return 0;
}

// Which domain it is, by the call that Xen has from 4.21 on.
int Exists()
{
    using var hypervisor = new Hypervisor(host);
    var request = new PvDomainRequest { Pages = SmallDomain };
    PvDomain before = PvDomain.Create(hypervisor, request, TinyGuest.Fill);
    ulong other = before.Domain.TryGetExistence()!.UniqueId;
    before.Domain.Destroy();

    PvDomain made = PvDomain.Create(hypervisor, request, TinyGuest.Fill);
    DomainExistence existence = made.Domain.TryGetExistence()!;
    Console.WriteLine($"made: {existence.State}, another one: {existence.UniqueId != other}");
    using (DomainConsole console = DomainConsole.Open(made.Domain, made.Console.Frame, made.Console.Port))
    {
        made.Domain.Unpause();
        ReadLine(console);
        console.Write(Encoding.ASCII.GetBytes(Key));
        bool hasEnded = made.Domain.WaitForEnd();
        DomainExistence end = made.Domain.TryGetExistence()!;
        Console.WriteLine($"shut down: {end.State}, the same: {end.UniqueId == existence.UniqueId}");
        Console.WriteLine($"ended: {hasEnded}");
    }

    made.Domain.Destroy();
    try
    {
        Console.WriteLine($"destroyed: {made.Domain.TryGetExistence()!.State}");
    }
    catch (XenException refused)
    {
        Console.WriteLine($"destroyed: {refused.Message}");
    }

    PvDomain again = PvDomain.Create(hypervisor, request, TinyGuest.Fill);
    Console.WriteLine($"a new one: another one: {again.Domain.TryGetExistence()!.UniqueId != existence.UniqueId}");
    again.Domain.Destroy();
    return 0;
}

// Domains in a row, each started.
int Many(int count)
{
    using var hypervisor = new Hypervisor(host);
    for (int i = 0; i < count; i++)
    {
        PvDomain made = PvDomain.Create(hypervisor, new PvDomainRequest { Pages = SomePages }, TinyGuest.Fill);
        made.Domain.Unpause();
        made.Domain.Destroy();
    }

    Console.WriteLine($"made and destroyed: {count}");
    return 0;
}

// Domains at the same time, each of which is talked to.
int SideBySide(int count)
{
    using var hypervisor = new Hypervisor(host);
    PvDomain[] made = [.. Enumerable.Range(0, count).Select(_ => PvDomain.Create(hypervisor, new PvDomainRequest { Pages = SmallDomain }, TinyGuest.Fill))];
    DomainConsole[] consoles = [.. made.Select(domain => DomainConsole.Open(domain.Domain, domain.Console.Frame, domain.Console.Port))];
    Console.WriteLine($"domains: {hypervisor.ListDomains().Count}");
    foreach (PvDomain domain in made)
        domain.Domain.Unpause();
    foreach (DomainConsole console in consoles)
        Console.WriteLine($"it says: {ReadLine(console)}");
    for (int i = 0; i < count; i++)
    {
        consoles[i].Dispose();
        made[i].Domain.Destroy();
    }

    Console.WriteLine($"domains: {hypervisor.ListDomains().Count}");
    return 0;
}

// Each step is refused once.
int RefuseEveryStep(Func<Hypervisor, (XenDomain Domain, RingPlace Console)> make)
{
    for (int step = 1; ; step++)
    {
        using var refusing = new RefusingHost(host, step);
        using var hypervisor = new Hypervisor(refusing);
        _ = hypervisor.DomctlVersion;
        try
        {
            refusing.IsOn = true;
            (XenDomain domain, RingPlace console) = make(hypervisor);
            domain.OrDestroy(() =>
            {
                DomainConsole.Open(domain, console.Frame, console.Port).Dispose();
                return domain;
            });
            refusing.IsOn = false;
            domain.Destroy();
            if (refusing.HasRefused)
                throw new InvalidOperationException($"step {step} was refused, and nobody minded");
            Console.WriteLine($"steps refused: {step - 1}");
            return 0;
        }
        catch (XenException refused)
        {
            refusing.IsOn = false;
            Console.WriteLine($"{refused.Message}; domains: {hypervisor.ListDomains().Count}");
        }
    }
}

// One that Xen refuses by itself.
int MakeUnsafe()
{
    using var hypervisor = new Hypervisor(host);
    try
    {
        PvDomain.Create(hypervisor, new PvDomainRequest { Pages = SmallDomain }, TinyGuest.FillUnsafely).Domain.Destroy();
        Console.WriteLine("Xen takes it");
        return 1;
    }
    catch (XenException refused)
    {
        Console.WriteLine($"{refused.Message}; domains: {hypervisor.ListDomains().Count}");
        return 0;
    }
}

// Two paused domains, page by page.
int Compare(ushort one, ushort other)
{
    using var hypervisor = new Hypervisor(host);
    XenPvImage[] images = [.. new[] { one, other }.Select(id => PvDomainReader.Read(hypervisor.FindDomain(id)!))];
    using BootProtocol.Memory.GuestMemory first = images[0].Memory;
    using BootProtocol.Memory.GuestMemory second = images[1].Memory;
    PortableDomain[] domains = [.. images.Select(image => new PortableDomain(image))];
    var different = new List<string>();
    int used = 0;
    for (ulong pfn = 0; pfn < images[0].FrameCount; pfn++)
    {
        byte[] page = domains[0].ReadPage(pfn);
        used += page.AsSpan().ContainsAnyExcept((byte)0) ? 1 : 0;
        byte[] otherPage = domains[1].ReadPage(pfn);
        int same = page.AsSpan().CommonPrefixLength(otherPage);
        if (same < page.Length)
            different.Add($"0x{pfn:x} at 0x{same:x} ({page[same]:x2} and {otherPage[same]:x2})");
    }

    bool isContextEqual = domains[0].ReadContext().AsSpan().SequenceEqual(domains[1].ReadContext());
    bool isSharedEqual = images[0].SharedInfo.Span.SequenceEqual(images[1].SharedInfo.Span);
    Console.WriteLine($"pages: {images[0].FrameCount} and {images[1].FrameCount}, not zero: {used}");
    Console.WriteLine($"page tables: {domains[0].Tables}, pages of the frame list: {domains[0].ListPages}");
    Console.WriteLine($"different pages: {different.Count} {string.Join(", ", different.Take(10))}".TrimEnd());
    Console.WriteLine($"context: {(isContextEqual ? "equal" : "different")}, shared_info: {(isSharedEqual ? "equal" : "different")}");
    return 0;
}

// Two paused PVH domains.
int ComparePvh(ushort one, ushort other)
{
    using var hypervisor = new Hypervisor(host);
    return PvhComparison.Print(hypervisor.FindDomain(one)!, hypervisor.FindDomain(other)!);
}

static void Tell(string when, DomainInfo info) => Console.WriteLine(
    $"{when}: {info.Pages} pages, {info.OnlineVCpus} vcpus, {info.State & ~DomainState.Reason}, reason {info.ShutdownReason}");

static string ReadLine(DomainConsole console)
{
    var text = new StringBuilder();
    byte[] some = new byte[100];
    while (!text.ToString().Contains('\n'))
    {
        console.Wait(TimeSpan.FromSeconds(1));
        text.Append(Encoding.ASCII.GetString(some, 0, console.Read(some)));
    }

    return text.ToString().TrimEnd();
}
