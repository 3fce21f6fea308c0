namespace BootProtocol.Testing;

internal static partial class Filter
{
    static partial void BeforeStart(string program) => NeedsAttribute.Check(Need.Tools, program);
}
