namespace BootProtocol.Decompress;

/// <summary>Why the LZMA decoder stopped.</summary>
internal enum LzmaStop
{
    /// <summary>The output is as long as was asked for.</summary>
    Output,

    /// <summary>There are no more compressed bytes.</summary>
    Input,

    /// <summary>The end marker was read.</summary>
    EndMarker,

    /// <summary>A match begins before the output's beginning.</summary>
    Distance,
}
