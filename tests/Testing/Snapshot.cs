namespace BootProtocol.Testing;

/// <summary>
/// Compares a text with its accepted snapshot, in Verify's file convention: <c>Name.verified.ext</c> is the accepted text,
/// <c>Name.received.ext</c> appears beside it where the text differs. To accept, rename the one to the other.
/// </summary>
internal static class Snapshot
{
    public static void Matches(string received, string extension, params string[] path)
    {
        string verifiedPath = Repository.File(["tests", .. path]) + $".verified.{extension}";
        string receivedPath = Repository.File(["tests", .. path]) + $".received.{extension}";
        string text = received.ReplaceLineEndings("\n");
        string? verified = File.Exists(verifiedPath) ? File.ReadAllText(verifiedPath).ReplaceLineEndings("\n") : null;
        if (text == verified)
        {
            File.Delete(receivedPath);
            return;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(receivedPath)!);
        File.WriteAllText(receivedPath, text);
        if (verified is null)
            Assert.Fail($"There is no accepted snapshot {verifiedPath}; what the test got is in {Path.GetFileName(receivedPath)}.");
        Assert.Equal(verified, text);
    }
}
