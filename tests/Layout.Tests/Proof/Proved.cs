using System.Collections.Concurrent;
using BootProtocol.Layout.Tests.Headers;
using BootProtocol.Layout.Tests.Tables;

namespace BootProtocol.Layout.Tests.Proof;

/// <summary>The shipped specs held against sets of C headers: each C file is compiled once.</summary>
internal static class Proved
{
    private static readonly ConcurrentDictionary<(string, int), Lazy<ProofPlan>> _plans = new();
    private static readonly ConcurrentDictionary<(string, int), Lazy<string[]>> _complaints = new();

    public static ProofPlan Plan(HeaderSet headers, int bits)
        => _plans.GetOrAdd((headers.Name, bits), _ => new(() => new ProofPlan(SpecIndex.Shipped, TwinSet.Shipped, bits, headers))).Value;

    /// <summary>What gcc says against the specs; empty if it agrees.</summary>
    public static IEnumerable<string> ComplaintsOf(HeaderSet headers, int bits)
        => _complaints.GetOrAdd((headers.Name, bits), _ => new(() => Compile(headers, bits))).Value;

    private static string[] Compile(HeaderSet headers, int bits) =>
    [
        .. Plan(headers, bits).Proofs
            .AsParallel()
            .AsOrdered()
            .Select(proof => (Proof: proof, Complaint: new CCompiler(headers: headers).Complaint(proof.Source, proof.Bits)))
            .Where(result => result.Complaint.Length > 0)
            .Select(result => $"{result.Proof.Table.File}, {result.Proof.Bits} bits: {result.Complaint}"),
    ];
}
