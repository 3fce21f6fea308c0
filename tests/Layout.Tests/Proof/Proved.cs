using BootProtocol.Layout.Tests.Tables;

namespace BootProtocol.Layout.Tests.Proof;

/// <summary>The shipped specs held against the C headers of this machine: each C file is compiled once.</summary>
internal static class Proved
{
    private static readonly Lazy<ProofPlan> Narrow = new(() => new ProofPlan(SpecIndex.Shipped, TwinSet.Shipped, 32));
    private static readonly Lazy<ProofPlan> Wide = new(() => new ProofPlan(SpecIndex.Shipped, TwinSet.Shipped, 64));
    private static readonly Lazy<ILookup<int, string>> Complaints = new(Compile);

    public static ProofPlan Plan(int bits) => bits == 32 ? Narrow.Value : Wide.Value;

    /// <summary>What gcc says against the specs; empty if it agrees.</summary>
    public static IEnumerable<string> ComplaintsOf(int bits) => Complaints.Value[bits];

    private static ILookup<int, string> Compile()
        => new[] { 32, 64 }
            .SelectMany(bits => Plan(bits).Proofs)
            .AsParallel()
            .AsOrdered()
            .Select(proof => (Proof: proof, Complaint: new CCompiler().Complaint(proof.Source, proof.Bits)))
            .Where(result => result.Complaint.Length > 0)
            .ToLookup(result => result.Proof.Bits, result => $"{result.Proof.Table.File}, {result.Proof.Bits} bits: {result.Complaint}");
}
