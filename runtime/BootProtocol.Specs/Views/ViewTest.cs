namespace BootProtocol;

/// <summary>Tests a structure. For generated code.</summary>
/// <typeparam name="T">The view of the structure.</typeparam>
/// <param name="view">The structure.</param>
/// <returns>What the test says.</returns>
/// <example><code>
/// ViewTest&lt;BootE820Entry&gt; isLast = static entry =&gt; entry.Size == 0;
/// Console.WriteLine(isLast(linux.BootParams.E820Table[0]));
/// </code></example>
public delegate bool ViewTest<in T>(T view)
    where T : allows ref struct;
