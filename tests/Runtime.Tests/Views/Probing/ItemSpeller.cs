namespace BootProtocol.Runtime.Tests.Views;

/// <summary>Writes what an array holds as a text.</summary>
internal abstract class ItemSpeller<TItem>
    where TItem : allows ref struct
{
    public abstract string Spell(scoped TItem item);

    /// <summary>Finds out what the item is, and makes what spells it.</summary>
    public static ItemSpeller<TItem> Of()
    {
        Type type = typeof(TItem);
        if (type == typeof(ReadOnlySpan<byte>))
            return (ItemSpeller<TItem>)(object)new BytesSpeller();
        if (!type.IsByRefLike)
            return Make(typeof(NumberSpeller<>), type);
        bool holdsViews = type.GetGenericTypeDefinition() == typeof(ViewList<>);
        return Make(holdsViews ? typeof(ViewListSpeller<>) : typeof(ValueListSpeller<>), type.GetGenericArguments()[0]);

        static ItemSpeller<TItem> Make(Type speller, Type argument) =>
            (ItemSpeller<TItem>)Activator.CreateInstance(speller.MakeGenericType(argument))!;
    }
}

internal sealed class BytesSpeller : ItemSpeller<ReadOnlySpan<byte>>
{
    public override string Spell(scoped ReadOnlySpan<byte> item) => Canonical.Text(item);
}

internal sealed class NumberSpeller<TItem> : ItemSpeller<TItem>
{
    public override string Spell(TItem item) => Canonical.Text(item);
}

/// <summary>Numbers, or arrays: a walk and the index have to find the same.</summary>
internal sealed class ValueListSpeller<TItem> : ItemSpeller<ValueList<TItem>>
    where TItem : allows ref struct
{
    private readonly ItemSpeller<TItem> _speller = ItemSpeller<TItem>.Of();

    public override string Spell(scoped ValueList<TItem> item)
    {
        var items = new List<string>();
        foreach (TItem walked in item)
        {
            items.Add(_speller.Spell(walked));
            Assert.Equal(items[^1], _speller.Spell(item[items.Count - 1]));
        }

        Assert.Equal(item.Count, items.Count);
        return $"[{string.Join(' ', items)}]";
    }
}

/// <summary>Structures: a walk and the index have to find the same.</summary>
internal sealed class ViewListSpeller<TItem> : ItemSpeller<ViewList<TItem>>
    where TItem : IView<TItem>, allows ref struct
{
    public override string Spell(scoped ViewList<TItem> item)
    {
        var items = new List<string>();
        foreach (TItem walked in item)
        {
            TItem view = walked;
            TItem indexed = item[items.Count];
            string text = StructureProbe<TItem>.Instance.Describe(ref view);
            Assert.Equal(text, StructureProbe<TItem>.Instance.Describe(ref indexed));
            items.Add($"{{{text}}}");
        }

        Assert.Equal(item.Count, items.Count);
        return $"[{string.Join(' ', items)}]";
    }
}
