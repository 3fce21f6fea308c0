using System.Collections.Generic;
using BootProtocol.Generators.Model;

namespace BootProtocol.Generators.Binding;

/// <summary>A type that the language has built in.</summary>
/// <param name="Kind">What it stores.</param>
/// <param name="CSharpType">The C# type of a value.</param>
/// <param name="Size">Bytes of one element; 0 if they follow the guest's word size.</param>
internal sealed record PrimitiveType(TypeKind Kind, string CSharpType, int Size)
{
    /// <summary>Whether the number is stored as hexadecimal digits, as many as the brackets say.</summary>
    public bool IsDigits { get; init; }

    /// <summary>Whether the number is stored most significant byte first; null if it is as the protocol says.</summary>
    public bool? IsBigEndian { get; init; }

    /// <summary>How the number is stored.</summary>
    public NumberForm Form { get; init; }

    /// <summary>Whether it is a number that is stored as the protocol says.</summary>
    public bool IsPlain => !IsDigits && IsBigEndian is null && Form == NumberForm.Plain;

    public static readonly IReadOnlyDictionary<string, PrimitiveType> All = new Dictionary<string, PrimitiveType>
    {
        ["u8"] = new(TypeKind.Unsigned, "byte", 1),
        ["u16"] = new(TypeKind.Unsigned, "ushort", 2),
        ["u32"] = new(TypeKind.Unsigned, "uint", 4),
        ["u64"] = new(TypeKind.Unsigned, "ulong", 8),
        ["u16be"] = new(TypeKind.Unsigned, "ushort", 2) { IsBigEndian = true },
        ["u32be"] = new(TypeKind.Unsigned, "uint", 4) { IsBigEndian = true },
        ["u64be"] = new(TypeKind.Unsigned, "ulong", 8) { IsBigEndian = true },
        ["u16le"] = new(TypeKind.Unsigned, "ushort", 2) { IsBigEndian = false },
        ["u32le"] = new(TypeKind.Unsigned, "uint", 4) { IsBigEndian = false },
        ["u64le"] = new(TypeKind.Unsigned, "ulong", 8) { IsBigEndian = false },
        ["s8"] = new(TypeKind.Signed, "sbyte", 1),
        ["s16"] = new(TypeKind.Signed, "short", 2),
        ["s32"] = new(TypeKind.Signed, "int", 4),
        ["s64"] = new(TypeKind.Signed, "long", 8),
        ["word"] = new(TypeKind.Unsigned, "ulong", 0),
        ["sword"] = new(TypeKind.Signed, "long", 0),
        ["hex"] = new(TypeKind.Unsigned, "ulong", 1) { IsDigits = true },
        ["uint"] = new(TypeKind.Unsigned, "ulong", 1) { Form = NumberForm.Sized },
        ["leb128"] = new(TypeKind.Unsigned, "ulong", 1) { Form = NumberForm.Leb128 },
        ["char"] = new(TypeKind.Text, "byte", 1),
        ["bytes"] = new(TypeKind.Bytes, "byte", 1),
        ["pad"] = new(TypeKind.Pad, "byte", 1),
        ["addr"] = new(TypeKind.Address, "ulong", 0),
        ["addr16"] = new(TypeKind.Address, "ushort", 2),
        ["addr32"] = new(TypeKind.Address, "uint", 4),
        ["addr64"] = new(TypeKind.Address, "ulong", 8),
        ["paddr32"] = new(TypeKind.PhysicalAddress, "global::BootProtocol.Paddr", 4),
        ["paddr64"] = new(TypeKind.PhysicalAddress, "global::BootProtocol.Paddr", 8),
        ["vaddr"] = new(TypeKind.VirtualAddress, "global::BootProtocol.Vaddr", 0),
        ["vaddr32"] = new(TypeKind.VirtualAddress, "global::BootProtocol.Vaddr", 4),
        ["vaddr64"] = new(TypeKind.VirtualAddress, "global::BootProtocol.Vaddr", 8),
        ["maddr"] = new(TypeKind.MachineAddress, "global::BootProtocol.Maddr", 0),
        ["maddr32"] = new(TypeKind.MachineAddress, "global::BootProtocol.Maddr", 4),
        ["maddr64"] = new(TypeKind.MachineAddress, "global::BootProtocol.Maddr", 8),
        ["pfn"] = new(TypeKind.PhysicalFrame, "global::BootProtocol.Pfn", 0),
        ["pfn32"] = new(TypeKind.PhysicalFrame, "global::BootProtocol.Pfn", 4),
        ["pfn64"] = new(TypeKind.PhysicalFrame, "global::BootProtocol.Pfn", 8),
        ["mfn"] = new(TypeKind.MachineFrame, "global::BootProtocol.Mfn", 0),
        ["mfn32"] = new(TypeKind.MachineFrame, "global::BootProtocol.Mfn", 4),
        ["mfn64"] = new(TypeKind.MachineFrame, "global::BootProtocol.Mfn", 8),
    };
}
