using System.Text;
using BootProtocol.Cpio;
using BootProtocol.Decompress;
using BootProtocol.Elf;

namespace BootProtocol.Checks;

/// <summary>What is in an initial ramdisk: archives one behind the other, each packed or not.</summary>
/// <remarks>Source: Documentation/driver-api/early-userspace/buffer-format.rst of Linux.</remarks>
internal sealed class InitrdContents
{
    private const string Trailer = "TRAILER!!!";

    private static readonly string[] _programs = ["init", "bin/sh", "usr/bin/sh", "bin/busybox", "usr/bin/busybox", "sbin/init", "usr/lib/systemd/systemd"];

    private readonly List<PayloadFormat> _formats = [];
    private readonly Limits _limits;

    private InitrdContents(Limits limits) => _limits = limits;

    /// <summary>Why it cannot be unpacked; null if it can.</summary>
    public string? Fault { get; private set; }

    /// <summary>Whether its first bytes are of no form that the kernel takes; <see cref="Fault"/> is null then.</summary>
    public bool IsUnknown { get; private set; }

    /// <summary>
    /// Whether files may be in it that were not read: it is larger than the limits allow, or what follows a packed archive is not understood.
    /// <see cref="Fault"/> is null then.
    /// </summary>
    public bool IsPartial { get; private set; }

    /// <summary>The compressions of its archives.</summary>
    public IReadOnlyList<PayloadFormat> Formats => _formats;

    /// <summary>Bytes that were decoded, of all packed archives together.</summary>
    public int Decoded { get; private set; }

    /// <summary>The word size of its first program; null if it has none that is looked at.</summary>
    public WordSize? ProgramWord { get; private set; }

    /// <summary>Its files.</summary>
    public InitrdFiles Files { get; } = new();

    /// <summary>Reads it, as far as it can be.</summary>
    /// <param name="bytes">Its bytes.</param>
    /// <param name="limits">How much all of it may ask for: what it decodes to is no more in all than one payload may; null for the default.</param>
    public static InitrdContents Read(ReadOnlyMemory<byte> bytes, Limits? limits = null)
    {
        var contents = new InitrdContents(limits ?? Limits.Default);
        contents.ReadAll(bytes);
        return contents;
    }

    private void ReadAll(ReadOnlyMemory<byte> bytes)
    {
        int at = 0;
        while (Fault is null && SkipZeros(bytes.Span, ref at))
        {
            if (IsArchive(bytes.Span[at..]))
            {
                at += ReadArchive(bytes.Span[at..]);
                continue;
            }

            if (!PayloadFormats.TryDetect(bytes.Span[at..], out PayloadFormat format) || format == PayloadFormat.None)
            {
                IsUnknown = Files.Count == 0 && _formats.Count == 0;
                IsPartial = _formats.Count > 0;
                Fault = IsUnknown || IsPartial ? null : FormattableString.Invariant($"something that is no archive at 0x{at:x}");
                return;
            }

            if (!_formats.Contains(format))
                _formats.Add(format);
            if (!TryReadPacked(bytes[at..], format, out int length))
                return;
            at += length;
        }
    }

    /// <summary>Reads a packed archive, or several that are packed together.</summary>
    /// <param name="bytes">The bytes from its first one on; others may follow it.</param>
    /// <param name="format">How it is packed.</param>
    /// <param name="length">Its bytes.</param>
    /// <returns>Whether it was read to its end.</returns>
    private bool TryReadPacked(ReadOnlyMemory<byte> bytes, PayloadFormat format, out int length)
    {
        length = 0;
        try
        {
            var options = new PayloadOptions { End = PayloadEnd.Open, Limits = _limits.Without(Decoded) };
            using var decoder = PayloadDecoder.Create(format, bytes, options);
            ReadOnlySpan<byte> decoded = decoder.DecodeWhole().Span;
            Decoded += decoded.Length;
            int at = 0;
            while (Fault is null && SkipZeros(decoded, ref at))
            {
                if (!IsArchive(decoded[at..]))
                {
                    Fault = FormattableString.Invariant($"{PayloadFormats.Name(format)} of something that is no archive, at 0x{at:x} of what is unpacked");
                    return false;
                }

                at += ReadArchive(decoded[at..]);
            }

            length = decoder.Consumed;
            return length > 0;
        }
        catch (BootFormatException exception)
        {
            // The limits are those of this library: the kernel may well take it.
            IsPartial = exception.Error.Code == BootErrorCode.TooLarge;
            Fault = IsPartial ? null : exception.Message;
            return false;
        }
    }

    private static bool SkipZeros(ReadOnlySpan<byte> bytes, ref int at)
    {
        int zeros = bytes[at..].IndexOfAnyExcept((byte)0);
        at = zeros < 0 ? bytes.Length : at + zeros;
        return at < bytes.Length;
    }

    private static bool IsArchive(ReadOnlySpan<byte> bytes) => bytes.StartsWith("070701"u8) || bytes.StartsWith("070702"u8);

    /// <summary>Reads one archive up to its trailer.</summary>
    /// <returns>Its bytes.</returns>
    private int ReadArchive(ReadOnlySpan<byte> bytes)
    {
        var entries = new ViewSequence<CpioEntry>(bytes, WordSize.Bits64).Read();
        while (entries.MoveNext())
        {
            string name = Encoding.UTF8.GetString(entries.Current.Name).TrimEnd('\0');
            if (name == Trailer)
                return bytes.Length - entries.Rest.Length;
            ReadOnlySpan<byte> data = entries.Current.Contents;
            uint mode = (uint)entries.Current.CMode;
            Files.Add(name, new InitrdFile(mode, InitrdFile.IsLink(mode) ? Encoding.UTF8.GetString(data).TrimEnd('\0') : null));
            if (ProgramWord is null && _programs.Contains(name.TrimStart('.', '/')) && data.StartsWith("\u007fELF"u8) && data.Length > 4)
                ProgramWord = data[4] == 1 ? WordSize.Bits32 : WordSize.Bits64;
        }

        Fault = entries.Error.IsError ? $"it is cut or broken: {entries.Error}" : "it is cut: its archive has no end (TRAILER!!!)";
        return bytes.Length;
    }
}
