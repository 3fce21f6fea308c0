using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Cli.LanguageServer;

/// <summary>Work of the server for each change.</summary>
[Collection(nameof(MeasuringTests))]
public sealed class ServerGrowthTests
{
    /// <summary>A change of one file of thirty, on which most of the others depend.</summary>
    [Fact]
    public void A_change_among_thirty_specs_takes_less_work_than_to_read_them() => CountedWork.Call(Work.Change);

    /// <summary>The work, where it is counted.</summary>
    private static class Work
    {
        private const int Specs = 30;
        private const int Changes = 10;

        public static void Change()
        {
            using var folder = new TemporaryFolder();
            foreach (string path in Directory.GetFiles(Repository.File("spec"), "*.bootspec"))
                File.Copy(path, folder.File(Path.GetFileName(path)));
            string elf = File.ReadAllText(folder.File("elf.bootspec"));
            for (int i = Directory.GetFiles(folder.Path).Length; i < Specs; i++)
                folder.Write($"more{i}.bootspec", elf.Replace("elf", $"more{i}", StringComparison.Ordinal));
            // What is done once, such as making tables, is not the changes'.
            Talk(folder, 1);
            long start = CountedWork.Branches("start", () => Talk(folder, 0));
            long changed = CountedWork.Branches("changes", () => Talk(folder, Changes));
            Assert.InRange(changed - start, 1, Changes * start);
        }

        private static void Talk(TemporaryFolder folder, int changes)
        {
            const string Name = "linux-x86.bootspec";
            string uri = new Uri(folder.File(Name)).AbsoluteUri;
            var talk = ServerTalk.Begun(folder.Path);
            talk.Open(File.ReadAllText(folder.File(Name)), uri);
            for (int i = 0; i < changes; i++)
            {
                var start = new { line = 0, character = 0 };
                var end = new { line = 0, character = i % 2 };
                talk.Notify("textDocument/didChange", new
                {
                    textDocument = new { uri, version = i + 2 },
                    contentChanges = new[] { new { range = new { start, end }, text = i % 2 == 0 ? "#" : "" } },
                });
            }

            Assert.Equal(changes + 1, talk.Run().Problems(uri).Count);
        }
    }
}
