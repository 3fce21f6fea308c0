using System.Globalization;

namespace BootProtocol.Runtime.Tests.Views;

/// <summary>Values of properties as plain numbers, so that they can be compared with what the bytes hold.</summary>
internal static class Canonical
{
    /// <summary>What stands for a field that is not there.</summary>
    public const string Absent = "absent";

    public static string Text(ulong raw) => raw.ToString("x", CultureInfo.InvariantCulture);

    public static string Text(ReadOnlySpan<byte> bytes) => $"'{Convert.ToHexStringLower(bytes)}'";

    public static string Text(object? value) => value is null ? Absent : Text(Raw(value));

    /// <summary>The number behind a value; one with a sign is extended to 64 bits.</summary>
    public static ulong Raw(object value) => value switch
    {
        Enum member => Convert.ToUInt64(member, CultureInfo.InvariantCulture),
        byte or ushort or uint or ulong => Convert.ToUInt64(value, CultureInfo.InvariantCulture),
        sbyte or short or int or long => unchecked((ulong)Convert.ToInt64(value, CultureInfo.InvariantCulture)),
        Paddr address => address.Value,
        Vaddr address => address.Value,
        Maddr address => address.Value,
        Pfn frame => frame.Value,
        Mfn frame => frame.Value,
        ProtocolVersion version => version.Raw,
        _ => throw new ArgumentException($"{value.GetType()} is no type of a field.", nameof(value)),
    };

    /// <summary>A value of a property's type; bits that the type cannot hold are dropped.</summary>
    public static T Value<T>(ulong raw) => (T)Value(typeof(T), raw);

    private static object Value(Type type, ulong raw)
    {
        if (type.IsEnum)
            return Enum.ToObject(type, raw);
        unchecked
        {
            return Type.GetTypeCode(type) switch
            {
                TypeCode.Byte => (byte)raw,
                TypeCode.UInt16 => (ushort)raw,
                TypeCode.UInt32 => (uint)raw,
                TypeCode.UInt64 => raw,
                TypeCode.SByte => (sbyte)raw,
                TypeCode.Int16 => (short)raw,
                TypeCode.Int32 => (int)raw,
                TypeCode.Int64 => (long)raw,
                _ when type == typeof(Paddr) => new Paddr(raw),
                _ when type == typeof(Vaddr) => new Vaddr(raw),
                _ when type == typeof(Maddr) => new Maddr(raw),
                _ when type == typeof(Pfn) => new Pfn(raw),
                _ when type == typeof(Mfn) => new Mfn(raw),
                _ when type == typeof(ProtocolVersion) => ProtocolVersion.FromRaw((ushort)raw),
                _ => throw new ArgumentException($"{type} is no type of a field.", nameof(type)),
            };
        }
    }
}
