namespace BootProtocol.Xen;

/// <summary>Error numbers that Xen and its control domain's kernel answer with: those of Linux.</summary>
/// <example><code>
/// try
/// {
///     domain.Domain.SetAddressSize(WordSize.Bits32);
/// }
/// catch (XenException refusal) when (refusal.Error == XenError.Exists)
/// {
///     Console.WriteLine("the domain has memory already");
/// }
/// </code></example>
public enum XenError
{
    /// <summary>No error.</summary>
    None = 0,

    /// <summary>EPERM: not allowed.</summary>
    NotPermitted = 1,

    /// <summary>ENOENT: no such thing.</summary>
    NotFound = 2,

    /// <summary>ESRCH: no such domain.</summary>
    NoSuchDomain = 3,

    /// <summary>EIO: input or output failed.</summary>
    InputOutput = 5,

    /// <summary>E2BIG: too many.</summary>
    TooBig = 7,

    /// <summary>EAGAIN: to be tried again.</summary>
    TryAgain = 11,

    /// <summary>ENOMEM: not enough memory.</summary>
    NoMemory = 12,

    /// <summary>EACCES: refused; for a domctl, another interface version.</summary>
    AccessDenied = 13,

    /// <summary>EFAULT: an address that cannot be used.</summary>
    BadAddress = 14,

    /// <summary>EBUSY: in use.</summary>
    Busy = 16,

    /// <summary>EEXIST: there already.</summary>
    Exists = 17,

    /// <summary>ENODEV: no such device.</summary>
    NoDevice = 19,

    /// <summary>EISDIR: it has parts.</summary>
    IsDirectory = 21,

    /// <summary>EINVAL: not valid.</summary>
    Invalid = 22,

    /// <summary>ENOSPC: no room.</summary>
    NoSpace = 28,

    /// <summary>EROFS: read-only.</summary>
    ReadOnly = 30,

    /// <summary>ENOSYS: not known.</summary>
    NotImplemented = 38,

    /// <summary>ENOTEMPTY: not empty.</summary>
    NotEmpty = 39,

    /// <summary>ERESTART: interrupted, to be issued again.</summary>
    Restart = 85,

    /// <summary>EOPNOTSUPP: not supported.</summary>
    NotSupported = 95,

    /// <summary>EISCONN: connected already.</summary>
    IsConnected = 106,
}
