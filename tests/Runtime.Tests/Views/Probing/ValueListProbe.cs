using System.Reflection;

namespace BootProtocol.Runtime.Tests.Views;

/// <summary>Reads an array of numbers, addresses or enumerators, by index, in a walk and as a copy.</summary>
internal sealed class ValueListProbe<TView, TItem>(MethodInfo method) : FieldProbe<TView>
    where TView : allows ref struct
{
    private readonly Reach<TView, ValueList<TItem>> _reach = new(method);

    public override string Read(scoped ref TView view)
    {
        if (!_reach.TryRead(ref view, out ValueList<TItem> list))
            return Canonical.Absent;
        var items = new List<TItem>();
        foreach (TItem item in list)
        {
            Assert.Equal(item, list[items.Count]);
            items.Add(item);
        }

        Assert.Equal(list.Count, items.Count);
        Assert.Equal(items, list.ToArray());
        return $"[{string.Join(' ', items.Select(item => Canonical.Text(item)))}]";
    }
}
