namespace BootProtocol.Kexec;

/// <summary>What a kernel is loaded for. The running kernel holds one of each.</summary>
/// <example><code>
/// KexecPurpose purpose = KexecPurpose.Panic;
/// Console.WriteLine(purpose);
/// </code></example>
public enum KexecPurpose
{
    /// <summary>To take the place of the running kernel, when somebody asks for it.</summary>
    Restart,

    /// <summary>To run when the running kernel panics, in the memory that is set aside for it (crashkernel=).</summary>
    Panic,
}
