namespace BootProtocol.Stubs;

/// <summary>The exceptions of the processor: vectors from 0 on.</summary>
internal static class ProcessorExceptions
{
    /// <summary>How many vectors are theirs.</summary>
    public const int Count = 32;

    /// <summary>Those for which the processor pushes an error code, a bit for each: 8, 10 to 14, 17, 21, 29 and 30.</summary>
    public const uint WithErrorCode = 0x60227d00;
}
