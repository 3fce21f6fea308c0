using BootProtocol;
using BootProtocol.Images;
using BootProtocol.Kernels;
using BootProtocol.Rules;

if (args is not [var path])
{
    Console.Error.WriteLine("usage: ReadImage IMAGE");
    return 2;
}

try
{
    using BootImage image = BootImage.Open(path);
    Console.WriteLine($"kind      {image.Kind}, {image.Bytes.Length} bytes");
    if (image.HasSetupHeader)
        Console.WriteLine($"header    protocol {image.SetupHeader.Version}, {image.KernelVersion ?? "no version text"}");

    // What a compressed file or a unified kernel image holds is looked through.
    using Kernel kernel = image.Decompress();
    Console.WriteLine($"payload   {kernel.Payload.Format}, {kernel.Payload.Length} bytes, {kernel.Length} decoded");
    foreach (BootWayCheck way in kernel.BootWays)
        Console.WriteLine($"{way.Name,-9} {way.Reason ?? "possible"}");
    Console.WriteLine($"decoded   {kernel.DecodedLength} bytes were enough for that");
    return 0;
}
catch (BootFormatException fault)
{
    Console.Error.WriteLine($"{fault.Code}: {fault.Message}");
    return 1;
}
catch (IOException fault)
{
    Console.Error.WriteLine(fault.Message);
    return 1;
}
