using System.Reflection;

namespace BootProtocol.Runtime.Tests.Views;

/// <summary>Reads a nested structure, all of it.</summary>
internal sealed class NestedProbe<TView, TNested>(MethodInfo method) : FieldProbe<TView>
    where TView : allows ref struct
    where TNested : IView<TNested>, allows ref struct
{
    private readonly Reach<TView, TNested> _reach = new(method);

    public override string Read(scoped ref TView view) =>
        _reach.TryRead(ref view, out TNested value) ? $"{{{StructureProbe<TNested>.Instance.Describe(ref value)}}}" : Canonical.Absent;
}
