using BootProtocol.Cli;
using BootProtocol.Cli.Control;
using BootProtocol.Cli.DomainFiles;
using BootProtocol.Rules;

namespace BootProtocol.Runtime.Tests.Cli;

/// <summary>Files of Xen's own tool that describe a domain.</summary>
public sealed class DomainFileTests
{
    /// <summary>As Debian's xen-tools write them, and with what the syntax has besides.</summary>
    private const string Usual = """
        #
        # Configuration file for the Xen instance web
        #
        name        = 'web' ; vcpus = 2
        uuid        = "81aa7b4e-ec39-11f1-8c54-76eea968d04b"
        builder     = "generic"
        type        = "pv"
        kernel      = '/boot/vmlinuz'
        extra       = "elevator=noop \"quoted\""
        ramdisk     = '/boot/initrd.img' # from the control domain
        memory      = 512
        maxmem      = '512'
        root        = '/dev/xvda2 ro'
        disk        = [
                          'phy:/dev/vg/web-disk,xvda2,w',
                          "/srv/swap.img, raw, xvda1, ro",   # read only
                          'format=raw,vdev=xvdb,access=rw,target=/srv/a,b.img',
                          '/srv/plain.img',
                      ]
        vif         = [ 'mac=00:16:3E:01:02:03,bridge=br0', '', 'type=vif' ]
        on_poweroff = 'destroy'
        on_reboot   = 'restart'
        on_crash    = 'preserve'
        vfb = [ 'vnc=1' ]
        cpus = "0-3"
        """;

    [Fact]
    public void File_is_taken_as_xl_takes_it()
    {
        var file = DomainFile.Read("web.cfg", Usual);
        Assert.Equal(("web", 2u, "/boot/vmlinuz", "/boot/initrd.img"), (file.Name, file.VCpus, file.Kernel, file.Ramdisk));
        Assert.Equal(Guid.Parse("81aa7b4e-ec39-11f1-8c54-76eea968d04b"), file.Handle);
        Assert.Equal("root=/dev/xvda2 ro elevator=noop \"quoted\"", file.CommandLine);
        Assert.Equal(512ul << 20, file.MemorySize);
        Assert.Equal(
            [("/dev/vg/web-disk", "xvda2", false), ("/srv/swap.img", "xvda1", true), ("/srv/a,b.img", "xvdb", false), ("/srv/plain.img", "xvdc", false)],
            file.Disks.Select(static disk => (disk.Path, disk.Name, disk.IsReadOnly)));
        Assert.Equal(["br0", "xenbr0", "xenbr0"], file.Nics.Select(static nic => nic.Bridge));
        Assert.Equal("00:16:3e:01:02:03", file.Nics[0].MacText);
        Assert.Equal(new EndActions(EndAction.Destroy, EndAction.Restart, EndAction.Preserve), file.Ends);
        Assert.Equal(["vfb", "cpus"], file.Others);
    }

    [Theory]
    [InlineData("memory = 64\nmaxmem = 128", 64, 128)]
    [InlineData("maxmem = 128", 128, 128)]
    [InlineData("memory = 64", 64, null)]
    public void Most_memory_is_all_of_it_unless_there_is_less(string text, int memory, int? maximum)
    {
        var file = DomainFile.Read("f", text);
        Assert.Equal((ulong)memory << 20, file.MemorySize);
        Assert.Equal((ulong?)maximum << 20, file.MaximumMemory);
    }

    [Theory]
    [InlineData("type = 'pv'", BootWay.XenPv)]
    [InlineData("type = 'pvh'", BootWay.Pvh)]
    [InlineData("", null)]
    public void Type_is_a_way_to_start(string text, BootWay? expected) => Assert.Equal(expected, DomainFile.Read("f", text).Way);

    [Theory]
    [InlineData("cmdline = 'all' root = 'x'", null)]
    [InlineData("cmdline = 'all'; root = 'x'; extra = 'y'", "all")]
    [InlineData("root = '/dev/xvda'", "root=/dev/xvda")]
    [InlineData("extra = 'quiet'", "quiet")]
    [InlineData("", "")]
    public void Command_line_is_whole_or_of_parts(string text, string? expected)
    {
        if (expected is null)
            Assert.Throws<ToolException>(() => DomainFile.Read("f", text));
        else
            Assert.Equal(expected, DomainFile.Read("f", text).CommandLine ?? "");
    }

    [Fact]
    public void Empty_file_says_nothing()
    {
        var file = DomainFile.Read("f", "\n# nothing\n");
        Assert.Null(file.Name ?? file.Kernel ?? file.Ramdisk);
        Assert.Null(file.MemorySize);
        Assert.False(file.Ends.IsAny);
        Assert.Empty(file.Others);
    }

    [Theory]
    [InlineData(@"'a\\b \'c\' \""d\""'", @"a\b 'c' ""d""")]
    [InlineData(@"'a\tb\nc\a\b\f\r\v'", "a\tb\nc\a\b\f\r\v")]
    public void Backslashes_mean_what_they_mean_to_xl(string value, string expected) =>
        Assert.Equal(expected, DomainFile.Read("f", $"extra = {value}").CommandLine);

    [Theory]
    [InlineData("16", 16u)]
    [InlineData("0x1F", 31u)]
    [InlineData("'0X10'", 16u)]
    [InlineData("017", 15u)]
    [InlineData("' 2'", 2u)]
    [InlineData("'\t+2'", 2u)]
    public void Numbers_have_the_base_that_they_begin_with(string value, uint expected) =>
        Assert.Equal(expected, DomainFile.Read("f", $"vcpus = {value}").VCpus);

    /// <summary>What xlu_cfg_readdata of Xen's libxlutil makes of them.</summary>
    [Theory]
    [InlineData("extra += 'a'", "a")]
    [InlineData("extra = 'a'\nextra += ' b'", "a b")]
    [InlineData("extra = 'a'; extra+=' b' ; extra += 7", "a b7")]
    [InlineData("extra += 'a'\nextra = 'b'", "b")]
    public void Texts_are_added_to_each_other(string text, string expected) => Assert.Equal(expected, DomainFile.Read("f", text).CommandLine);

    [Fact]
    public void Lists_are_added_to_each_other()
    {
        var file = DomainFile.Read("f", "disk = [ '/a' ]\nvif += [ '' ]\ndisk += [ '/b', ]\nvif += [ '' ]");
        Assert.Equal(["/a", "/b"], file.Disks.Select(static disk => disk.Path));
        Assert.Equal(2, file.Nics.Length);
    }

    [Fact]
    public void Lists_in_lists_are_of_keys_that_are_not_taken()
    {
        var file = DomainFile.Read("f", "vnuma = [ [ \"pnode=0\", \"size=512\" ],\n [ 'pnode=1', [ 2 ] ], ]\nmemory = 64");
        Assert.Equal(["vnuma"], file.Others);
        Assert.Equal(64ul << 20, file.MemorySize);
    }

    /// <summary>What xlu_disk_parse of Xen's libxlutil makes of them: what has no key is the first that is not given yet.</summary>
    [Theory]
    [InlineData("format=raw,/a,xvda", false)]
    [InlineData("vdev=xvda,/a,raw,r", true)]
    [InlineData("/a,raw,vdev=xvda,r", true)]
    [InlineData("/a,vdev=xvda,raw,ro", true)]
    [InlineData("access=ro,/a,raw,xvda", true)]
    [InlineData("access=ro,/a,raw,xvda,w", false)]
    [InlineData("/a,raw,xvda,access=r,access=w", false)]
    [InlineData("/a,,xvda,", false)]
    [InlineData("phy:/a,xvda:disk,w", false)]
    [InlineData("tap:aio:/a,xvda,r", true)]
    [InlineData("tap2:aio:/a,xvda", false)]
    [InlineData("tapdisk:/a,xvda,w", false)]
    [InlineData("ioemu:file:/a,xvda", false)]
    [InlineData("format=raw,format=raw,vdev=xvda,target=/a", false)]
    [InlineData("/a,raw,xvda,devtype=disk,r", true)]
    [InlineData("specification=xen,/a,raw,xvda", false)]
    [InlineData("/a,raw,xvda,backendtype=phy,r", true)]
    public void Disks_may_be_written_in_many_ways(string text, bool isReadOnly)
    {
        var file = DomainFile.Read("f", $"disk = [ '{text}' ]");
        Assert.Equal([("/a", "xvda", isReadOnly)], file.Disks.Select(static disk => (disk.Path, disk.Name, disk.IsReadOnly)));
    }

    [Fact]
    public void Last_of_two_counts() => Assert.Equal(2u, DomainFile.Read("f", "vcpus = 1\nvcpus = 2").VCpus);

    [Theory]
    [InlineData("memory", "f: line 1: expected a line such as memory = 256, found the end of the file")]
    [InlineData("\n\n= 3", "f: line 3: expected a line such as memory = 256, found '='")]
    [InlineData("2x = 3", "f: line 1: expected a line such as memory = 256, found '='")]
    [InlineData("name = web", "f: line 1: expected a number, a text in quotes or a list of such, found the end of the file")]
    [InlineData("name = 'web\nx = 1", "f: line 1: expected the ' that ends the text, found the end of the line")]
    [InlineData("vcpus = 1 2", "f: line 1: expected the end of the line, found '2'")]
    [InlineData("disk = [ 'a'\n 'b' ]", "f: line 2: expected ',' or ']', found '''")]
    [InlineData("disk = [ 'a',", "f: line 1: expected a number, a text in quotes or a list of such, found the end of the file")]
    [InlineData("x = 'y\0z'\n\0", "f: line 1: expected the ' that ends the text, found the end of the file")]
    [InlineData("vcpus = 0", "f: line 1: vcpus: expected a number from 1 to 16777216, found '0'")]
    [InlineData("vcpus = 08", "f: line 1: vcpus: expected a number from 1 to 16777216, found '08'")]
    [InlineData("vcpus = 0x", "f: line 1: vcpus: expected a number from 1 to 16777216, found '0x'")]
    [InlineData("vcpus = 0777777777777777777777777", "f: line 1: vcpus: expected a number from 1 to 16777216, found '0777777777777777777777777'")]
    [InlineData(@"name = 'a\qb'", @"f: line 1: expected one of \'""abfnrtv behind the backslash, found 'q'")]
    [InlineData("name = 'a\\\nb'", @"f: line 1: expected one of \'""abfnrtv behind the backslash, found the end of the line")]
    [InlineData(@"name = 'a\", @"f: line 1: expected one of \'""abfnrtv behind the backslash, found the end of the file")]
    [InlineData("vcpus = [ 1 ]", "f: line 1: vcpus: expected one value, found a list")]
    [InlineData("memory = '4G'", "f: line 1: memory: expected a number from 1 to 16777216, found '4G'")]
    [InlineData("memory = 2\nmaxmem = 1", "f: line 2: maxmem: expected at least 2, as memory says, found 1")]
    [InlineData("type = 'hvm'", "f: line 1: type: expected pv or pvh, found 'hvm'")]
    [InlineData("builder = 'hvm'", "f: line 1: builder: expected 'generic', found 'hvm'")]
    [InlineData("uuid = 'x'", "f: line 1: uuid: expected a UUID, found 'x'")]
    [InlineData("on_crash = 'coredump-restart'", "f: line 1: on_crash: expected destroy, restart or preserve, found 'coredump-restart'")]
    [InlineData("disk = '/a'", "f: line 1: disk: expected a list in brackets, found '/a'")]
    [InlineData("disk = [ '' ]", "f: line 1: disk: '' has no target")]
    [InlineData("disk = [ '/a,qcow2,xvda' ]", "f: line 1: disk: expected the format raw, found 'qcow2'")]
    [InlineData("disk = [ '/a,raw,xvda,discard' ]", "f: line 1: disk: 'discard' is not taken here")]
    [InlineData("disk = [ 'vdev=xvda,vdev=xvdb,target=/a' ]", "f: line 1: disk: 'vdev' is given twice in 'vdev=xvda,vdev=xvdb,target=/a'")]
    [InlineData("disk = [ '/a,raw,target=/b' ]", "f: line 1: disk: 'target' is given twice in '/a,raw,target=/b'")]
    [InlineData("disk = [ [ '/a' ] ]", "f: line 1: disk: expected a text, found a list in the list")]
    [InlineData("disk = [ '/a' ]\ndisk += '/b'", "f: line 2: disk: a list and a single value are not added to each other")]
    [InlineData("memory = 64\nmemory += 64", "f: line 2: memory: no number is added to another")]
    [InlineData("memory + = 64", "f: line 1: expected a line such as memory = 256, found '+'")]
    [InlineData("vcpus = '2 '", "f: line 1: vcpus: expected a number from 1 to 16777216, found '2 '")]
    [InlineData("vcpus = '+-2'", "f: line 1: vcpus: expected a number from 1 to 16777216, found '+-2'")]
    [InlineData("x = [[[[[[[[[[[[[[[[[[ 1 ]]", "f: line 1: expected at most 16 lists within each other, found '['")]
    [InlineData("extra = 'M\ufffdller'", "f: line 1: expected a text in UTF-8, found other bytes")]
    [InlineData("disk = [ '/a,raw,xvda,x' ]", "f: line 1: disk: expected the access r or w, found 'x'")]
    [InlineData("disk = [ '/a,raw,xvda,w,more' ]", "f: line 1: disk: 'more' is too much in '/a,raw,xvda,w,more'")]
    [InlineData("disk = [ '/a,raw,xvda,backendtype=qdisk' ]", "f: line 1: disk: expected backendtype=phy, found 'qdisk'")]
    [InlineData("disk = [ '/a,raw,xvda,devtype=cdrom' ]", "f: line 1: disk: expected devtype=disk, found 'cdrom'")]
    [InlineData("disk = [ '/a,raw,hda' ]", "f: line 1: disk: cannot attach the disk /a ('hda' is no name from xvda to xvdz, with up to 15 behind it)")]
    [InlineData("vif = [ 'mac=1' ]", "f: line 1: vif: expected an address such as 00:16:3e:01:02:03, found '1'")]
    [InlineData("vif = [ 'ip=10.0.0.1' ]", "f: line 1: vif: 'ip=10.0.0.1' is not taken here")]
    [InlineData("vif = [ 'type=ioemu' ]", "f: line 1: vif: 'type=ioemu' is not taken here")]
    public void Mistake_is_one_line(string text, string expected) =>
        Assert.Equal(expected, Assert.Throws<ToolException>(() => DomainFile.Read("f", text)).Message);
}
