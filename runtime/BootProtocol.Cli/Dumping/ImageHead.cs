using BootProtocol.Cli.Inspection;
using BootProtocol.Images;
using BootProtocol.LinuxX86;
using BootProtocol.Specs;

namespace BootProtocol.Cli.Dumping;

/// <summary>The structures at fixed places of a kernel image, and those that these lead to.</summary>
internal static class ImageHead
{
    /// <summary>Reads them, in order of their places.</summary>
    /// <param name="image">The image.</param>
    /// <param name="faults">Where it is listed what is wrong in them.</param>
    public static IReadOnlyList<DumpedStructure> Read(BootImage image, FaultList faults)
    {
        var found = new List<DumpedStructure>();
        if (faults.Try(image.DescribeElfHeader) is { } elf)
            Add(elf, 0);
        if (image.DescribeSetupHeader() is { } header)
            Add(header, BootImage.SetupHeaderOffset);
        if (image.TryGetPe(out PeView pe))
        {
            faults.Add(pe.Fault);
            SpecRecord head = pe.DescribeHeader();
            Add(head, pe.Offset);
            if (pe.DescribeOptionalHeader() is { } optional)
                Add(optional, pe.Offset + head.Length);
        }

        faults.Try(() =>
        {
            if (image.TryGetKernelInfo(out KernelInfo info, out long offset))
                found.Add(DumpedStructure.Read(KernelInfo.Layout.Info, info.AsSpan(), offset));
        });
        return [.. found.OrderBy(static dumped => dumped.Offset)];

        void Add(SpecRecord record, long offset) =>
            found.Add(new DumpedStructure(record, offset, image.Bytes.Slice((int)offset, record.Length).ToArray()));
    }
}
