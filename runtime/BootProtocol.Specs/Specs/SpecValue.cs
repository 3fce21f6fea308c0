namespace BootProtocol.Specs;

/// <summary>A value that was read by a spec's tables. What it is, its class says; <see cref="ToString"/> spells it out in one line.</summary>
public abstract class SpecValue
{
    private protected SpecValue()
    {
    }

    /// <summary>The value in one line of printable characters.</summary>
    public abstract override string ToString();
}
