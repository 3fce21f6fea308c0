namespace BootProtocol.Runtime.Tests.Views;

/// <summary>Notes of a test's own.</summary>
internal sealed class FakeNotes(string owner, WordSize word = WordSize.Bits64) : INoteSource
{
    private readonly Dictionary<uint, byte[]> _notes = [];

    public WordSize Word => word;

    public FakeNotes Add(uint type, params byte[] descriptor)
    {
        _notes[type] = descriptor;
        return this;
    }

    public bool TryFindNote(string wanted, uint type, out ReadOnlySpan<byte> descriptor)
    {
        bool isThere = _notes.TryGetValue(type, out byte[]? bytes) && wanted == owner;
        descriptor = bytes;
        return isThere;
    }
}
