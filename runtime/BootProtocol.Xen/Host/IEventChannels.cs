namespace BootProtocol.Xen.Host;

/// <summary>Event channels of the control domain. Disposal closes them.</summary>
/// <remarks>What fails returns a negative error number (<see cref="XenError"/>); only use after disposal throws.</remarks>
internal interface IEventChannels : IDisposable
{
    /// <summary>Binds a port to one of a domain that waits for it.</summary>
    /// <param name="domain">The domain's number.</param>
    /// <param name="remotePort">Its port.</param>
    /// <returns>The own port, or the error.</returns>
    int Bind(ushort domain, uint remotePort);

    /// <summary>Raises an event at the other end.</summary>
    /// <param name="port">The own port.</param>
    /// <returns>0, or the error.</returns>
    int Notify(uint port);

    /// <summary>Waits for an event on any port of the set, and takes one.</summary>
    /// <param name="timeout">The longest wait.</param>
    /// <returns>1 if there was an event, 0 if none came in time, or the error.</returns>
    int Wait(TimeSpan timeout);
}
