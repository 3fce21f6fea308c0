using System.IO.Compression;
using System.Text;
using BootProtocol.Elf;
using BootProtocol.Kernels;
using BootProtocol.Runtime.Tests.Elf;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Kernels;

public sealed class EmbeddedConfigurationTests
{
    private static readonly byte[] _text =
        [.. Enumerable.Range(0, 2000).SelectMany(number => Encoding.ASCII.GetBytes($"CONFIG_{number}=y\n"))];

    [Fact]
    public void It_is_found_between_its_marks()
    {
        byte[] kernel = [.. "IKCFG_ST in a tool's code, IKCFG_ED, "u8, .. Wrap(Pack(_text)), .. "IKCFG_ST"u8];
        Assert.Equal(_text, EmbeddedConfiguration.Read(KernelBytes.FromMemory(kernel)));
    }

    [Fact]
    [Needs(Need.Kernels)]
    public void A_kernel_without_one_has_none()
    {
        Assert.Null(EmbeddedConfiguration.Read(KernelBytes.FromMemory("IKCFG_ST, IKCFG_ED"u8.ToArray())));
        Assert.Null(EmbeddedConfiguration.Read(KernelBytes.FromMemory(ReadOnlyMemory<byte>.Empty)));
        Assert.Null(EmbeddedConfiguration.Read(KernelBytes.FromMemory(DecodedKernels.Bytes("6.12-amd64"))));
    }

    [Fact]
    public void It_has_a_longest_size()
    {
        byte[] bomb = Wrap(Pack(new byte[EmbeddedConfiguration.MaximumLength + 1]));
        Assert.Equal("ISIZE", Refusal(bomb).Field);
        var limits = new Limits { MaximumOutput = _text.Length - 1 };
        Assert.Throws<BootFormatException>(() => EmbeddedConfiguration.Read(KernelBytes.FromMemory(Wrap(Pack(_text))), limits));
        limits = new Limits { MaximumOutput = _text.Length };
        Assert.Equal(_text, EmbeddedConfiguration.Read(KernelBytes.FromMemory(Wrap(Pack(_text))), limits));

        // A size that lies about what comes out.
        byte[] packed = Pack(new byte[100_000]);
        packed.AsSpan(^4..).Clear();
        _ = Refusal(Wrap(packed));
    }

    [Fact]
    public void A_missing_end_is_refused()
    {
        byte[] kernel = Wrap(Pack(_text))[..^1];
        Assert.Equal("IKCFG_ED", Refusal(kernel).Field);
    }

    [Fact]
    public void Every_shortened_or_changed_stream_is_read_or_refused()
    {
        byte[] packed = Pack(_text);
        for (int length = 3; length < packed.Length; length++)
            Read(Wrap(packed[..length]));
        foreach (byte change in (byte[])[0x01, 0x80, 0xff])
        {
            for (int i = 3; i < packed.Length; i++)
            {
                byte[] broken = (byte[])packed.Clone();
                broken[i] ^= change;
                Read(Wrap(broken));
            }
        }
    }

    private static BootFormatException Refusal(byte[] kernel) =>
        Assert.Throws<BootFormatException>(() => EmbeddedConfiguration.Read(KernelBytes.FromMemory(kernel)));

    private static void Read(byte[] kernel)
    {
        try
        {
            _ = EmbeddedConfiguration.Read(KernelBytes.FromMemory(kernel));
        }
        catch (BootFormatException)
        {
        }
    }

    private static byte[] Wrap(byte[] packed) => [.. "IKCFG_ST"u8, .. packed, .. "IKCFG_ED"u8];

    private static byte[] Pack(byte[] text)
    {
        using var result = new MemoryStream();
        using (var stream = new GZipStream(result, CompressionLevel.Optimal))
            stream.Write(text);
        return result.ToArray();
    }
}
