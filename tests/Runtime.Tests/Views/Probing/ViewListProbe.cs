using System.Reflection;

namespace BootProtocol.Runtime.Tests.Views;

/// <summary>Reads an array of structures, by index and in a walk.</summary>
internal sealed class ViewListProbe<TView, TItem>(MethodInfo method) : FieldProbe<TView>
    where TView : allows ref struct
    where TItem : IView<TItem>, allows ref struct
{
    private readonly Reach<TView, ViewList<TItem>> _reach = new(method);

    public override string Read(scoped ref TView view)
    {
        if (!_reach.TryRead(ref view, out ViewList<TItem> list))
            return Canonical.Absent;
        var items = new List<string>();
        foreach (TItem item in list)
        {
            TItem walked = item;
            TItem indexed = list[items.Count];
            string text = StructureProbe<TItem>.Instance.Describe(ref walked);
            Assert.Equal(text, StructureProbe<TItem>.Instance.Describe(ref indexed));
            items.Add($"{{{text}}}");
        }

        Assert.Equal(list.Count, items.Count);
        return $"[{string.Join(' ', items)}]";
    }
}
