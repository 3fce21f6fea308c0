using System.Text;

namespace BootProtocol.Xen.Store;

/// <summary>Texts in xenstore messages: each ends with NUL.</summary>
internal static class StoreText
{
    /// <summary>Joins texts, each with a NUL behind it.</summary>
    public static byte[] Join(params ReadOnlySpan<string> texts)
    {
        var joined = new StringBuilder();
        foreach (string text in texts)
            joined.Append(text).Append('\0');
        return Encoding.UTF8.GetBytes(joined.ToString());
    }

    /// <summary>The text up to its first NUL.</summary>
    public static string First(ReadOnlySpan<byte> bytes)
    {
        int end = bytes.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]);
    }

    /// <summary>All texts.</summary>
    public static string[] Split(ReadOnlySpan<byte> bytes)
    {
        string text = Encoding.UTF8.GetString(bytes);
        return text.Length == 0 ? [] : text[..(text.EndsWith('\0') ? ^1 : ^0)].Split('\0');
    }
}
