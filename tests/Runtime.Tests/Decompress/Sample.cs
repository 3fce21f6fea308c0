using System.Text;

namespace BootProtocol.Runtime.Tests.Decompress;

/// <summary>Bytes to pack, the same in every run.</summary>
internal static class Sample
{
    private static readonly Lazy<byte[]> s_code = new(() => File.ReadAllBytes(FindCode()));

    /// <summary>The kinds of bytes that <see cref="Make"/> knows.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["zeros", "random", "text", "sparse", "code"];

    /// <summary>Makes bytes of a kind.</summary>
    public static byte[] Make(string kind, int length)
    {
        var random = new Random(length * 31 + kind.Length);
        var bytes = new byte[length];
        switch (kind)
        {
            case "zeros":
                break;
            case "random":
                random.NextBytes(bytes);
                break;
            case "text":
                FillWithText(bytes, random);
                break;
            case "sparse":
                for (int i = 0; i < length; i += 1 + random.Next(2000))
                    bytes[i] = (byte)random.Next(256);
                break;
            default:
                // Machine code with calls in it, what a kernel mostly is.
                byte[] code = s_code.Value;
                for (int at = 0; at < length; at += code.Length)
                    code.AsSpan(0, Math.Min(code.Length, length - at)).CopyTo(bytes.AsSpan(at));
                break;
        }
        return bytes;
    }

    /// <summary>A few KiB of everything: code, text, zeros, bytes without order.</summary>
    public static byte[] Mixed(int length)
    {
        int part = length / 4;
        return [.. Make("code", part * 2)[^part..], .. Make("text", part), .. Make("zeros", part), .. Make("random", length - 3 * part)];
    }

    private static void FillWithText(Span<byte> bytes, Random random)
    {
        string[] words = ["domain", "kernel", "page", "frame", "boot", "start", "of", "the", "a", "memory", "vcpu", "\n", "0x1000", "is"];
        var text = new StringBuilder();
        while (text.Length < bytes.Length)
            text.Append(words[random.Next(words.Length)]).Append(' ');
        Encoding.ASCII.GetBytes(text.ToString(0, bytes.Length), bytes);
    }

    private static string FindCode()
    {
        string folder = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        return Path.Combine(folder, "libcoreclr.so");
    }
}
