namespace BootProtocol.Stubs;

/// <summary>Memory set aside for entries of a memory map.</summary>
/// <param name="Address">
/// Where: for PVH a table of hvm_memmap_table_entry, which hvm_start_info will point to; for Linux a setup_data node of type
/// SETUP_E820_EXT in the zero page's list, whose boot_e820_entry follow its header. Below 4 GiB.
/// </param>
/// <param name="Entries">How many entries fit there.</param>
/// <example><code>
/// var room = new MemoryMapRoom(new Paddr(0x9000), 128);
/// Console.WriteLine($"{room.Entries} entries end at 0x{room.Address.Value + (ulong)(room.Entries * HvmMemmapTableEntry.Layout.Size):x}");
/// </code></example>
public readonly record struct MemoryMapRoom(Paddr Address, int Entries);
