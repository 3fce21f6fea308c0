using BootProtocol.LinuxX86;

namespace BootProtocol.Domains;

/// <summary>Fills in what only the caller knows.</summary>
/// <param name="parameters">The zero page, with the kernel's own setup header in it and nothing else yet.</param>
public delegate void BootParamsEditor(BootParams.Writer parameters);
