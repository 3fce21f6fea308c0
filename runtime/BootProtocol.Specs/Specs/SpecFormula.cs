using System.Collections.Immutable;
using System.Globalization;

namespace BootProtocol.Specs;

/// <summary>How a number is computed of fields: sums, differences, products, quotients and shifts of whole numbers.</summary>
/// <example><code>
/// var length = new SpecFormula("(sectors + 1) * 512", "sectors", "1", "+", "512", "*");
/// Console.WriteLine(length.TryCompute(name => 4, out ulong bytes) ? $"{bytes} bytes" : "no number of 64 bits");
/// </code></example>
public sealed class SpecFormula
{
    private const int MostShift = 63;

    /// <summary>Makes a formula.</summary>
    /// <param name="text">The formula as it is read.</param>
    /// <param name="steps">Decimal numbers, names, and the operators <c>+ - * / &lt;&lt; &gt;&gt;</c>, each behind its two operands.</param>
    /// <exception cref="ArgumentException">The steps do not come to one number.</exception>
    public SpecFormula(string text, params ImmutableArray<string> steps)
    {
        ArgumentNullException.ThrowIfNull(text);
        int depth = 0;
        foreach (string step in steps)
        {
            depth += IsOperator(step) ? -1 : 1;
            if (depth < 1)
                break;
        }

        if (depth != 1)
            throw new ArgumentException("The steps of a formula have to come to one number.", nameof(steps));
        Text = text;
        Steps = steps;
    }

    /// <summary>The formula as the spec writes it.</summary>
    public string Text { get; }

    /// <summary>Its parts in the order in which a stack takes them.</summary>
    public ImmutableArray<string> Steps { get; }

    /// <summary>Computes the number. What lies between may be negative, or longer than 64 bits.</summary>
    /// <param name="numberOf">What a name stands for; null if it stands for nothing.</param>
    /// <param name="number">The number; 0 if there is none.</param>
    /// <returns>
    /// Whether there is one: every name stands for a number, nothing is divided by 0 or shifted by more than 63 bits, and the result is from
    /// 0 to 2^64 - 1.
    /// </returns>
    public bool TryCompute(Func<string, ulong?> numberOf, out ulong number)
    {
        ArgumentNullException.ThrowIfNull(numberOf);
        number = 0;
        var stack = new Stack<Int128>();
        foreach (string step in Steps)
        {
            Int128? value = IsOperator(step) ? Operate(step, stack.Pop(), stack.Pop())
                : char.IsAsciiDigit(step[0]) ? Int128.Parse(step, NumberStyles.None, CultureInfo.InvariantCulture)
                : numberOf(step);
            if (value is not { } known)
                return false;
            stack.Push(known);
        }

        Int128 result = stack.Pop();
        if (result < 0 || result > ulong.MaxValue)
            return false;
        number = (ulong)result;
        return true;
    }

    /// <summary>The formula as the spec writes it.</summary>
    public override string ToString() => Text;

    private static Int128? Operate(string symbol, Int128 right, Int128 left)
    {
        bool isPossible = symbol switch
        {
            "/" => right != 0,
            "<<" or ">>" => right >= 0 && right <= MostShift,
            _ => true,
        };
        if (!isPossible)
            return null;
        try
        {
            return symbol switch
            {
                "+" => checked(left + right),
                "-" => checked(left - right),
                "*" => checked(left * right),
                "/" => left / right,
                ">>" => left >> (int)right,
                _ => checked(left * (Int128.One << (int)right)),
            };
        }
        catch (OverflowException)
        {
            return null;
        }
    }

    private static bool IsOperator(string step) => step is "+" or "-" or "*" or "/" or "<<" or ">>";
}
