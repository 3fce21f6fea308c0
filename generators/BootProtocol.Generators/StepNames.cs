namespace BootProtocol.Generators;

/// <summary>The names of the pipeline's steps, by which tests see what ran.</summary>
internal static class StepNames
{
    public const string Inputs = nameof(Inputs);
    public const string Parse = nameof(Parse);
    public const string Bind = nameof(Bind);
    public const string Structures = nameof(Structures);
    public const string Choices = nameof(Choices);
    public const string Enumerations = nameof(Enumerations);
    public const string Notes = nameof(Notes);
    public const string Catalog = nameof(Catalog);
    public const string Problems = nameof(Problems);

    /// <summary>The steps that a source hangs on: these must stay cached where nothing that is generated changed.</summary>
    public static readonly string[] Outputs = [Structures, Choices, Enumerations, Notes, Catalog];
}
