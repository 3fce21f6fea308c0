namespace BootProtocol.Testing;

/// <summary>The build output of this repository, to which one test program at a time may build.</summary>
internal static class BuildOutput
{
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(200);

    /// <summary>Waits until no other test program builds; disposing what is returned lets the next one go on.</summary>
    public static IDisposable Lock()
    {
        string path = Repository.File("artifacts", "tests.lock");
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                Thread.Sleep(_pause);
            }
        }
    }
}
