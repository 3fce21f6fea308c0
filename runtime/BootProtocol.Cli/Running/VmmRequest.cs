namespace BootProtocol.Cli.Running;

/// <summary>What a person wants of this machine's KVM.</summary>
/// <param name="IsUsed">Whether it is used where the guest allows that.</param>
/// <param name="IsRequired">Whether nothing else will do.</param>
/// <param name="Vcpus">The guest's processors.</param>
/// <param name="Disks">Files that are its disks, each with <c>,ro</c> behind it if it is not to be written.</param>
/// <param name="HasConsole">Whether the keyboard is its VIRTIO console's, and not its serial port's.</param>
internal sealed record VmmRequest(bool IsUsed, bool IsRequired, int Vcpus, IReadOnlyList<string> Disks, bool HasConsole);
