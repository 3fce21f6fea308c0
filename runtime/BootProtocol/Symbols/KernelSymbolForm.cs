namespace BootProtocol.Symbols;

/// <summary>How a kernel's table of symbols holds addresses.</summary>
/// <example><code>
/// if (kernel.Symbols is { Form: KernelSymbolForm.PlaceRelative })
///     Console.WriteLine("Linux 7.0 or later");
/// </code></example>
public enum KernelSymbolForm
{
    /// <summary>As they are, a word each: Linux up to 4.5, and 32-bit kernels that cannot be moved.</summary>
    Absolute,

    /// <summary>As what is to be added to one base, 32 bits each.</summary>
    BaseRelative,

    /// <summary>As <see cref="BaseRelative"/>, but what is not negative is a value by itself: that of a variable that each processor has.</summary>
    BaseRelativeOrAbsolute,

    /// <summary>As what is to be added to the place of the entry itself, 32 bits each, with a sign: Linux from 7.0 on.</summary>
    PlaceRelative,

    /// <summary>As what is to be added to the start of the image, which the table does not have: Xen.</summary>
    ImageRelative,
}
