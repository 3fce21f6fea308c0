using BootProtocol.LinuxX86;

namespace BootProtocol.Domains;

/// <summary>Fills in the machine of a Jailhouse cell.</summary>
/// <param name="data">The fields; the versions are set.</param>
public delegate void JailhouseEditor(JailhouseSetupData.Writer data);
