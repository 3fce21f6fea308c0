namespace BootProtocol.Xen;

/// <content>What differs between the two word sizes.</content>
public readonly ref partial struct StartInfo
{
    /// <summary>What <see cref="Magic"/> says for a word size; 32 bits stand for PAE. Xen lists what it can run by the same names.</summary>
    public static string MagicOf(WordSize word) => word == WordSize.Bits32 ? "xen-3.0-x86_32p" : "xen-3.0-x86_64";
}
