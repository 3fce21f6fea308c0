using BootProtocol;
using BootProtocol.Images;
using BootProtocol.Kernels;
using ELFSharp.ELF;
using ELFSharp.ELF.Segments;

if (args is not [var path])
{
    Console.Error.WriteLine("usage: ReadElf IMAGE");
    return 2;
}

try
{
    using BootImage image = BootImage.Open(path);
    using Kernel kernel = image.Decompress();

    // A stream that decodes the kernel as far as it is read: no file in between.
    using Stream stream = kernel.OpenRead();
    using IELF elf = ELFReader.Load(stream, shouldOwnStream: false);
    Console.WriteLine($"{elf.Class}, {elf.Machine}, {elf.Type}");
    foreach (ISegment segment in elf.Segments)
        Console.WriteLine(segment);
    Console.WriteLine($"{elf.Sections.Count} sections");
    return 0;
}
catch (Exception fault) when (fault is BootException or IOException)
{
    Console.Error.WriteLine(fault.Message);
    return 1;
}
