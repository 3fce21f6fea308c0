using BootProtocol.LinuxX86;

namespace BootProtocol.Domains;

/// <summary>Fills in the machine of a Jailhouse cell.</summary>
/// <param name="data">The fields; the versions are set.</param>
/// <example><code>
/// JailhouseEditor fill = static data =&gt; Console.WriteLine(data.AsView().AsSpan().Length);
/// using LinuxDomain guest = new LinuxBootBuilder { SetupData = [SetupDataNode.Jailhouse(fill)] }.Build(kernel);
/// </code></example>
public delegate void JailhouseEditor(JailhouseSetupData.Writer data);
