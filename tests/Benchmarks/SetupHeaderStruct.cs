using System.Runtime.InteropServices;

namespace BootProtocol.Benchmarks;

/// <summary>The setup header as a blittable structure: what a cast needs, without gates, lengths or byte order.</summary>
[StructLayout(LayoutKind.Explicit, Pack = 1, Size = 0x26c - Start)]
internal readonly struct SetupHeaderStruct
{
    private const int Start = 0x1f1;

    [FieldOffset(0x1f2 - Start)]
    public readonly ushort RootFlags;

    [FieldOffset(0x1fa - Start)]
    public readonly ushort VidMode;

    [FieldOffset(0x1fc - Start)]
    public readonly ushort RootDev;

    [FieldOffset(0x206 - Start)]
    public readonly ushort Version;

    [FieldOffset(0x20e - Start)]
    public readonly ushort KernelVersion;

    [FieldOffset(0x214 - Start)]
    public readonly uint Code32Start;

    [FieldOffset(0x218 - Start)]
    public readonly uint RamdiskImage;

    [FieldOffset(0x21c - Start)]
    public readonly uint RamdiskSize;

    [FieldOffset(0x220 - Start)]
    public readonly uint BootsectKludge;

    [FieldOffset(0x224 - Start)]
    public readonly ushort HeapEndPtr;

    [FieldOffset(0x228 - Start)]
    public readonly uint CmdLinePtr;

    [FieldOffset(0x230 - Start)]
    public readonly uint KernelAlignment;

    [FieldOffset(0x248 - Start)]
    public readonly uint PayloadOffset;

    [FieldOffset(0x24c - Start)]
    public readonly uint PayloadLength;

    [FieldOffset(0x258 - Start)]
    public readonly ulong PrefAddress;

    [FieldOffset(0x260 - Start)]
    public readonly uint InitSize;

    [FieldOffset(0x264 - Start)]
    public readonly uint HandoverOffset;
}
