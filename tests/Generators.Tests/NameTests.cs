using Microsoft.CodeAnalysis;

namespace BootProtocol.Generators.Tests;

/// <summary>Names of projects, files and types: what can be generated compiles, and what cannot gets its message.</summary>
public sealed class NameTests
{
    private const string Spec = """
        protocol demo  little         | Demo.
        struct thing                  | Holds a value.
          0  kind  a                  | A value.
        enum kind : u8                | Values.
          1  ONE                      | The first.
        """;

    [Theory]
    [InlineData("my-app", "my_app")]
    [InlineData("3d", "_3d")]
    [InlineData("Acme.event", "Acme.@event")]
    [InlineData("Acme.@event", "Acme.@event")]
    [InlineData("Acme..Über 2", "Acme._.Über_2")]
    public void Any_project_name_becomes_a_namespace(string project, string expected)
    {
        var run = new GeneratorRun(new TestOptions(project), ("demo.bootspec", Spec));
        AssertCompiles(run);
        string file = expected.Replace("@", "", StringComparison.Ordinal);
        Assert.Contains($"namespace {expected}.Demo;", run.Source($"{file}.Demo.Thing.g.cs"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_protocol_name_that_starts_with_a_digit_in_csharp_is_mended()
        => AssertCompiles(new GeneratorRun(("demo.bootspec", Spec.Replace("protocol demo", "protocol _1st", StringComparison.Ordinal))));

    [Fact]
    public void Types_that_differ_only_in_case_have_a_file_each()
    {
        var run = new GeneratorRun(("demo.bootspec", """
            protocol demo  little         | Demo.
            struct foo_bar                | One.
              0  u8  a                    | A byte.
            struct foobar                 | Two.
              0  u16  a                   | A number.
            """));
        AssertCompiles(run);
        Assert.Equal(["Demo.Demo.FooBar.g.cs", "Demo.Demo.Foobar.2.g.cs", "SpecCatalog.g.cs"], run.Result.GeneratedSources.Select(source => source.HintName));
    }

    [Fact]
    public void One_csharp_name_in_two_namespaces_has_a_file_each()
    {
        string other = Spec.Replace("thing", "other as Thing", StringComparison.Ordinal).Replace("kind", "sort as Kind", StringComparison.Ordinal);
        var run = new GeneratorRun(("demo.bootspec", Spec), ("Other/demo.bootspec", other.Replace("sort as Kind  a", "sort  a", StringComparison.Ordinal)));
        AssertCompiles(run);
        Assert.Contains("namespace Other.Demo;", run.Source("Other.Demo.Thing.g.cs"), StringComparison.Ordinal);
        Assert.Contains("namespace Demo.Demo;", run.Source("Demo.Demo.Thing.g.cs"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("writer")]
    [InlineData("author")]
    [InlineData("layout")]
    [InlineData("create")]
    [InlineData("parse")]
    [InlineData("edit")]
    [InlineData("as_span")]
    [InlineData("try_parse")]
    [InlineData("try_edit")]
    [InlineData("thing as _bytes")]
    [InlineData("thing as _version")]
    public void A_structure_cannot_have_the_name_of_its_own_member(string name)
    {
        var run = new GeneratorRun(("demo.bootspec", Structure(name)));
        Assert.Contains("which is taken by a member that every structure has", Assert.Single(run.Messages), StringComparison.Ordinal);
        AssertCompiles(run, messages: 1);
    }

    /// <summary>A name is refused only where C# would refuse it.</summary>
    [Theory]
    [InlineData("view")]
    [InlineData("as_view")]
    [InlineData("size_of")]
    [InlineData("equals")]
    [InlineData("get_type")]
    [InlineData("offset")]
    [InlineData("info")]
    [InlineData("table")]
    [InlineData("check")]
    [InlineData("set_list")]
    [InlineData("get_parts")]
    public void A_structure_can_have_every_other_name(string name) => AssertCompiles(new GeneratorRun(("demo.bootspec", Structure(name))));

    [Fact]
    public void Members_of_different_types_can_share_a_name()
        => AssertCompiles(new GeneratorRun(("demo.bootspec", """
            protocol demo  little               | Demo.
            struct thing                        | Rows.
              .  u16[2]   values                | An array.
              .  u16[2]   set_values            | Becomes SetSetValues.
              .  char[4]  name                  | A text.
              .  u16      set_name = 7          | A constant, which nobody sets.
              .  u16      try_get_values        | The array is always there.
              .  part[2]  type                  | Becomes GetType with an index.
              .  part[2]  offset                | An array.
            struct part                         | A part.
              .  u16  a                         | A number.
            """)));

    [Fact]
    public void A_row_that_may_be_absent_takes_the_name_of_its_method()
    {
        var run = new GeneratorRun(("demo.bootspec", """
            protocol demo  little  versions 1-2 | Demo.
            struct thing  gate version          | Rows.
              .  u16     version                | Version.
              .  u16[2]  list  2+               | An array.
              .  u16     try_get_list           | The same in C#.
            struct try_get_part  gate version   | Rows.
              .  u16     version                | Version.
              .  u16[2]  part  2+               | The same in C#.
            notes try_get_other owner "X"       | Notes.
              1  thing   OTHER                  | The same in C#.
            """));
        Assert.Equal(
            [
                "demo.bootspec(5,14): error BPS3005: 'try_get_list' becomes TryGetList in C#, which is taken by 'list'; choose another with 'as'",
                "demo.bootspec(8,14): error BPS3005: 'part' becomes TryGetPart in C#, which is taken by its own structure; choose another with 'as'",
                "demo.bootspec(10,14): error BPS3005: 'OTHER' becomes TryGetOther in C#, which is taken by its own block; choose another with 'as'",
            ],
            run.Messages);
        AssertCompiles(run, messages: 3);
    }

    [Fact]
    public void A_protocol_cannot_have_the_name_of_the_catalog()
    {
        var run = new GeneratorRun(("demo.bootspec", Spec.Replace("protocol demo", "protocol spec_catalog", StringComparison.Ordinal)));
        Assert.Equal(
            "demo.bootspec(1,10): error BPS3005: 'spec_catalog' becomes Demo.SpecCatalog in C#, which is taken by the class that lists everything; "
                + "choose another name",
            Assert.Single(run.Messages));
        AssertCompiles(run, messages: 1);
    }

    [Fact]
    public void A_type_cannot_have_the_name_of_a_namespace()
    {
        string named = Spec.Replace("protocol demo", "protocol plain", StringComparison.Ordinal);
        string plain = Structure("plain").Replace("protocol demo", "protocol _", StringComparison.Ordinal);
        var run = new GeneratorRun(("demo.bootspec", named), ("plain.bootspec", plain));
        Assert.Contains("'plain' becomes Plain in C#, which is taken by a namespace", Assert.Single(run.Messages), StringComparison.Ordinal);
        AssertCompiles(run, messages: 1);
    }

    /// <summary>A structure with a member of every kind: its own name collides with none of them.</summary>
    private static string Structure(string name) => $"""
        protocol demo  little  versions 1-2 | Demo.
        struct {name}  gate version  word 32|64  length size | Rows.
          .  u16      version               | Version.
          .  u16      size  read            | Size.
          .  u16[2]   list  2+              | An array.
          .  part[2]  parts                 | Structures.
          .  char[4]  text                  | A text.
        struct part                         | A part.
          .  u16  a                         | A number.
        """;

    private static void AssertCompiles(GeneratorRun run, int messages = 0)
    {
        Assert.Null(run.Result.Exception);
        Assert.Equal(messages, run.Messages.Count());
        Assert.Empty(run.Compilation.GetDiagnostics().Where(d => d.Severity >= DiagnosticSeverity.Warning).Select(d => d.ToString()));
    }
}
