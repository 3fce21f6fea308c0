using System.Reflection;

namespace BootProtocol.Runtime.Tests.Views;

/// <summary>Reads text or bytes.</summary>
internal sealed class BytesProbe<TView>(MethodInfo method) : FieldProbe<TView>
    where TView : allows ref struct
{
    private readonly Reach<TView, ReadOnlySpan<byte>> _reach = new(method);

    public override string Read(scoped ref TView view)
    {
        _reach.TryRead(ref view, out ReadOnlySpan<byte> value);
        return Canonical.Text(value);
    }
}
