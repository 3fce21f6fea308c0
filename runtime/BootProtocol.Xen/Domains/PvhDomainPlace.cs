using BootProtocol.Memory;

namespace BootProtocol.Xen.Domains;

/// <summary>A PVH domain that has its resources, and waits to be filled.</summary>
/// <param name="Memory">Its memory, for a builder to take over; nothing of it may be used after the filling.</param>
/// <param name="Map">Its memory map.</param>
/// <param name="AcpiRsdp">Where its ACPI root pointer is.</param>
/// <example><code>
/// CpuState Fill(PvhDomainPlace place)
/// {
///     var builder = new PvhBuilder { MemorySize = place.Map.RamSize, Map = place.Map, AcpiRsdp = place.AcpiRsdp, Target = place.Memory };
///     using PvhDomain built = builder.Build(kernel);
///     return built.Cpu;
/// }
///
/// HvmDomain made = HvmDomain.Create(hypervisor, new PvhDomainRequest { MemorySize = 64 &lt;&lt; 20 }, Fill);
/// Console.WriteLine(made.Domain.Id);
/// </code></example>
public sealed record PvhDomainPlace(GuestMemory Memory, MemoryMap Map, Paddr AcpiRsdp);
