using BootProtocol.LinuxOrc;

namespace BootProtocol.Symbols;

/// <summary>Where the caller's registers are from an address on, whatever release of Linux said it.</summary>
/// <param name="Type">What is there; <see cref="OrcType.EndOfStack"/> also where nothing is known.</param>
/// <param name="IsSignal">Whether the other code was stopped right at its address, not at a call.</param>
/// <param name="Stack">From where the stack's offset counts.</param>
/// <param name="StackOffset">The offset, in bytes.</param>
/// <param name="Base">From where the offset of rbp counts.</param>
/// <param name="BaseOffset">The offset, in bytes.</param>
internal readonly record struct OrcRow(OrcType Type, bool IsSignal, OrcRegister Stack, int StackOffset, OrcRegister Base, int BaseOffset)
{
    /// <summary>What holds at the first instruction of a function: only the return address is on the stack.</summary>
    public static OrcRow Entry { get; } = new(OrcType.Call, IsSignal: false, OrcRegister.Stack, sizeof(ulong), OrcRegister.Undefined, 0);

    /// <summary>Nothing is known, or there is no caller.</summary>
    public static OrcRow End { get; } = Entry with { Type = OrcType.EndOfStack };
}
