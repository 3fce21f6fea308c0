using System.Reflection;

namespace BootProtocol.Runtime.Tests.Views;

/// <summary>Reads one member of a view: a property, or a <c>TryGet</c> method where the member may be absent.</summary>
/// <remarks>Views cannot be boxed, so reflection serves only to make delegates that take them by reference.</remarks>
internal sealed class Reach<TView, TValue>
    where TView : allows ref struct
    where TValue : allows ref struct
{
    private readonly Getter? _get;
    private readonly TryGetter? _tryGet;

    public Reach(MethodInfo method)
    {
        if (method.ReturnType == typeof(bool) && method.GetParameters().Length == 1)
            _tryGet = method.CreateDelegate<TryGetter>();
        else
            _get = method.CreateDelegate<Getter>();
    }

    private delegate TValue Getter(scoped ref TView view);

    private delegate bool TryGetter(scoped ref TView view, out TValue value);

    public bool TryRead(scoped ref TView view, out TValue value)
    {
        if (_tryGet is not null)
            return _tryGet(ref view, out value);
        value = _get!(ref view);
        return true;
    }
}
