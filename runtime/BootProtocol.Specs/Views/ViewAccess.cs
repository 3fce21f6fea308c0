using System.ComponentModel;
using System.Runtime.CompilerServices;

namespace BootProtocol;

/// <summary>Reaches the members that generated views implement explicitly. For generated code.</summary>
/// <example><code>
/// int size = ViewAccess.SizeOf&lt;StartInfo&gt;(WordSize.Bits64);
/// byte[] page = new byte[size];
/// StartInfo.Create(page, WordSize.Bits64);
/// Console.WriteLine(ViewAccess.View&lt;StartInfo&gt;(page, WordSize.Bits64).NrPages);
/// </code></example>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class ViewAccess
{
    /// <summary>Looks at bytes as a structure; see <see cref="IView{TSelf}.View"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T View<T>(ReadOnlySpan<byte> bytes, WordSize word)
        where T : IView<T>, allows ref struct => T.View(bytes, word);

    /// <summary>The size of a structure in bytes; see <see cref="IView{TSelf}.SizeOf"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int SizeOf<T>(WordSize word)
        where T : IView<T>, allows ref struct => T.SizeOf(word);
}
