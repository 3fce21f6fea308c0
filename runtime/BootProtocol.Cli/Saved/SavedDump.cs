using BootProtocol.Cli.Dumping;
using BootProtocol.Cli.Inspection;
using BootProtocol.Saved;
using BootProtocol.Specs;
using BootProtocol.XenStream;

namespace BootProtocol.Cli.Saved;

/// <summary>The heads and records of a saved domain's file as structures; of those with pages the contents would be the whole file.</summary>
internal static class SavedDump
{
    /// <summary>Longer ones are bytes that no structure says anything of.</summary>
    private const uint MostLength = 64 << 10;

    private const int HeadSize = 8;

    /// <summary>More than xl's header has, with the domain's configuration.</summary>
    private const int MostHead = 17 << 20;

    /// <summary>Reads them.</summary>
    public static List<DumpedStructure> Read(string path, SavedDomain domain, FaultList faults)
    {
        var structures = new List<DumpedStructure>();
        long start = 0;
        if (domain.HasXlHeader)
            start += Add(XlHeader.Layout.Info, 0, MostHead).Bytes.Length;
        if (domain.LibxlVersion is not null)
            Add(LibxlHeader.Layout.Info, start, LibxlHeader.Layout.Size);
        else
            AddHeads(start);
        foreach (SavedRecord record in domain.Records)
        {
            if (record.Length > MostLength || record is { IsLibxl: false, Type: (uint)XcRecordType.PageData })
                continue;
            int length = HeadSize + (int)((record.Length + 7) & ~7u);
            Add(record.IsLibxl ? LibxlRecord.Layout.Info : XcRecord.Layout.Info, record.Offset, length);
            if (record is { IsLibxl: true, Type: (uint)LibxlRecordType.LibxcContext })
                AddHeads(record.Offset + length);
        }

        return structures;

        void AddHeads(long at)
        {
            Add(XcImageHeader.Layout.Info, at, XcImageHeader.Layout.Size);
            Add(XcDomainHeader.Layout.Info, at + XcImageHeader.Layout.Size, XcDomainHeader.Layout.Size);
        }

        DumpedStructure Add(SpecStructure structure, long offset, int length)
        {
            byte[] bytes = FileBytes.Read(path, offset, length);
            var dumped = DumpedStructure.Read(structure, bytes, offset);
            foreach (ParseError broken in SpecRules.Validate(dumped.Record, bytes))
                faults.Add(broken.MovedBy(offset));
            structures.Add(dumped);
            return dumped;
        }
    }
}
