namespace BootProtocol.Kernels.Options;

/// <summary>What is known of an option of a kernel's build.</summary>
/// <example><code>
/// KernelConfiguration options = KernelConfiguration.Read(kernel);
/// Console.WriteLine($"{options.Count(option => option.State == KernelOptionState.BuiltIn)} options are built in");
/// </code></example>
public enum KernelOptionState
{
    /// <summary>It is part of the kernel: <c>=y</c>.</summary>
    BuiltIn,

    /// <summary>It is a module: <c>=m</c>. Only a kernel's own configuration says so.</summary>
    Module,

    /// <summary>It has a number or a text. Only a kernel's own configuration says so.</summary>
    Value,

    /// <summary>It is switched off: <c>is not set</c>. Only a kernel's own configuration says so.</summary>
    NotSet,

    /// <summary>It is no part of the kernel: a module, switched off, or unknown to this version.</summary>
    NotBuiltIn,
}
