using BootProtocol.LinuxX86;

namespace BootProtocol.Domains;

/// <summary>Fills in what only the caller has.</summary>
/// <param name="parameters">The zero page, with the kernel's own setup header in it and nothing else yet.</param>
/// <example><code>
/// BootParamsEditor edit = static parameters =&gt; parameters.AltMemK = 0xfc00;
/// using LinuxDomain guest = new LinuxBootBuilder { MemorySize = 64 &lt;&lt; 20, Edit = edit }.Build(kernel);
/// Console.WriteLine(guest.BootParams.AltMemK);
/// </code></example>
public delegate void BootParamsEditor(BootParams.Writer parameters);
