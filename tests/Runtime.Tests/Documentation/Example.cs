namespace BootProtocol.Runtime.Tests.Documentation;

/// <summary>The example in the documentation of a type.</summary>
/// <param name="Type">The type.</param>
/// <param name="Code">Its lines, without their common indentation.</param>
internal sealed record Example(Type Type, string Code)
{
    /// <summary>The type's name as the documentation spells it.</summary>
    public string Name => NameOf(Type);

    /// <summary>The name of a type as the documentation spells it.</summary>
    public static string NameOf(Type type) => type.FullName!.Replace('+', '.');
}
