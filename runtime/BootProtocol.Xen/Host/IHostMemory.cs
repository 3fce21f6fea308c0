namespace BootProtocol.Xen.Host;

/// <summary>Memory that is not this process's alone: a hypercall's argument, or frames of a domain.</summary>
internal interface IHostMemory : IDisposable
{
    /// <summary>Its bytes; not to be used after disposal.</summary>
    Memory<byte> Memory { get; }

    /// <summary>Where it lies in this process.</summary>
    ulong Address { get; }
}
