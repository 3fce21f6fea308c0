namespace BootProtocol.Fuzz.Peers;

/// <summary>What a decoder came to.</summary>
internal enum Verdict
{
    /// <summary>The stream is whole and right.</summary>
    Accepted,

    /// <summary>It is not.</summary>
    Refused,

    /// <summary>It may be, but asks for more output or memory than it is given here, or for what the decoder leaves out.</summary>
    Undecided,
}

/// <summary>What a decoder came to.</summary>
/// <param name="Verdict">Whether it takes the stream.</param>
/// <param name="Read">Bytes of input that an accepted stream takes; others may follow.</param>
/// <param name="Written">Bytes of output that it wrote up to then; those in the room.</param>
/// <param name="Reason">Why it does not take it: its error.</param>
internal readonly record struct PeerAnswer(Verdict Verdict, int Read, int Written, string Reason)
{
    /// <summary>The stream is whole.</summary>
    public static PeerAnswer Accept(long read, long written) => new(Verdict.Accepted, (int)read, (int)written, "");

    /// <summary>The stream is wrong or cut off.</summary>
    public static PeerAnswer Refuse(long written, string reason) => new(Verdict.Refused, 0, (int)written, reason);

    /// <summary>The room or the memory for it is too small, or it is of a kind that is left out.</summary>
    public static PeerAnswer Leave(long written) => new(Verdict.Undecided, 0, (int)written, "");
}
