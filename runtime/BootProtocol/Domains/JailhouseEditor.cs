using BootProtocol.LinuxX86;

namespace BootProtocol.Domains;

/// <summary>Fills in the machine of a Jailhouse cell.</summary>
/// <param name="data">The fields; the versions are set.</param>
/// <example><code>
/// JailhouseEditor fill = static data =&gt;
/// {
///     JailhouseSetupDataV1.Writer version1 = data.V1;
///     version1.TscKhz = 2_400_000;
/// };
/// using LinuxDomain guest = new LinuxBootBuilder { MemorySize = 64 &lt;&lt; 20, SetupData = [SetupDataNode.Jailhouse(fill)] }.Build(kernel);
/// Console.WriteLine(guest.BootParams.Hdr.SetupData);
/// </code></example>
public delegate void JailhouseEditor(JailhouseSetupData.Writer data);
