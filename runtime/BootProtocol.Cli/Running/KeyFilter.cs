namespace BootProtocol.Cli.Running;

/// <summary>Looks for the keys that are for this tool: Ctrl-A x ends the guest, and Ctrl-A twice is one Ctrl-A for the guest.</summary>
internal sealed class KeyFilter
{
    private const byte Escape = 1; // Ctrl-A

    private bool _isEscaped;

    /// <summary>Whether Ctrl-A x was typed.</summary>
    public bool IsEnd { get; private set; }

    /// <summary>Leaves in a piece of input what is for the guest.</summary>
    /// <param name="keys">The piece; what stays stands at its start.</param>
    /// <returns>Bytes that stay.</returns>
    public int Filter(Span<byte> keys)
    {
        int count = 0;
        foreach (byte key in keys)
        {
            bool wasEscaped = _isEscaped;
            _isEscaped = !wasEscaped && key == Escape;
            IsEnd |= wasEscaped && (key is (byte)'x' or (byte)'X');
            if (IsEnd)
                break;

            // Any other key behind Ctrl-A is dropped with it, as it was meant for this tool.
            if (!_isEscaped && (!wasEscaped || key == Escape))
                keys[count++] = key;
        }

        return count;
    }
}
