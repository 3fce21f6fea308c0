using BootProtocol.Xen;

namespace BootProtocol.Runtime.Tests.XenControl;

/// <summary>What a pretended Xen does with HVM domains alone. Offsets are those that gcc gives for Xen's headers.</summary>
internal static class FakeHvm
{
    /// <summary>The record that every state begins with: Xen's own, which nobody else can make up.</summary>
    public static byte[] Header { get; } = [0x86, 0x12, 0x38, 0x54, 1, 0, 0, 0, .. Enumerable.Range(8, 16).Select(static i => (byte)i)];

    /// <summary>The hypercall on parameters.</summary>
    public static long Parameter(FakeXen xen, ulong operation, byte[] argument)
    {
        uint index = BitConverter.ToUInt32(argument, 4);
        if (xen.Step($"parameter {index}") is < 0 and var error)
            return error;
        if (argument.Length != 16 || !xen.Domains.TryGetValue(BitConverter.ToUInt16(argument), out FakeDomain? domain))
            return -(long)XenError.NoSuchDomain;
        if (!domain.IsHvm)
            return -(long)XenError.Invalid;
        if (operation == 0)
            domain.Parameters[index] = BitConverter.ToUInt64(argument, 8);
        else
            BitConverter.TryWriteBytes(argument.AsSpan(8), domain.Parameters.GetValueOrDefault(index));
        return 0;
    }

    /// <summary>Operations on HVM domains alone.</summary>
    public static long Domctl(FakeDomain domain, uint command, byte[] argument, Func<ulong, byte[]?> buffer)
    {
        if (!domain.IsHvm || command is not (33 or 34 or 86))
            return -(long)XenError.NotImplemented;
        ulong number = BitConverter.ToUInt64(argument, 16);
        if (command == 86)
        {
            domain.PagingPool = number;
            return number % 4096 == 0 && domain.Frames.Count == 0 ? 0 : -(long)XenError.Invalid;
        }

        byte[]? bytes = buffer(BitConverter.ToUInt64(argument, 24));
        if (command == 34)
            return domain.HasVCpus ? SetState(domain, bytes!.AsSpan(0, (int)(uint)number)) : -(long)XenError.Invalid;
        byte[] state = [.. Record(1, Header), .. Record(14, Types), .. Record(0, [])];
        BitConverter.TryWriteBytes(argument.AsSpan(16), state.Length);
        if (bytes is null)
            return 0;
        if ((uint)number < state.Length)
            return -(long)XenError.NoSpace;
        state.CopyTo(bytes, 0);
        return 0;
    }

    private static byte[] Types => [.. Enumerable.Repeat((byte)0x11, 232), 0, 0, 0, 0, 0, 0, 0, 0];

    private static long SetState(FakeDomain domain, ReadOnlySpan<byte> records)
    {
        for (bool isFirst = true; ; isFirst = false)
        {
            (ushort kind, ushort instance) = (BitConverter.ToUInt16(records), BitConverter.ToUInt16(records[2..]));
            ReadOnlySpan<byte> record = records.Slice(8, (int)BitConverter.ToUInt32(records[4..]));
            records = records[(8 + record.Length)..];
            if (kind == 0)
                return records.IsEmpty && !isFirst ? 0 : -(long)XenError.Invalid;
            if (isFirst != (kind == 1) || (isFirst && !record.SequenceEqual(Header)) || instance >= domain.MaxVCpus)
                return -(long)XenError.Invalid;
            if (!isFirst)
                domain.Records.Add((kind, instance, record.ToArray()));
        }
    }

    private static byte[] Record(ushort kind, byte[] bytes) => [.. BitConverter.GetBytes(kind), 0, 0, .. BitConverter.GetBytes(bytes.Length), .. bytes];
}
