namespace BootProtocol.Generators.Emit;

/// <summary>Full names of the types that generated code uses, so that no namespace of a consumer can hide them.</summary>
internal static class KnownNames
{
    public const string ReadOnlyBytes = "global::System.ReadOnlySpan<byte>";
    public const string Bytes = "global::System.Span<byte>";
    public const string AddressSpace = "global::BootProtocol.IAddressSpace";
    public const string ImmutableArray = "global::System.Collections.Immutable.ImmutableArray";
    public const string Binary = "global::System.Buffers.Binary.BinaryPrimitives";
    public const string MemoryMarshal = "global::System.Runtime.InteropServices.MemoryMarshal";
    public const string Math = "global::System.Math";
    public const string ArgumentException = "global::System.ArgumentException";
    public const string OutOfRangeException = "global::System.ArgumentOutOfRangeException";
    public const string Inline =
        "[" + CompilerServices + ".MethodImpl(" + CompilerServices + ".MethodImplOptions.AggressiveInlining)]";

    public const string SkipInit = CompilerServices + ".Unsafe.SkipInit";

    public const string Hidden =
        "[global::System.ComponentModel.EditorBrowsable(global::System.ComponentModel.EditorBrowsableState.Never)]";

    public const string WordSize = "global::BootProtocol.WordSize";
    public const string ParseError = "global::BootProtocol.ParseError";
    public const string FormatException = "global::BootProtocol.BootFormatException";
    public const string Version = "global::BootProtocol.ProtocolVersion";
    public const string View = "global::BootProtocol.IView";
    public const string VaryingView = "global::BootProtocol.IVaryingView";
    public const string ViewSequence = "global::BootProtocol.ViewSequence";
    public const string ViewAccess = "global::BootProtocol.ViewAccess";
    public const string ViewFaults = "global::BootProtocol.ViewFaults";
    public const string ViewList = "global::BootProtocol.ViewList";
    public const string ValueList = "global::BootProtocol.ValueList";
    public const string FieldNumbers = "global::BootProtocol.FieldNumbers";
    public const string FieldText = "global::BootProtocol.FieldText";
    public const string NoteSource = "global::BootProtocol.INoteSource";
    public const string NoteReader = "global::BootProtocol.NoteReader";
    public const string Specs = "global::BootProtocol.Specs";

    private const string CompilerServices = "global::System.Runtime.CompilerServices";
}
