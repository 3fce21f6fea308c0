using System.Reflection;

namespace BootProtocol.Runtime.Tests.Views;

/// <summary>Reads an array of numbers, addresses or enumerators, or of arrays, by index and in a walk.</summary>
internal sealed class ValueListProbe<TView, TItem>(MethodInfo method) : FieldProbe<TView>
    where TView : allows ref struct
    where TItem : allows ref struct
{
    private readonly Reach<TView, ValueList<TItem>> _reach = new(method);
    private readonly ItemSpeller<ValueList<TItem>> _speller = ItemSpeller<ValueList<TItem>>.Of();

    public override string Read(scoped ref TView view) =>
        _reach.TryRead(ref view, out ValueList<TItem> list) ? _speller.Spell(list) : Canonical.Absent;
}
