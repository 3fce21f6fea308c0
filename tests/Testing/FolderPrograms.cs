namespace BootProtocol.Testing;

/// <summary>Programs that tests write.</summary>
internal static class FolderPrograms
{
    /// <summary>
    /// Writes a program that can be run. Another process writes it: what this one has open to write while another thread starts a program, that program
    /// holds for a moment, too, and the system runs no file that anyone may still write.
    /// </summary>
    public static string WriteProgram(this TemporaryFolder folder, string name, string text)
    {
        folder.Write($"{name}.text", text);
        const string Script = "cp \"$0.text\" \"$0.new\" && rm \"$0.text\" && chmod 700 \"$0.new\" && mv \"$0.new\" \"$0\"";
        _ = ToolRun.Start("sh", ["-c", Script, name], folder.Path).Succeeded();
        return folder.File(name);
    }
}
