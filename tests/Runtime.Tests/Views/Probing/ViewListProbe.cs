using System.Reflection;

namespace BootProtocol.Runtime.Tests.Views;

/// <summary>Reads an array of structures, by index and in a walk.</summary>
internal sealed class ViewListProbe<TView, TItem>(MethodInfo method) : FieldProbe<TView>
    where TView : allows ref struct
    where TItem : IView<TItem>, allows ref struct
{
    private readonly Reach<TView, ViewList<TItem>> _reach = new(method);
    private readonly ViewListSpeller<TItem> _speller = new();

    public override string Read(scoped ref TView view) =>
        _reach.TryRead(ref view, out ViewList<TItem> list) ? _speller.Spell(list) : Canonical.Absent;
}
