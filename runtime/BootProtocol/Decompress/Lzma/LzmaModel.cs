namespace BootProtocol.Decompress;

/// <summary>Where each of the model's probabilities is in one array.</summary>
/// <remarks>
/// Rules: the LZMA specification in the LZMA SDK (lzma-specification.txt). A probability is 11 bits wide. The states 0 to 6 follow a
/// literal, 7 to 11 a match.
/// </remarks>
internal static class LzmaModel
{
    /// <summary>Bits of a probability.</summary>
    public const int ProbabilityBits = 11;

    /// <summary>The probability of one half.</summary>
    public const ushort Half = 1 << (ProbabilityBits - 1);

    /// <summary>States that follow a literal.</summary>
    public const int LiteralStates = 7;

    /// <summary>Bytes of the shortest match.</summary>
    public const int ShortestMatch = 2;

    /// <summary>Slots below this one are distances themselves.</summary>
    public const int FirstModelledSlot = 4;

    /// <summary>From this slot on, a distance's middle bits have no model, and its last bits share one.</summary>
    public const int FirstDirectSlot = 14;

    /// <summary>Bits of a distance that share one model.</summary>
    public const int AlignBits = 4;

    /// <summary>Position states, whatever the properties say: the rows of the tables below.</summary>
    public const int PositionStates = 1 << 4;

    /// <summary>Whether a match follows, not a literal: by state and position state.</summary>
    public const int IsMatch = 0;

    /// <summary>Whether the match repeats one of the last four distances: by state.</summary>
    public const int IsRepeat = IsMatch + States * PositionStates;

    /// <summary>Whether it is not the last one: by state.</summary>
    public const int IsRepeatOlder = IsRepeat + States;

    /// <summary>Whether it is not the last but one: by state.</summary>
    public const int IsRepeatOlder2 = IsRepeatOlder + States;

    /// <summary>Whether it is not the third last: by state.</summary>
    public const int IsRepeatOlder3 = IsRepeatOlder2 + States;

    /// <summary>Whether the last distance is repeated for more than one byte: by state and position state.</summary>
    public const int IsRepeatLong = IsRepeatOlder3 + States;

    /// <summary>The slots of distances: trees of 64, by length.</summary>
    public const int DistanceSlot = IsRepeatLong + States * PositionStates;

    /// <summary>The low bits of distances with slots 4 to 13: trees of various sizes.</summary>
    public const int DistanceSpecial = DistanceSlot + 4 * 64;

    /// <summary>The last four bits of longer distances: one tree.</summary>
    public const int DistanceAlign = DistanceSpecial + 128;

    /// <summary>The lengths of matches with a new distance.</summary>
    public const int MatchLength = DistanceAlign + 16;

    /// <summary>The lengths of matches with a repeated distance.</summary>
    public const int RepeatLength = MatchLength + LengthCount;

    /// <summary>The literals: three trees of 256 for each context.</summary>
    public const int Literal = RepeatLength + LengthCount;

    /// <summary>Probabilities of one context of literals.</summary>
    public const int LiteralCount = 0x300;

    /// <summary>In the model of lengths: where the trees of the lengths from 2 to 9 are, by position state.</summary>
    public const int LengthLow = 2;

    /// <summary>In the model of lengths: where the trees of the lengths from 10 to 17 are, by position state.</summary>
    public const int LengthMiddle = LengthLow + 8 * PositionStates;

    /// <summary>In the model of lengths: where the tree of the lengths from 18 to 273 is.</summary>
    public const int LengthHigh = LengthMiddle + 8 * PositionStates;

    private const int States = 12;
    private const int LengthCount = LengthHigh + 256;
}
