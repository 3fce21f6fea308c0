namespace BootProtocol.Cli.Reference;

/// <summary>Something that has a page of its own in the reference.</summary>
/// <param name="Name">Its name, as the protocol spells it.</param>
/// <param name="Kind">Structure, flags, enumeration, choice or notes.</param>
/// <param name="Protocol">The name of the protocol.</param>
/// <param name="Size">Its size in bytes, or that of the 32-bit and that of the 64-bit variant; empty if it has none.</param>
/// <param name="Doc">What it is.</param>
/// <param name="Folder">The folder of its protocol.</param>
/// <param name="File">The name of its files in that folder, without extension.</param>
internal sealed record ReferenceEntry(string Name, ReferenceKind Kind, string Protocol, string Size, string Doc, string Folder, string File)
{
    /// <summary>The place of its page in the directory.</summary>
    public string Page => $"{Folder}/{File}.md";

    /// <summary>The address of its page, from another page.</summary>
    public string LinkFrom(ReferenceEntry other) => Folder == other.Folder ? $"{File}.md" : $"../{Page}";
}
