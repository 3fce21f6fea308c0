using System.Buffers.Binary;
using BootProtocol.X86;

namespace BootProtocol.Boot.Tests.Machines;

/// <summary>Page tables that map the lowest 4 GiB where they are: one of level 5, of level 4, of level 3, and a level 2 for each GiB.</summary>
internal static class IdentityTables
{
    public const int PageSize = 4096;

    private const int Gigabytes = 4;
    private const int Entries = PageSize / sizeof(ulong);
    private const ulong Table = (ulong)(Pml4e.Present | Pml4e.Writable);
    private const ulong LargePage = (ulong)(Pde2M.Present | Pde2M.Writable | Pde2M.PageSize);

    /// <summary>Writes them for an address.</summary>
    public static byte[] Write(uint address)
    {
        byte[] tables = new byte[(3 + Gigabytes) * PageSize];
        Put(0, address + PageSize + Table);
        Put(PageSize, address + (2 * PageSize) + Table);
        for (int i = 0; i < Gigabytes; i++)
            Put((2 * PageSize) + (i * sizeof(ulong)), address + (ulong)((3 + i) * PageSize) + Table);
        for (int i = 0; i < Gigabytes * Entries; i++)
            Put((3 * PageSize) + (i * sizeof(ulong)), ((ulong)i << 21) + LargePage);
        return tables;

        void Put(int offset, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(tables.AsSpan(offset), value);
    }

    /// <summary>The top table of those that were written for an address.</summary>
    public static Paddr Top(uint address, bool fiveLevels) => new(fiveLevels ? address : address + PageSize);
}
