using System.Collections.Immutable;
using System.Text;
using BootProtocol.Hashes;
using BootProtocol.Images;

namespace BootProtocol.Signatures;

/// <summary>What PCR 11 of the TPM holds once a unified kernel image was started, by phase of the system's start.</summary>
/// <remarks>
/// The stub extends the register with the name and with the contents of each part, in an order of its own; systemd then with the name of
/// each phase that is reached. The contents are those in memory: zeros follow where a section is longer there than in the file, as
/// <c>.linux</c> of ukify 257 is. Source: systemd, "Linux TPM PCR Measurements Made by systemd" and systemd-measure(1).
/// </remarks>
/// <example><code>
/// UnifiedKernelProfile profile = unified.UnifiedKernel!.Profiles[0];
/// foreach (string phase in UnifiedKernelMeasurement.Phases)
///     Console.WriteLine($"{phase}: {Convert.ToHexStringLower(UnifiedKernelMeasurement.Pcr11(profile, HashFunction.Sha256, phase))}");
/// </code></example>
public static class UnifiedKernelMeasurement
{
    /// <summary>The parts that are measured, in their order.</summary>
    private static readonly string[] _order =
    [
        ".linux", ".osrel", ".cmdline", ".initrd", ".ucode", ".splash", ".dtb", ".uname", ".sbat", ".pcrpkey", ".profile", ".dtbauto", ".hwids", ".efifw",
    ];

    /// <summary>The phases that a start goes through, each the words of all that are reached, with colons between them.</summary>
    public static ImmutableArray<string> Phases { get; } =
        ["enter-initrd", "enter-initrd:leave-initrd", "enter-initrd:leave-initrd:sysinit", "enter-initrd:leave-initrd:sysinit:ready"];

    /// <summary>The value of PCR 11.</summary>
    /// <param name="profile">The profile that is started.</param>
    /// <param name="function">The hash function of the register's bank.</param>
    /// <param name="phase">The phase, such as one of <see cref="Phases"/>; empty for what the stub alone leaves.</param>
    /// <remarks>A command line or parts that come from elsewhere, and the choice among several device trees, are not in it.</remarks>
    /// <exception cref="BootFormatException">A part does not lie in the file.</exception>
    /// <exception cref="ArgumentOutOfRangeException">It is no hash function.</exception>
    public static byte[] Pcr11(UnifiedKernelProfile profile, HashFunction function, string phase)
    {
        ArgumentNullException.ThrowIfNull(profile);
        ArgumentNullException.ThrowIfNull(phase);
        byte[] register = OfParts(profile, function);
        foreach (string word in phase.Split(':', StringSplitOptions.RemoveEmptyEntries))
            register = Extend(register, function, Encoding.UTF8.GetBytes(word));
        return register;
    }

    /// <summary>The values of PCR 11 in all phases, in the order of <see cref="Phases"/>; each part is hashed once.</summary>
    /// <param name="profile">The profile that is started.</param>
    /// <param name="function">The hash function of the register's bank.</param>
    /// <exception cref="BootFormatException">A part does not lie in the file.</exception>
    /// <exception cref="ArgumentOutOfRangeException">It is no hash function.</exception>
    public static ImmutableArray<byte[]> Pcr11(UnifiedKernelProfile profile, HashFunction function)
    {
        ArgumentNullException.ThrowIfNull(profile);
        byte[] register = OfParts(profile, function);
        ImmutableArray<byte[]>.Builder values = ImmutableArray.CreateBuilder<byte[]>(Phases.Length);
        foreach (string phase in Phases)
            values.Add(register = Extend(register, function, Encoding.UTF8.GetBytes(phase.Split(':')[^1])));
        return values.MoveToImmutable();
    }

    private static byte[] OfParts(UnifiedKernelProfile profile, HashFunction function)
    {
        byte[] register = new byte[HashFunctions.Length(function)];
        foreach (string name in _order)
        {
            if (profile.Find(name) is not { } section)
                continue;
            section.Require();
            if (!section.IsMeasured)
                continue;
            register = Extend(register, function, Encoding.ASCII.GetBytes(name + '\0'));
            register = ExtendByHash(register, function, section.Hash(function));
        }

        return register;
    }

    private static byte[] Extend(byte[] register, HashFunction function, ReadOnlySpan<byte> measured) =>
        ExtendByHash(register, function, HashFunctions.Hash(function, measured));

    private static byte[] ExtendByHash(byte[] register, HashFunction function, byte[] hash) => HashFunctions.Hash(function, [.. register, .. hash]);
}
