namespace BootProtocol.Xen.Devices;

/// <summary>States of the two ends of a device, as xenstore has them.</summary>
/// <remarks>Source: Xen's public header io/xenbus.h.</remarks>
internal enum BackendState
{
    /// <summary>There is none.</summary>
    Unknown = 0,

    /// <summary>Described, and not yet seen by its driver.</summary>
    Initialising = 1,

    /// <summary>Seen by its driver, which waits for the other end.</summary>
    InitialisingWait = 2,

    /// <summary>To be given up, or on the way to it.</summary>
    Closing = 5,
}
