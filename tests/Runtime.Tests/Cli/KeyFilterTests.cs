using System.Text;
using BootProtocol.Cli.Running;

namespace BootProtocol.Runtime.Tests.Cli;

/// <summary>The keys that are the tool's own while a guest runs.</summary>
public sealed class KeyFilterTests
{
    [Theory]
    [InlineData("plain\u0003text", "plain\u0003text", false)]
    [InlineData("a\u0001xb", "a", true)]
    [InlineData("a\u0001X", "a", true)]
    [InlineData("a\u0001\u0001x", "a\u0001x", false)]
    [InlineData("a\u0001\u0001\u0001x", "a\u0001", true)]
    [InlineData("a\u0001cb", "ab", false)]
    [InlineData("x", "x", false)]
    public void Keys_are_taken_out(string typed, string kept, bool isEnd)
    {
        // In one piece, and key by key.
        foreach (int size in (int[])[typed.Length, 1])
        {
            var filter = new KeyFilter();
            var all = new StringBuilder();
            for (int at = 0; at < typed.Length && !filter.IsEnd; at += size)
            {
                byte[] keys = Encoding.Latin1.GetBytes(typed.Substring(at, size));
                all.Append(Encoding.Latin1.GetString(keys, 0, filter.Filter(keys)));
            }

            Assert.Equal((kept, isEnd), (all.ToString(), filter.IsEnd));
        }
    }
}
