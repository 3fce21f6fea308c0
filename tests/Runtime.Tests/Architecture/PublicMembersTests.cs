using System.CodeDom.Compiler;
using System.Reflection;
using BootProtocol.Kexec;
using BootProtocol.Kvm;
using BootProtocol.Memory;
using BootProtocol.Stubs;
using BootProtocol.Testing;
using BootProtocol.Xen;

namespace BootProtocol.Runtime.Tests.Architecture;

/// <summary>The public members of each package, so that none appears, changes or goes by accident.</summary>
public sealed class PublicMembersTests
{
    private static readonly Assembly[] _assemblies =
    [
        typeof(ParseError).Assembly, typeof(GuestMemory).Assembly, typeof(EntryStub).Assembly, typeof(XenUnavailableException).Assembly,
        typeof(KvmMachine).Assembly, typeof(KexecLoader).Assembly,
    ];

    public static TheoryData<string> Packages => [.. _assemblies.Select(assembly => assembly.GetName().Name!)];

    [Theory]
    [MemberData(nameof(Packages))]
    public void Public_members_are_the_accepted_ones(string package)
    {
        Assembly assembly = _assemblies.Single(assembly => assembly.GetName().Name == package);
        IEnumerable<string> lines = assembly.GetExportedTypes()
            .Where(type => !IsGenerated(type))
            .SelectMany(PublicMembers.Of)
            .Order(StringComparer.Ordinal);
        Snapshot.Matches(string.Concat(lines.Select(line => line + "\n")), "txt", "Runtime.Tests", "Architecture", "Snapshots", package);
    }

    /// <summary>Whether a type comes out of a spec: the snapshots of the layouts hold those.</summary>
    private static bool IsGenerated(Type? type) =>
        type is not null && (type.GetCustomAttribute<GeneratedCodeAttribute>() is not null || IsGenerated(type.DeclaringType));
}
