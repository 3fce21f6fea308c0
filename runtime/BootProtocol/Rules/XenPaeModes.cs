namespace BootProtocol.Rules;

/// <summary>Reads the texts by which kernels name their <see cref="XenPaeMode"/>, as Xen's own loader takes them.</summary>
/// <example><code>
/// XenPaeMode mode = XenPaeModes.FromNote("yes,bimodal");
/// Console.WriteLine(mode == XenPaeMode.Bimodal);
/// </code></example>
public static class XenPaeModes
{
    /// <summary>Reads the text of note <c>PAE_MODE</c>.</summary>
    /// <param name="text">The text; null if there is no such note.</param>
    /// <remarks><c>yes</c> grants a top page table above 4 GiB: Xen makes no other use of the note.</remarks>
    public static XenPaeMode FromNote(string? text)
    {
        if (text is null)
            return XenPaeMode.No;
        if (text.Contains("bimodal", StringComparison.Ordinal))
            return XenPaeMode.Bimodal;
        return text == "yes" ? XenPaeMode.ExtendedCr3 : XenPaeMode.No;
    }

    /// <summary>Reads the value of <c>PAE</c> in the section <c>__xen_guest</c>.</summary>
    /// <param name="text">The value; null if it is not there.</param>
    public static XenPaeMode FromXenGuest(string? text)
    {
        if (text is null)
            return XenPaeMode.No;
        if (text == "yes[extended-cr3]")
            return XenPaeMode.ExtendedCr3;
        return text.StartsWith("yes", StringComparison.Ordinal) ? XenPaeMode.Yes : XenPaeMode.No;
    }
}
