using System.Numerics;

namespace BootProtocol.Certificates;

/// <summary>A point of a curve in Jacobian coordinates: (<c>X / Z²</c>, <c>Y / Z³</c>).</summary>
/// <param name="X">The first coordinate.</param>
/// <param name="Y">The second one.</param>
/// <param name="Z">What they are divided by; zero for the point at infinity.</param>
internal readonly record struct EllipticPoint(BigInteger X, BigInteger Y, BigInteger Z);
