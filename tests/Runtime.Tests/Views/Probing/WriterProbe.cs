namespace BootProtocol.Runtime.Tests.Views;

/// <summary>Everything that one writer of a structure can do.</summary>
internal abstract class WriterProbe
{
    /// <summary>Whether it may write what boot loaders may not.</summary>
    public abstract bool IsAuthor { get; }

    /// <summary>Whether <c>Create</c> hands it out.</summary>
    public abstract bool IsCreator { get; }

    /// <summary>Opens bytes for writing, and sets everything to random values.</summary>
    /// <returns>Whether the bytes are such a structure.</returns>
    public abstract bool Edit(Memory<byte> bytes, WordSize word, Random random, out ParseError error);

    /// <summary>Makes a structure of bytes.</summary>
    public abstract void Create(Memory<byte> bytes, WordSize word, uint? version);

    /// <summary>Makes a structure of bytes, and sets everything to random values.</summary>
    public abstract void CreateAndFill(Memory<byte> bytes, WordSize word, uint? version, Random random);
}
