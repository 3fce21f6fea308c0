using System.Runtime.InteropServices;
using System.Text;
using BootProtocol.Kexec;
using BootProtocol.Kexec.Host;
using Microsoft.Win32.SafeHandles;

namespace BootProtocol.Runtime.Tests.KexecLoading;

/// <summary>Takes the place of the running kernel: keeps what it is passed, and answers as a test says.</summary>
internal sealed class FakeCalls(int answer = 0) : IKexecCalls, IDisposable
{
    private readonly List<string> _files = [];

    /// <summary>What was called.</summary>
    public List<string> Log { get; } = [];

    /// <summary>The segments of the last call: place, size, and the bytes that were there.</summary>
    public List<(ulong Start, ulong Size, byte[] Bytes)> Segments { get; } = [];

    /// <summary>The last kernel's and initial ramdisk's bytes.</summary>
    public (byte[]? Kernel, byte[]? Initrd) Files { get; private set; }

    public int Load(Paddr entry, ReadOnlySpan<byte> segments, KexecLoadFlags flags)
    {
        Segments.Clear();
        for (int at = 0; at < segments.Length; at += KexecSegment.Layout.Size64)
        {
            KexecSegment segment = KexecSegment.Parse(segments[at..], WordSize.Bits64);
            byte[] bytes = new byte[segment.BufferSize];
            Marshal.Copy((nint)segment.Buffer, bytes, 0, bytes.Length);
            Segments.Add((segment.Memory, segment.MemorySize, bytes));
        }

        Log.Add($"load {entry} {Segments.Count} 0x{(uint)flags:x}");
        return answer;
    }

    public int LoadFile(SafeFileHandle? kernel, SafeFileHandle? initrd, ReadOnlySpan<byte> commandLine, KexecFileFlags flags)
    {
        Files = (Read(kernel), Read(initrd));
        Log.Add($"file '{Encoding.UTF8.GetString(commandLine).Replace("\0", "|", StringComparison.Ordinal)}' {flags}");
        return answer;
    }

    public int Execute()
    {
        Log.Add("execute");
        return answer;
    }

    public SafeFileHandle CreateFile(IEnumerable<ReadOnlyMemory<byte>> parts)
    {
        string path = Path.GetTempFileName();
        _files.Add(path);
        File.WriteAllBytes(path, [.. parts.SelectMany(static part => part.ToArray())]);
        return File.OpenHandle(path);
    }

    public void Dispose() => _files.ForEach(File.Delete);

    private static byte[]? Read(SafeFileHandle? file)
    {
        if (file is null)
            return null;
        byte[] bytes = new byte[RandomAccess.GetLength(file)];
        RandomAccess.Read(file, bytes, 0);
        return bytes;
    }
}
