using Iced.Intel;

namespace BootProtocol.Stubs;

/// <summary>An interrupt gate of a hypervisor stub.</summary>
/// <param name="Vector">The vector.</param>
/// <param name="Ring">The least privileged ring that may use it by software.</param>
/// <param name="Handler">The handler, in the stub's code.</param>
internal readonly record struct HypervisorGate(int Vector, byte Ring, Label Handler);
