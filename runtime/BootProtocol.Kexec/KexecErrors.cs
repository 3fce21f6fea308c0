namespace BootProtocol.Kexec;

/// <summary>What the running kernel's error numbers mean where it loads another one.</summary>
internal static class KexecErrors
{
    /// <summary>What a number means; null where Linux's own text says it.</summary>
    public static string? Meaning(int error) => error switch
    {
        1 => "the running kernel is locked down, or loading kernels is switched off or not permitted", // EPERM
        8 => "the running kernel takes it for no kernel that it can start", // ENOEXEC
        12 => "the running kernel has too little memory free for a copy of it", // ENOMEM
        16 => "another kernel is being loaded", // EBUSY
        61 or 74 or 126 or 127 or 129 => "it has no signature that the running kernel trusts", // ENODATA, EBADMSG, ENOKEY, EKEYEXPIRED, EKEYREJECTED
        99 => "it is not in the memory that is set aside for a kernel that runs at a panic", // EADDRNOTAVAIL
        _ => null,
    };
}
