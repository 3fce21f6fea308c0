using System.Text;
using BootProtocol.Cpio;
using BootProtocol.Testing;
using CsCheck;

namespace BootProtocol.Runtime.Tests.Formats;

/// <summary>Archives of the form newc: what cpio packs is read, and cpio unpacks what is written.</summary>
[Needs(Need.Tools)]
public sealed class CpioTests
{
    private const string Trailer = "TRAILER!!!";

    private static readonly Gen<(string Name, byte[] Contents)[]> _files =
        Gen.Select(Gen.Char['a', 'z'].Array[1, 12].Select(static characters => new string(characters)), Gen.Byte.Array[0, 300])
            .Array[0, 8]
            .Select(static files => files.DistinctBy(static file => file.Item1).ToArray());

    [Fact]
    public void What_cpio_packs_is_read() => _files.Sample(
        files =>
        {
            using var folder = new TemporaryFolder();
            foreach ((string name, byte[] contents) in files)
                File.WriteAllBytes(Path.Combine(folder.Path, name), contents);
            File.CreateSymbolicLink(Path.Combine(folder.Path, "A link"), "where/it/leads");
            ToolRun.Start("sh", ["-c", "ls -1 | cpio -o -H newc --quiet > ../packed-$$ && mv ../packed-$$ packed.cpio"], folder.Path).Succeeded();

            var seen = new Dictionary<string, (ulong Kind, byte[] Contents)>();
            ViewSequence<CpioEntry>.Reader entries = CpioArchive.Parse(File.ReadAllBytes(Path.Combine(folder.Path, "packed.cpio"))).Entries.Read();
            while (entries.MoveNext() && Encoding.ASCII.GetString(entries.Current.Name) != Trailer)
                seen.Add(Encoding.ASCII.GetString(entries.Current.Name), (entries.Current.CMode >> 12, entries.Current.Contents.ToArray()));
            Assert.False(entries.Error.IsError, entries.Error.ToString());
            Assert.Equal(files.Length + 1, seen.Count);
            Assert.All(files, file => Assert.Equal(file.Contents, seen[file.Name].Contents));
            Assert.All(files, file => Assert.Equal(8UL, seen[file.Name].Kind));
            Assert.Equal((10UL, "where/it/leads"), (seen["A link"].Kind, Encoding.ASCII.GetString(seen["A link"].Contents)));
        },
        iter: 5,
        threads: 1);

    [Fact]
    public void What_is_written_cpio_unpacks() => _files.Sample(
        files =>
        {
            using var folder = new TemporaryFolder();
            CpioArchive.Builder archive = CpioArchive.Build(new byte[1 << 13]);
            uint number = 1;
            foreach ((string name, byte[] contents) in files.Append((Trailer, [])))
            {
                CpioEntry.Builder entry = CpioEntry.Build(archive.RoomForEntries());
                entry.Fixed().CIno = number++;
                entry.Fixed().CMode = 0x81a4;
                entry.Fixed().CNlink = 1;
                entry.SetName($"{name}\0");
                entry.SetContents(contents);
                archive.AddEntries(entry.Finish());
            }

            string path = Path.Combine(folder.Path, "archive");
            File.WriteAllBytes(path, archive.Finish());
            string target = Directory.CreateDirectory(Path.Combine(folder.Path, "target")).FullName;
            ToolRun.Start("cpio", ["-i", "-H", "newc", "--quiet", "-F", path], target).Succeeded();
            Assert.Equal(files.Length, Directory.GetFiles(target).Length);
            Assert.All(files, file => Assert.Equal(file.Contents, File.ReadAllBytes(Path.Combine(target, file.Name))));
        },
        iter: 5,
        threads: 1);

    [Fact]
    public void Broken_entry_has_its_place()
    {
        byte[] bytes = [.. "070701"u8, .. "00000001000081a400000000000000000000000100000000"u8, .. "000000g0"u8, .. new byte[80]];
        ViewSequence<CpioEntry>.Reader entries = CpioArchive.Parse(bytes).Entries.Read();
        Assert.False(entries.MoveNext());
        Assert.Equal("cpio_entry.c_filesize at offset 0x36: expected 8 hexadecimal digits, found \"000000g0\"", entries.Error.ToString());
    }
}
