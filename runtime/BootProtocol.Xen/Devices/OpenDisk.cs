namespace BootProtocol.Xen.Devices;

/// <summary>A disk that the driver has opened for a domain.</summary>
/// <param name="Domain">The domain.</param>
/// <param name="Number">The disk's number there.</param>
/// <param name="Major">The number of the block device's driver.</param>
/// <param name="Minor">Its own number there.</param>
/// <param name="IsReadOnly">Whether the domain may only read it.</param>
internal readonly record struct OpenDisk(ushort Domain, uint Number, uint Major, uint Minor, bool IsReadOnly);
