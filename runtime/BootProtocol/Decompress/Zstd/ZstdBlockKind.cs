namespace BootProtocol.Decompress;

/// <summary>How the bytes of a Zstandard block stand for its output, by the numbers of RFC 8878, 3.1.1.2.2.</summary>
internal enum ZstdBlockKind
{
    /// <summary>They are the output.</summary>
    Raw,

    /// <summary>There is one, which is the output as often as the block's size says.</summary>
    Repeated,

    /// <summary>They are compressed.</summary>
    Compressed,

    /// <summary>Not used.</summary>
    Reserved,
}
