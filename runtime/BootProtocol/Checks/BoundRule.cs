namespace BootProtocol.Checks;

/// <summary>A rule, and how it is asked.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Ask">Gives what breaks it, or null.</param>
/// <param name="FindsFaults">Whether it is broken by what cannot be read.</param>
internal sealed record BoundRule(CheckRule Rule, Func<CheckSubject, string?> Ask, bool FindsFaults = false);
