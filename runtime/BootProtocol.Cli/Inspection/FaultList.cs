namespace BootProtocol.Cli.Inspection;

/// <summary>What is broken in an image, while all that is intact is shown.</summary>
internal sealed class FaultList
{
    /// <summary>The most faults that are listed; one often brings others with it.</summary>
    private const int MaximumListed = 16;

    private readonly List<string> _messages = [];
    private readonly List<string> _remarks = [];

    /// <summary>A line for each.</summary>
    public IReadOnlyList<string> Messages => _messages;

    /// <summary>A line for all that is odd about sections and symbols, which nothing that is started needs: no fault of the image.</summary>
    public IReadOnlyList<string> Remarks => _remarks;

    /// <summary>Reads something.</summary>
    /// <returns>What was read; the type's default value if it is broken, which is listed then.</returns>
    public T? Try<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (BootFormatException exception)
        {
            Add(exception.Error);
            return default;
        }
    }

    /// <summary>Does something that finds faults.</summary>
    public void Try(Action check)
    {
        try
        {
            check();
        }
        catch (BootFormatException exception)
        {
            Add(exception.Error);
        }
    }

    /// <summary>Reads something that is only missed where it is used: sections and symbols.</summary>
    /// <returns>What was read; the type's default value if it is odd, about which there is a remark then.</returns>
    public T? TryOptional<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (BootFormatException exception)
        {
            AddRemarks(exception.Error);
            return default;
        }
    }

    /// <summary>Lists faults, each once; no error is none.</summary>
    public void Add(params IEnumerable<ParseError> faults) => AddTo(_messages, faults);

    /// <summary>Lists remarks, each once; no error is none. What is a fault already is no remark.</summary>
    public void AddRemarks(params IEnumerable<ParseError> remarks) =>
        AddTo(_remarks, remarks.Where(remark => !_messages.Contains(remark.ToString())));

    /// <summary>Ends the command with the first fault, once all that is intact was shown.</summary>
    /// <param name="name">The image's name for people.</param>
    /// <exception cref="ToolException">There is a fault.</exception>
    public void ThrowIfAny(string name)
    {
        if (_messages.Count > 0)
            throw new ToolException(ExitCode.BadInput, $"{name}: {_messages[0]}");
    }

    private static void AddTo(List<string> list, IEnumerable<ParseError> faults)
    {
        foreach (ParseError fault in faults)
        {
            string message = fault.ToString();
            if (fault.IsError && list.Count < MaximumListed && !list.Contains(message))
                list.Add(message);
        }
    }
}
