namespace BootProtocol.Testing;

/// <summary>What tests need beside the build. Each includes those before it.</summary>
internal enum Need
{
    /// <summary>Nothing: no network, no package, no file that was fetched.</summary>
    None,

    /// <summary>More than a few seconds of the processors, or a measurement of what work takes of them.</summary>
    Time,

    /// <summary>Programs of Debian packages: compilers, packing tools.</summary>
    Tools,

    /// <summary>What tests/kernels.sh fetches into tests/.cache: kernels, other images, C headers.</summary>
    Kernels,

    /// <summary>QEMU.</summary>
    Qemu,

    /// <summary>Xen, in QEMU.</summary>
    Xen,
}
