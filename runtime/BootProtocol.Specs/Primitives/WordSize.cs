namespace BootProtocol;

/// <summary>The word size of a guest: it decides which variant of a structure is meant.</summary>
/// <example><code>
/// foreach (WordSize word in new[] { WordSize.Bits32, WordSize.Bits64 })
///     Console.WriteLine($"start_info has {ViewAccess.SizeOf&lt;StartInfo&gt;(word)} bytes for {(int)word} bits");
/// </code></example>
public enum WordSize
{
    /// <summary>32-bit: words and long integers are 4 bytes, 8-byte integers are aligned to 4.</summary>
    Bits32 = 32,

    /// <summary>64-bit: words and long integers are 8 bytes, 8-byte integers are aligned to 8.</summary>
    Bits64 = 64,
}
