using System.Runtime.InteropServices;

namespace BootProtocol.Kvm.Host;

/// <summary>Whether KVM can be used here.</summary>
internal static class KvmPresence
{
    /// <summary>The driver.</summary>
    public const string Driver = "/dev/kvm";

    private const int InterfaceVersion = 12;
    private const int NotPermitted = 1; // EPERM
    private const int NotFound = 2; // ENOENT
    private const int NoSuchDevice = 6; // ENXIO
    private const int AccessDenied = 13; // EACCES
    private const int NoDevice = 19; // ENODEV

    private static readonly (KvmCapability Capability, string Name)[] _needed =
    [
        (KvmCapability.UserMemory, "memory slots"),
        (KvmCapability.ReadOnlyMemory, "memory slots that are read-only"),
        (KvmCapability.Irqchip, "interrupt controllers"),
        (KvmCapability.Pit2, "a timer"),
        (KvmCapability.ExtendedCpuid, "a processor's description"),
        (KvmCapability.SyncRegs, "registers in the shared page"),
    ];

    /// <summary>Opens the driver.</summary>
    /// <exception cref="KvmUnavailableException">That is not possible, or it lacks something.</exception>
    public static KvmFile Open()
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64)
            throw new KvmUnavailableException("only a 64-bit x86 Linux has KVM for x86 guests");
        KvmFile driver = KvmFile.TryOpen(Driver, out int error) ?? throw new KvmUnavailableException(Reason(error, HasVirtualization()));
        try
        {
            Require(driver);
            return driver;
        }
        catch
        {
            driver.Dispose();
            throw;
        }
    }

    /// <summary>Why the driver cannot be opened.</summary>
    /// <param name="error">The error number.</param>
    /// <param name="hasVirtualization">Whether the processor shows VMX or SVM.</param>
    public static string Reason(int error, bool hasVirtualization) => error switch
    {
        NotFound or NoSuchDevice or NoDevice when !hasVirtualization =>
            $"{Driver} is not there: this machine's processor shows neither VMX nor SVM (its firmware, or the host of a virtual machine, may hide it)",
        NotFound or NoSuchDevice or NoDevice => $"{Driver} is not there: is the module kvm-intel or kvm-amd loaded?",
        NotPermitted or AccessDenied => $"{Driver} may not be opened: only root and, as a rule, members of the group kvm can use it",
        _ => $"{Driver} cannot be opened: {Marshal.GetPInvokeErrorMessage(error)}",
    };

    private static void Require(KvmFile driver)
    {
        try
        {
            int version = driver.Ask(KvmRequest.GetApiVersion, 0, "ask for the interface's version");
            if (version != InterfaceVersion)
                throw new KvmUnavailableException($"{Driver} has version {version} of its interface, and not {InterfaceVersion}");
            foreach ((KvmCapability capability, string name) in _needed)
            {
                if (driver.Ask(KvmRequest.CheckExtension, (long)capability, "ask what KVM can do") == 0)
                    throw new KvmUnavailableException($"the KVM of this kernel does not have {name}");
            }
        }
        catch (KvmException exception)
        {
            throw new KvmUnavailableException($"{Driver} is no KVM: {exception.Message}", exception);
        }
    }

    /// <summary>Whether the processor shows VMX or SVM.</summary>
    public static bool HasVirtualization()
    {
        try
        {
            return File.ReadLines("/proc/cpuinfo")
                .Where(static line => line.StartsWith("flags", StringComparison.Ordinal))
                .Any(static line => line.Split(' ').Any(static flag => flag is "vmx" or "svm"));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return true; // nothing is known against it
        }
    }
}
