using BootProtocol.Testing;
using Microsoft.CodeAnalysis;

namespace BootProtocol.Generators.Tests;

/// <summary>A mistake gets one message, at its own place, and no second one about what it makes of the lines around it.</summary>
public sealed class OneMistakeTests
{
    private const string Plain = "protocol demo  little | Demo.\n";

    [Theory]
    [InlineData("enum kinds : u8 as Kinds | Kinds.\n  1  ONE | One.", "(2,17): error BPS1005: Expected 'as' in front of ':' instead of behind the type")]
    [InlineData(
        "choice body : u8 as Body | Bodies.\n  1  bytes[..]  one | One.",
        "(2,18): error BPS1005: Expected 'as' in front of ':' instead of behind the type")]
    [InlineData(
        "notes some owner \"X\" as Some | Notes.\n  1  u32  ONE | One.",
        "(2,22): error BPS1005: Expected 'as' in front of 'owner' instead of behind its name")]
    [InlineData("flags bits : u8[4] | Bits.\n  1  ONE | One.", "(2,16): error BPS1009: '[' is no word of a 'flags' head; expected nothing behind the type")]
    [InlineData("struct thing word 64 | Words.\n  .  u32  a | A.", "(2,19): error BPS1005: Expected '32|64' instead of '64'")]
    [InlineData("struct s8 | A type of the language.\n  .  u8  a | A.", "(2,8): error BPS3001: 's8' is declared already, in the language itself")]
    [InlineData("rows none | Nothing.\nflags bits : u8 | Bits.\n  1  ONE | One.", "(2,6): error BPS1013: 'none' has no rows; give it one, or remove it")]
    [InlineData("rows a, b | Two.\n  1  ONE | One.", "(2,7): error BPS1003: ',' has no place here; a doc starts with a '|' that stands alone")]
    [InlineData(
        "struct thing | Lists.\n  .  u8  n | N.\n  .  u8[n * 2]  list | L.",
        "(4,11): error BPS1005: Expected ']' behind one name, such as that of a 'let', instead of '*'")]
    [InlineData(
        "struct thing packed | Rows.\n  .  u8  n | N.\n  .  bytes[n]  text | T.\n  .  u16  count | C.\n  let  twice = count * 2 | Twice.",
        "(6,16): error BPS3004: 'thing' has no number field 'count' in front of its rows of varying size")]
    [InlineData(
        "struct thing packed | Rows.\n  .  u8  n | N.\n  .  bytes[n]  text | T.\n  .  paddr64  next -> thnig | N.",
        "(5,23): error BPS3003: 'thnig' is no type; did you mean 'thing'?")]
    [InlineData(
        "struct thing packed | Rows.\n  .  u8  size | N.\n  .  bytes[size]  text | T.\n  .  paddr64  next -> u8[sise] | N.",
        "(5,26): error BPS3004: 'thing' has no number field 'sise'; did you mean 'size'?")]
    [InlineData("struct thing | Rows.\n  .  thnig  head | H.\n  .  u8[head.size]  l | L.", "(3,6): error BPS3003: 'thnig' is no type; did you mean 'thing'?")]
    [InlineData("struct thing align 4 | Rows.\n  .  u8  n | N.\n  .  thnig[n]  text | T.", "(4,6): error BPS3003: 'thnig' is no type; did you mean 'thing'?")]
    [InlineData(
        "struct thing packed | Sums.\n  .  u32  first | F.\n  .  u32  [ last | L.\n  .  u32  sum  checksum crc32 first..last | S.",
        "(4,13): error BPS1005: Expected 'max' and the largest number of elements, or ']' after 'last'")]
    [InlineData(
        "struct thing length size | Sizes.\n  .  u8  kind | K.\n  .  u8  size  when kind = 1 | S.\n  =  u8  more  when kind = 2 | M.\n  .  u8[..]  rest | R.",
        "(2,21): error BPS3004: 'thing' has no number field 'size'; it is not always there")]
    [InlineData(
        "flags bits : u32 | Bits.\n  0..15  kind  KIND | The kind.\nenum kind : u8 | Kinds.\n  1  ONE | One.",
        "(3,10): error BPS2009: 0xffff does not fit into kind; its largest value is 0xff")]
    public void A_mistake_gets_one_message(string blocks, string message)
    {
        var run = new GeneratorRun(("demo.bootspec", Plain + blocks));
        Assert.Null(run.Result.Exception);
        Assert.Equal($"demo.bootspec{message}", Assert.Single(run.Messages));
        AssertCompiles(run);
    }

    [Theory]
    [InlineData("protocol demo  medium | Demo.", "(1,16): error BPS1005: Expected 'little' or 'big' instead of 'medium'")]
    [InlineData("protocol demo  little  versions 1-2  versions 1-3 | Demo.", "(1,38): error BPS1010: 'versions' is said twice; once is enough")]
    public void A_mistake_in_the_first_line_gets_one_message(string head, string message)
    {
        var run = new GeneratorRun(("demo.bootspec", head + "\nstruct thing | T.\n  .  u8  a | A."));
        Assert.Equal($"demo.bootspec{message}", Assert.Single(run.Messages));
    }

    /// <summary>The number that says whether a row is there may be in one variant alone.</summary>
    [Fact]
    public void A_condition_may_name_a_row_of_one_variant()
    {
        var run = new GeneratorRun(("demo.bootspec", Plain + """
            enum kind : u8                     | Kinds.
              1  ONE                           | The first.
            struct thing  word 32|64           | Rows.
              .  kind  kind           only 32  | The kind.
              .  u8    a  when kind = ONE      | There for that kind.
            """));
        Assert.Empty(run.Messages);
        AssertCompiles(run);
    }

    /// <summary>C# refuses a case behind those that have all numbers.</summary>
    [Fact]
    public void A_choice_may_have_a_row_for_every_number()
    {
        var run = new GeneratorRun(("demo.bootspec", Plain + """
            choice body : u64                             | What a number chooses.
              0x8000000000000000..0xffffffffffffffff  bytes[..]  high  | The upper half.
              0..0x7fffffffffffffff                   bytes[..]  low   | The lower half.
            """));
        Assert.Empty(run.Messages);
        AssertCompiles(run);
    }

    /// <summary>Structures in structures, the innermost of which is broken: each is looked at once, not as often as there are ways to it.</summary>
    [Fact]
    public void A_broken_structure_far_inside_gets_one_message()
    {
        IEnumerable<string> outer = Enumerable.Range(0, 50).Select(i => $"struct t{i} | {i}.\n  .  t{i + 1}  a | A.\n  .  t{i + 1}  b | B.\n");
        var run = new GeneratorRun(("demo.bootspec", $"{Plain}{string.Concat(outer)}struct t50 | 50.\n  .  nothing_known  a | A.\n"));
        Assert.Equal("demo.bootspec(153,6): error BPS3003: 'nothing_known' is no type", Assert.Single(run.Messages));
    }

    /// <summary>A spec cannot use up the stack of the compiler.</summary>
    [Fact]
    [Needs(Need.Time)]
    public void Structures_inside_of_each_other_are_limited()
    {
        IEnumerable<string> outer = Enumerable.Range(0, 12_000).Select(i => $"struct t{i} | {i}.\n  .  t{i + 1}  a | A.\n");
        var run = new GeneratorRun(("demo.bootspec", $"{Plain}{string.Concat(outer)}struct t12000 | Last.\n  .  u8  a | A.\n"));
        Assert.Null(run.Result.Exception);
        Assert.Equal(
            "demo.bootspec(129,6): error BPS2019: 'a' cannot have 't64': at most 64 structures stand inside of each other",
            run.Messages.First());
    }

    private static void AssertCompiles(GeneratorRun run) =>
        Assert.Empty(run.Compilation.GetDiagnostics().Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error).Select(d => d.ToString()));
}
