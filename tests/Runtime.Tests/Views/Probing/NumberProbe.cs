using System.Reflection;

namespace BootProtocol.Runtime.Tests.Views;

/// <summary>Reads a number, an address, flags or an enumerator, or null.</summary>
internal sealed class NumberProbe<TView, TValue>(MethodInfo method) : FieldProbe<TView>
    where TView : allows ref struct
{
    private readonly Reach<TView, TValue> _reach = new(method);

    public override string Read(scoped ref TView view) => Canonical.Text(_reach.TryRead(ref view, out TValue value) ? value : null);
}
