using System.Text;
using BootProtocol.Decompress;
using BootProtocol.Domains;
using BootProtocol.Elf;
using BootProtocol.Images;
using BootProtocol.Kernels;
using BootProtocol.Memory;
using BootProtocol.Relocate;
using BootProtocol.Runtime.Tests.Images;
using BootProtocol.Runtime.Tests.Kernels;
using BootProtocol.Sample;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Primitives;

/// <summary>The codes of errors, for programs, and their texts, for people: one place for both.</summary>
public sealed class ErrorCodeTests
{
    private const ulong GuestBytes = 64 << 20;
    private static readonly byte[] _sample = SampleGuest.Create(WordSize.Bits64);

    // Each way to be refused, by what it shows; Texts has the lines.
    private static readonly Dictionary<string, Action> _cases = new()
    {
        ["no image"] = static () => BootImage.Open("#!/bin/sh\n"u8.ToArray()),
        ["a cut image"] = static () => BootImage.Open(_sample.AsMemory(0, _sample.Length - 100)).EnsureComplete(),
        ["a header beyond the file"] = static () => ElfFile.Open(KernelBytes.FromMemory("\u007fELF\u0002\u0001\u0001"u8.ToArray())),
        ["a big-endian file"] = static () => ElfFile.Open(KernelBytes.FromMemory(new byte[] { 0x7f, 0x45, 0x4c, 0x46, 2, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0 })),
        ["a class of no file"] = static () => ElfFile.Open(KernelBytes.FromMemory(new byte[] { 0x7f, 0x45, 0x4c, 0x46, 3, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0 })),
        ["bytes beyond the kernel"] = static () => KernelBytes.FromMemory(new byte[10]).Read(8, 3),
        ["a broken stream"] = static () => Decode(static gzip => gzip[10] |= 6),
        ["a wrong checksum"] = static () => Decode(static gzip => gzip[^8] ^= 1),
        ["a wrong size"] = static () => DecodeKernel(0),
        ["a size beyond the limit"] = static () => DecodeKernel(uint.MaxValue),
        ["no kernel in it"] = static () => BootImage.Open(PeFile.Stub()).Decompress(),
        ["no header in it"] = static () => _ = BootImage.Open(SampleKernel.Link(WordSize.Bits64).Elf).SetupHeader.Version,
        ["a NUL"] = static () => Build(new PvhBuilder { MemorySize = GuestBytes, CommandLine = "a\0b" }),
        ["a long command line"] = static () => Build(new LinuxBootBuilder { MemorySize = GuestBytes, CommandLine = new string('x', 5000) }),
        ["too little memory"] = static () => Build(new PvhBuilder { MemorySize = 2 << 20, Initrds = [new byte[4 << 20]] }),
        ["an offset that is not allowed"] = static () => Build(new PvhBuilder { MemorySize = GuestBytes, Kaslr = Kaslr.At(0x1234) }),
        ["an entry that the kernel has not"] = static () => Build(new LinuxBootBuilder { MemorySize = GuestBytes, Mode = WordSize.Bits64 }, WordSize.Bits32),
        ["another version"] = static () => Build(new PvhBuilder { MemorySize = GuestBytes, Version = 7 }),
        ["too short a destination"] = static () => BootImage.Open(_sample).DecompressInto(new byte[100]),
        ["a range that is too long"] = static () => GuestMemory.Allocate().Claim(default, 1L << 31),
    };

    [Fact]
    public void Codes_and_texts_are_as_they_were()
    {
        var text = new StringBuilder();
        foreach ((string name, Action provoke) in _cases)
        {
            BootException fault = Assert.ThrowsAny<BootException>(provoke);
            string kind = fault is BootRequestException ? "request" : "format";
            text.Append(null, $"{name}: {kind}, {fault.Code}\n  {fault.Message}\n");
        }

        Snapshot.Matches(text.ToString(), "txt", "Runtime.Tests", "Primitives", "ErrorCodes");
    }

    [Fact]
    public void Every_code_is_shown()
    {
        IEnumerable<BootErrorCode> seen = _cases.Values.Select(static provoke => Assert.ThrowsAny<BootException>(provoke).Code);
        Assert.Equal([BootErrorCode.None], Enum.GetValues<BootErrorCode>().Except(seen));
    }

    private static void Decode(Action<byte[]> change)
    {
        byte[] payload = PackedImage.Gzip(_sample);
        change(payload);
        using var decoder = PayloadDecoder.Create(payload, new PayloadOptions { End = PayloadEnd.Exact });
        decoder.DecodeWhole();
    }

    private static void DecodeKernel(uint size)
    {
        byte[] payload = PackedImage.Gzip([.. "\u007fELF"u8, .. new byte[1000]]);
        BitConverter.GetBytes(size == 0 ? 2000u : size).CopyTo(payload, payload.Length - 4);
        using var image = BootImage.Open(PackedImage.Create(payload));
        using Kernel kernel = image.Decompress();
        kernel.DecodeAll();
    }

    private static void Build(DomainBuilder builder, WordSize word = WordSize.Bits64)
    {
        using var image = BootImage.Open(SampleGuest.Create(word));
        using Kernel kernel = image.Decompress();
        switch (builder)
        {
            case PvhBuilder pvh:
                pvh.Build(kernel).Dispose();
                break;
            case LinuxBootBuilder linux:
                linux.Build(kernel).Dispose();
                break;
        }
    }
}
