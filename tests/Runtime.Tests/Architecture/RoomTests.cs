using System.Reflection;
using BootProtocol.Kexec;
using BootProtocol.Kvm;
using BootProtocol.Memory;
using BootProtocol.Stubs;
using BootProtocol.Testing;
using BootProtocol.Xen;

namespace BootProtocol.Runtime.Tests.Architecture;

/// <summary>The rooms use what ARCHITECTURE.md says.</summary>
public sealed class RoomTests
{
    private const string Prefix = "BootProtocol";

    /// <summary>The part of the library's own namespace that belongs to no room.</summary>
    private const string Ground = "";

    private static readonly Assembly[] _assemblies =
    [
        typeof(GuestMemory).Assembly, typeof(EntryStub).Assembly, typeof(XenUnavailableException).Assembly, typeof(KvmMachine).Assembly,
        typeof(KexecLoader).Assembly,
    ];

    private static readonly ILookup<string, string> _uses = Uses();

    public static TheoryData<string> Rooms => [.. ArchitecturePage.Rooms.Select(room => room.Key)];

    [Theory]
    [MemberData(nameof(Rooms))]
    public void Room_uses_what_the_page_says(string room)
    {
        string[] allowed = ArchitecturePage.Rooms.Single(row => row.Key == room).Value;
        string[] lower = [.. ArchitecturePage.Rooms.TakeWhile(row => row.Key != room).Select(row => row.Key)];
        Assert.Subset(lower.ToHashSet(), allowed.ToHashSet());
        Assert.Subset(allowed.Append(Ground).Append(room).ToHashSet(), _uses[room].ToHashSet());
    }

    [Fact]
    public void What_belongs_to_no_room_uses_none() => Assert.DoesNotContain(_uses[Ground], use => use != Ground);

    [Fact]
    public void Every_namespace_belongs_to_a_room()
    {
        HashSet<string> rooms = [.. ArchitecturePage.Rooms.Select(room => room.Key), Ground];
        Assert.Subset(rooms, _assemblies.SelectMany(assembly => assembly.GetTypes()).Where(IsOurs).Select(RoomOf).ToHashSet());
    }

    /// <summary>Which room uses which, by the types in declarations and code.</summary>
    private static ILookup<string, string> Uses() => _assemblies
        .SelectMany(assembly => assembly.GetTypes())
        .Where(IsOurs)
        .SelectMany(type => TypeUse.Of(type).Where(used => _assemblies.Contains(used.Assembly) && IsOurs(used)).Select(used => (type, used)))
        .Select(pair => (From: RoomOf(pair.type), To: RoomOf(pair.used)))
        .Distinct()
        .ToLookup(pair => pair.From, pair => pair.To);

    /// <summary>Whether a type is written here: compilers add some of their own.</summary>
    private static bool IsOurs(Type type) =>
        type.Namespace is { } name && (name == Prefix || name.StartsWith(Prefix + ".", StringComparison.Ordinal));

    private static string RoomOf(Type type) => type.Namespace!.Length == Prefix.Length ? Ground : type.Namespace[(Prefix.Length + 1)..].Split('.')[0];
}
