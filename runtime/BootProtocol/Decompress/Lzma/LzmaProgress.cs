namespace BootProtocol.Decompress;

/// <summary>The state of an LZMA decoder between two symbols, besides its model.</summary>
internal struct LzmaProgress
{
    /// <summary>The range of the range coder.</summary>
    public uint Range;

    /// <summary>Where in the range the input is: less than it, or the input is malformed.</summary>
    public uint Code;

    /// <summary>What kinds the last symbols were: 0 to 11.</summary>
    public uint State;

    /// <summary>The last distance, less one.</summary>
    public uint Distance0;

    /// <summary>The last distance but one, less one.</summary>
    public uint Distance1;

    /// <summary>The third last distance, less one.</summary>
    public uint Distance2;

    /// <summary>The fourth last distance, less one.</summary>
    public uint Distance3;

    /// <summary>Bytes of the last match that the output had no room for.</summary>
    public int PendingMatch;

    /// <summary>The last literal, if the output had no room for it; else -1.</summary>
    public int PendingLiteral = -1;

    /// <summary>Makes that of a decoder which has seen nothing.</summary>
    public LzmaProgress()
    {
    }
}
