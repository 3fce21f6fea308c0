using System.Buffers.Binary;
using System.Text;
using BootProtocol.Domains;
using BootProtocol.Images;
using BootProtocol.Kernels;
using BootProtocol.LinuxX86;
using BootProtocol.Runtime.Tests.OwnSpecs.Pointers;
using BootProtocol.Sample;
using BootProtocol.Xen;

namespace BootProtocol.Runtime.Tests.Views;

/// <summary>What addresses point at, in bytes that are put together by hand and in guests that are built.</summary>
public sealed class FollowTests
{
    private const int Base = 0x1000;

    private static readonly byte[] _bytes = Bytes();

    private static AddressedBytes Space => new(Base, _bytes);

    private static Root View => Root.Parse(_bytes);

    [Fact]
    public void What_is_pointed_at_is_read()
    {
        Assert.True(View.TryFollowName(Space, out ReadOnlySpan<byte> name, out _));
        Assert.Equal("a name", Encoding.ASCII.GetString(name));
        Assert.True(View.TryFollowData(Space, out ReadOnlySpan<byte> data, out _));
        Assert.Equal([0x11, 0x22, 0x33], data.ToArray());
        Assert.True(View.TryFollowNumbers(Space, out ValueList<ushort> numbers, out _));
        Assert.Equal([0x1122, 0x3344, 0x5566], numbers.ToArray());
        Assert.True(View.TryFollowPlaces(Space, out ValueList<Pfn> places, out _));
        Assert.Equal([new Pfn(7), new Pfn(8), new Pfn(9)], places.ToArray());
        Assert.True(View.TryFollowLinks(Space, out ViewList<Link> links, out _));
        Assert.Equal(3, links.Count);
        Assert.Equal(3U, links[2].Value);
        Assert.True(View.TryFollowTagged(Space, out Tagged tagged, out _));
        Assert.Equal([5, 6], tagged.Body.ToArray());
        Assert.True(View.TryFollowKinds(Space, out ValueList<LinkKind> kinds, out _));
        Assert.Equal([LinkKind.B, LinkKind.A, LinkKind.B], kinds.ToArray());
        Assert.True(View.TryFollowMore(Space, out uint more, out _));
        Assert.Equal(0x33221100U, more);
    }

    [Fact]
    public void List_is_followed_to_its_end()
    {
        Assert.True(View.TryFollowFirst(Space, out Link link, out _));
        var values = new List<uint> { link.Value };
        ParseError error;
        while (link.TryFollowNext(Space, out link, out error))
            values.Add(link.Value);
        Assert.Equal([1, 2, 3], values);
        Assert.False(error.IsError);
    }

    [Fact]
    public void Variant_is_the_callers_where_the_structure_has_none()
    {
        Assert.True(View.TryFollowWide(Space, WordSize.Bits32, out Wide narrow, out _));
        Assert.Equal(new Vaddr(0x44), narrow.Place);
        Assert.True(narrow.TryFollowList(Space, out ValueList<ulong> list, out _));
        Assert.Equal([0x11, 0x22], list.ToArray());
        Assert.True(View.TryFollowWide(Space, WordSize.Bits64, out Wide wide, out _));
        Assert.Equal(new Vaddr(0x200000044), wide.Place);
    }

    /// <summary>A row that is not there, or is 0, is no error; one that leads elsewhere is.</summary>
    [Fact]
    public void Address_that_leads_nowhere_is_an_error()
    {
        byte[] bytes = [.. _bytes];
        Root.Writer root = Edit(bytes);
        root.Version = 1;
        Assert.False(Root.Parse(bytes).TryFollowMore(Space, out uint none, out ParseError error));
        Assert.False(error.IsError);
        Assert.Equal(0U, none);
        root.Name = new Paddr(0);
        Assert.False(Root.Parse(bytes).TryFollowName(Space, out ReadOnlySpan<byte> text, out error) || error.IsError || text.Length > 0);

        root.Name = new Paddr(Base - 1);
        Assert.False(Root.Parse(bytes).TryFollowName(Space, out _, out error));
        Assert.Equal("root.name at offset 0x8: expected the address of a text that ends with a NUL, found 0xfff with none in 0 bytes", error.ToString());
        root.Data = new Paddr((ulong)(Base + bytes.Length - 2));
        Assert.False(Root.Parse(bytes).TryFollowData(Space, out _, out error));
        Assert.Equal(BootErrorCode.OutOfBounds, error.Code);
        Assert.StartsWith("root.data at offset 0xc: expected the address of 3 bytes, found 0x", error.ToString(), StringComparison.Ordinal);
        Assert.EndsWith(" with 2 bytes", error.ToString(), StringComparison.Ordinal);
        root.First = new Paddr((ulong)(Base + bytes.Length - 2));
        Assert.False(Root.Parse(bytes).TryFollowFirst(Space, out _, out error));
        Assert.Equal(BootErrorCode.Truncated, error.Code);
        root.Count = uint.MaxValue;
        Assert.False(Root.Parse(bytes).TryFollowPlaces(Space, out _, out error));
        Assert.Contains("the address of 34359738360 bytes", error.ToString(), StringComparison.Ordinal);
    }

    /// <summary>What a PVH guest finds at ebx leads to the module, its command line, that of the kernel and the memory map.</summary>
    [Fact]
    public void Pvh_guest_finds_its_way()
    {
        byte[] initrd = [.. Enumerable.Range(0, 5000).Select(static i => (byte)i)];
        using BootImage image = BootImage.Open(SampleGuest.Create(WordSize.Bits64));
        using Kernel kernel = image.Decompress();
        using PvhDomain domain = new PvhBuilder { MemorySize = 64 << 20, CommandLine = "quiet", Initrds = [initrd] }.Build(kernel);
        IAddressSpace memory = domain.Memory;
        HvmStartInfo info = HvmStartInfo.Parse(memory.Read(domain.Cpu.Rbx, 4096));
        Assert.True(info.TryFollowCmdlinePaddr(memory, out ReadOnlySpan<byte> commandLine, out _));
        Assert.Equal("quiet", Encoding.ASCII.GetString(commandLine));
        Assert.True(info.TryFollowModlistPaddr(memory, out ViewList<HvmModlistEntry> modules, out _));
        Assert.True(modules[0].TryFollowPaddr(memory, out ReadOnlySpan<byte> module, out _));
        Assert.True(module.SequenceEqual(initrd));
        Assert.True(info.TryFollowMemmapPaddr(memory, out ViewList<HvmMemmapTableEntry> map, out _));
        Assert.Equal((int)info.MemmapEntries!.Value, map.Count);
        Assert.Equal(HvmMemmapType.Ram, map[0].Type);
        Assert.Empty(info.Validate());
    }

    /// <summary>A Linux guest's zero page leads to the list of setup_data, and each node to what its type says.</summary>
    [Fact]
    public void Linux_guest_finds_its_setup_data()
    {
        using BootImage image = BootImage.Open(SampleGuest.Create(WordSize.Bits64));
        using Kernel kernel = image.Decompress();
        SetupDataNode[] nodes = [new(SetupDataType.RngSeed, new byte[] { 1, 2, 3 }), new(SetupDataType.E820Ext, new byte[40])];
        using LinuxDomain domain = new LinuxBootBuilder { MemorySize = 64 << 20, SetupData = [.. nodes] }.Build(kernel);
        IAddressSpace memory = domain.Memory;
        SetupHeader header = BootParams.Parse(memory.Read(domain.Cpu.Rsi, 4096)).Hdr;
        Assert.True(header.TryFollowSetupData(memory, out SetupData head, out _));
        ulong address = header.SetupData!.Value.Value;
        var seen = new List<string>();
        ParseError error;
        do
        {
            SetupDataRecord node = SetupDataRecord.Parse(memory.Read(address, int.MaxValue));
            Assert.Equal(head.Type, node.Head.Type);
            seen.Add(node.Body.TryGetSetupE820Ext(out SetupE820Ext map, out _) ? $"{map.Entries.Count} entries" : Convert.ToHexString(node.Body.AsSpan()));
            address = head.Next.Value;
        }
        while (head.TryFollowNext(memory, out head, out error));
        Assert.False(error.IsError);
        Assert.Equal(["010203", "2 entries"], seen);
    }

    private static Root.Writer Edit(byte[] bytes)
    {
        Assert.True(Root.TryEdit(bytes, out Root.Writer writer, out _));
        return writer;
    }

    private static byte[] Bytes()
    {
        byte[] bytes = new byte[0x200];
        Root.Writer root = Root.Create(bytes);
        root.Version = 2;
        root.Count = 3;
        root.One = 2;
        int at = 0x40;
        root.Name = Put([.. "a name\0"u8]);
        root.Data = Put([0x11, 0x22, 0x33]);
        root.Numbers = Put([0x11, 0x22, 0x33, 0x44, 0x55, 0x66]);
        root.Places = Put([7, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0]);
        Paddr list = Put(new byte[24]);
        root.Links = list;
        root.First = list;
        for (uint i = 0; i < 3; i++)
        {
            int place = (int)(list.Value - Base) + ((int)i * 8);
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(place), i < 2 ? (uint)(place + 8 + Base) : 0);
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(place + 4), i + 1);
        }

        root.Tagged = Put([2, 5, 6]);
        uint numbers = (uint)Put([0x11, 0, 0, 0, 0x22, 0, 0, 0]).Value;
        root.Wide = new Vaddr(Put([0x44, 0, 0, 0, 2, 0, 0, 0, (byte)numbers, (byte)(numbers >> 8), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]).Value);
        root.Kinds = Put([2, 1, 2]);
        root.More = Put([0, 0x11, 0x22, 0x33]);
        return bytes;

        Paddr Put(byte[] part)
        {
            int place = at;
            part.CopyTo(bytes, place);
            at = (place + part.Length + 7) & ~7;
            return new Paddr((ulong)(Base + place));
        }
    }
}
