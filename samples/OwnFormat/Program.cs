using BootProtocol;
using OwnFormat.Crate;

// crate.bootspec says what stands where; views, writers and field tables are made of it at build time.
byte[] bytes = new byte[CrateLid.Layout.Size];
CrateLid.Writer lid = CrateLid.Create(bytes, 2);
lid.Count = 2;
lid.Weight = 7;
lid.Place = new Paddr(0x100000);
lid.SetSizes(0, 4096);
lid.SetSizes(1, 512);

CrateLid read = CrateLid.Parse(bytes);
Console.WriteLine($"version {read.Version}, weight {read.Weight}, {read.Count} entries from {read.Place} on");
for (int i = 0; i < read.Count; i++)
    Console.WriteLine($"  {read.Sizes[i]} bytes");

// A wrong magic number is an error with a place, and without an exception where none is wanted.
bytes[0] = (byte)'X';
if (!CrateLid.TryParse(bytes, out _, out ParseError error))
    Console.WriteLine($"{error.Code}: {error}");
