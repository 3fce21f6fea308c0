namespace BootProtocol.Repack;

/// <summary>What becomes of a section of a unified kernel image.</summary>
/// <param name="Name">The section, such as <c>.osrel</c>: one that is part of such images.</param>
/// <param name="Contents">What it holds then, be it there or not; null to take it out.</param>
/// <example><code>
/// var repacker = new ImageRepacker { Sections = [new SectionChange(".osrel", "ID=test\n"u8.ToArray()), new SectionChange(".initrd", null)] };
/// Console.WriteLine($"{repacker.Repack(unified).Length} bytes");
/// </code></example>
public sealed record SectionChange(string Name, ReadOnlyMemory<byte>? Contents);
