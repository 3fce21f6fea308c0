namespace BootProtocol.Boot.Tests.LiveXen;

/// <summary>A person's part at the console of a domain.</summary>
/// <param name="Prompt">What the domain writes before it waits.</param>
/// <param name="Typed">What is typed then, in the notation of printf.</param>
/// <param name="Answer">What the domain writes upon that.</param>
internal sealed record ConsoleDialogue(string Prompt, string Typed, string Answer)
{
    private const int Seconds = 100;

    /// <summary>Lines of shell, with the domain's number in <c>$id</c>: they print all that the domain writes up to the answer.</summary>
    public string Script => $"""
        : > /tmp/seen
        await() {"{"}
            seconds=0
            until grep -q "$1" /tmp/seen || [ $seconds = {Seconds} ]; do
                sleep 1
                seconds=$((seconds + 1))
            done
        {"}"}
        mkfifo /tmp/typed
        bootproto xen console $id < /tmp/typed > /tmp/seen &
        exec 3> /tmp/typed
        await '{Prompt}'
        printf '{Typed}' >&3
        await '{Answer}'
        kill $!
        exec 3>&-
        rm /tmp/typed
        cat /tmp/seen
        """;
}
