using System.Globalization;
using System.Text;

namespace BootProtocol.Fuzz.Readers;

/// <summary>What the library says of an input, as a text that is the same for every reading.</summary>
internal sealed class Facts
{
    private readonly StringBuilder _text = new();

    /// <summary>What the exception said that answered a question last; no error if none did.</summary>
    public ParseError Refusal { get; private set; }

    /// <summary>A better input of the same kind, to be read as well; null if there is none.</summary>
    public byte[]? Mended { get; set; }

    /// <summary>Asks a question. The one exception is an answer, too; any other goes on to the caller.</summary>
    public void Ask(string name, Func<object?> question)
    {
        string? answer;
        try
        {
            answer = Convert.ToString(question(), CultureInfo.InvariantCulture);
        }
        catch (BootException refusal)
        {
            answer = refusal.Message;
            Refusal = refusal.Error;
        }

        _text.Append(name).Append(": ").AppendLine(answer);
    }

    /// <summary>Asks a question for a number of things.</summary>
    public void AskAll<T>(string name, Func<IEnumerable<T>> question) => Ask(name, () => string.Join(", ", question()));

    /// <inheritdoc/>
    public override string ToString() => _text.ToString();
}
