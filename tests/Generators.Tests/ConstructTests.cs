using BootProtocol.Testing;
using Microsoft.CodeAnalysis;

namespace BootProtocol.Generators.Tests;

/// <summary>One small spec for every construct of the language, and the code that comes of it.</summary>
public sealed class ConstructTests
{
    private const string Head = "protocol demo  little  versions 2.00-2.15 | Demo.\n";
    private const string Plain = "protocol demo  little | Demo.\n";

    public static TheoryData<string, string> Constructs => new()
    {
        { "Numbers", Plain + """
            struct thing                       | Numbers, addresses and text.
              0   u8       small               | A byte.
              1   s8       signed              | A signed byte.
              2   u16      half  zero 7        | Two bytes; 0 stands for 7.
              4   paddr32  place               | An address.
              8   char[4]  tag = "Demo"        | A constant.
              12  bytes[4] raw                 | Bytes.
            """ },
        { "BigEndian", """
            protocol demo  big | Demo.
            struct thing                       | Most significant byte first.
              0  u32  magic = 0x01020304       | A constant.
              4  u16  a                        | A number.
            """ },
        { "Gates", Head + """
            struct thing  at 0x1f0 packed gate version after magic   | Versions.
              0x1f0  u32  magic = "HdrS"                             | Magic.
              0x1f4  u16  version                                    | Version.
              0x1f6  u8   early  2.00-2.01  modify                   | Only in old ones.
              0x1f7  u32  late   2.05+ read 2.10+ modify reloc       | Written from 2.10 on.
              0x1fb  u32  limit  2.03+ read else 0x37ffffff          | Has a value of its own.
            """ },
        { "Computed", Head + """
            struct thing  packed gate version      | Numbers that are computed.
              0  u16  version                      | Version.
              2  u8   sectors  zero 4              | Sectors.
              3  u32  units    2.04+               | Units.
              let  start   = (sectors + 1) * 512   | Cannot fail.
              let  length  = start + units * 16    | Nor can this, but it may be absent.
              let  least   = 1 << sectors  2.10+   | Can fail.
            """ },
        { "OwnVersions", Head + """
            struct thing  versions 1-5 gate level                    | Versions of its own.
              .  u32  level                                          | Version.
              .  u32  more   2+                                      | From 2 on.
              .  u32  last   3-4  else 9                             | Only then.
            """ },
        { "HeaderEnd", Plain + """
            struct thing  ends 1               | Ends by a byte.
              0  u8   jump                     | A jump.
              1  u8   displacement             | Bytes behind this one.
              2  u16  a                        | Always there.
            """ },
        { "HeaderLength", Plain + """
            struct thing  length size          | Ends by a length.
              0  u32  size                     | The length.
              4  u32  a                        | A number.
            """ },
        { "WordVariants", Plain + """
            struct thing  word 32|64 size 16|24   | Two variants.
              .  u32    a                      | Four bytes.
              .  vaddr  entry                  | An address.
              .  u32    narrow  only 32        | Not in the 64-bit one.
              .  u64    wide    only 64        | Not in the 32-bit one.
              .  u32    moved   only 32        | At different places.
            """ },
        { "Union", Plain + """
            struct thing                       | A union.
              .  u8     kind                   | What it is.
              .  u32    number                 | A number, or
              =  part   part                   | a part, or
              =  u8[8]  raw                    | bytes.
            struct part                        | A part.
              .  u16  a                        | A number.
            """ },
        { "UnionMembers", Plain + """
            struct thing  word 32|64           | A union of which a number says what is meant.
              .  kind   kind                   | What it is.
              .  bits   bits                   | What it has.
              .  word   number  when kind = TWO  else 7  | A number, or
              =  part   part    when bits.WIDTH = 2..3   | a part, or
              =  u8[8]  raw     when bits.EXTRA          | bytes.
            struct part                        | A part.
              .  u16  a                        | A number.
            enum kind : u8                     | Kinds.
              2  TWO                           | The second.
            flags bits : u8                    | Bits.
              0     EXTRA                      | More.
              4..5  WIDTH                      | A number.
            """ },
        { "Arrays", Plain + """
            struct thing                       | Arrays.
              .  u8                     used     | How many.
              .  u16[3]                 numbers  | Numbers.
              .  part[used max 2]       parts    | Structures.
              .  kind[2]                kinds    | Enumerators.
              .  char[used max 4]       text     | A text.
            struct part                        | A part.
              .  u16  a                        | A number.
            enum kind : u8                     | Kinds.
              1  ONE                           | The first.
            """ },
        { "Constants", Head + """
            const thing : u32                   | Numbers that a C header makes by macros.
              0xae01      CREATE_VM            | Makes a machine.
              0x4020ae46  SET_REGION  2.10+    | Gives it memory.
            """ },
        { "Rules", Head + """
            struct thing  word 32|64 gate version      | Values that are not allowed, and checksums.
              .  u16      version                      | Version.
              .  u8       count   in 1..15 check       | How many.
              .  u8       sum     checksum sum8 all    | Makes all bytes 0 together.
              .  kind     kind    known                | What it is.
              .  marks    marks   known check          | How it is.
              .  u16      power   one of 1 2 0x100     | A power of two.
              .  word     place   aligned 8 check      | Where.
              .  word     unused  zero                 | Reserved.
              .  pad[8]   zero check                   | Reserved.
              .  u8[4]    parts   in 0..7              | Parts.
              .  part     inner                        | Has rules of its own.
              .  u32      crc     2.05+ checksum crc32 version..parts >> 8   | Of some rows.
            struct part                                | A part.
              .  bytes[4] unused  zero check           | Reserved.
            enum kind : u8                             | Kinds.
              1  ONE                                   | The first.
              7  SEVEN                                 | The last.
            flags marks : u8                           | Marks.
              0  LOW                                   | The lowest.
              6  HIGH                                  | Nearly the highest.
            """ },
        { "RulesBehind", Plain + """
            struct thing                               | Rules in rows of no fixed place.
              .  u8          length  in 0..8           | Bytes of the number.
              .  uint[length]  number  in 1..100       | A number.
              .  pad[3]      zero                      | Reserved.
              .  bytes[..]   text    until 0           | A text.
              .  u32         crc     checksum crc32 length..text | Of all in front of it.
            """ },
        { "NestedArrays", Plain + """
            struct thing  word 32|64                   | Arrays of arrays.
              .  u16be[2][3]    numbers                | Numbers.
              .  char[2][2][8]  names                  | Texts.
              .  bytes[3][4]    hashes                 | Bytes.
              .  part[2][2]     parts                  | Structures.
              .  u8             count                  | How many are behind.
              .  vaddr[count][2] places                | Addresses.
            struct part                                | A part.
              .  u32  a                                | A number.
            """ },
        { "Included", Plain + """
            flags thing : u16                  | Bits that others have, too.
              include low                      | The lowest.
              5  FIFTH                         | Its own.
              include high                     | The others.
            rows low                           | The lowest bits.
              0      FIRST as One              | The first.
              |                                Second line.
              1..3   FIELD                     | A field.
            rows high                          | The highest bits.
              15     LAST                      | The last.
            """ },
        { "Sequences", Plain + """
            struct thing  word 32|64 align 4|8       | Varies in size.
              .  part           head                 | Sizes.
              .  word           count                | How many places.
              let  room         = count * 4 - 2      | Can fail.
              .  char[head.a]   name                 | A text.
              .  u16            used  zero 4         | A number behind it.
              .  bytes[used]    data  align 4        | Bytes.
              .  u8[used]       more                 | As many again.
              .  vaddr[count]   places               | Addresses.
              .  pad[3]                              | Nothing.
              .  bytes[..]      raw   bytes room     | As many as there is room for.
              .  u32[..]        rest                 | Numbers up to the end.
            struct part                              | A part.
              .  u16            a                    | A number.
            """ },
        { "SequenceElements", Plain + """
            struct thing                             | Holds structures of varying size.
              .  u16            room                 | Bytes of the texts.
              .  label          first                | One.
              .  label[..]      labels  bytes room   | As many as there is room for.
              .  label[2]       pair                 | Two.
              .  part[..]       parts  until a = 0   | Up to the last.
            struct part                              | A part.
              .  u16            a                    | A number.
            struct label  packed                     | A text with its length.
              .  u8             length               | The length.
              .  char[length]   text                 | The text.
            """ },
        { "SequenceLength", """
            protocol demo  big | Demo.
            struct thing  length size align 8        | Says how long it is.
              0  u32            size                 | The length.
              .  bytes[..]      body                 | The rest.
            """ },
        { "Choice", Plain + """
            choice thing : kind                      | What a number chooses.
              ONE      part                          | A structure.
              2..0xf   far      other as Another     | One with two variants.
              0x10     char[..] text                 | A text.
              LAST     bytes[..] rest                | Bytes.
            enum kind : u16                          | Kinds.
              1        ONE                           | The first.
              0xffff   LAST                          | The last.
            struct part                              | A part.
              .  u16   a                             | A number.
            struct far  word 32|64                   | A part with variants.
              .  word  a                             | A number.
            """ },
        { "Chosen", Plain + """
            struct thing  word 32|64                 | Holds what its numbers choose.
              .  head   head                         | What it is, and how long.
              .  body   body   by head.kind  bytes head.length  align 4  | What that is.
              .  u16    next                         | What the rest is.
              .  plain  rest   by next               | The rest.
            struct head                              | What something is.
              .  u16    kind                         | The kind.
              .  u16    length                       | Bytes.
            choice body : u32                        | What may be there.
              1  far                                 | A structure.
            choice plain : kinds                     | What may be there.
              ONE  head                              | A structure.
            enum kinds : u8                          | Kinds.
              1  ONE                                 | The first.
            struct far  word 32|64                   | A part with variants.
              .  word  a                             | A number.
            """ },
        { "Digits", Plain + """
            struct thing                             | Numbers as digits.
              .  char[2]    magic = "07"             | A text.
              .  hex[8]     size                     | Eight digits.
              .  hex[1]     kind  zero 3             | One.
              let  half = size / 2                   | Never more than 31 bits.
              .  bytes[size]  data  align 4          | As many bytes.
            """ },
        { "Sized", Plain + """
            choice thing : u8                        | What a step is.
              0  nothing    pause                    | Nothing.
              1  part                                | One of one size.
              2  label                               | One of varying size.
              3  char[..]   rest                     | All that follows.
            struct part                              | A part.
              .  u16        a                        | A number.
            struct label                             | A text.
              .  char[..]   text  until 0            | Ends with a NUL.
            struct step                              | A step.
              .  u8         kind                     | What it is.
              .  thing      body  by kind  sized     | That.
              .  bytes[..]  line  until 10           | Ends with a line feed.
            """ },
        { "Optional", Plain + """
            flags kind : u8                              | Bits.
              0     EXTRA                                | There is more.
              1..2  WIDTH                                | Bytes of the size.
              3     PART                                 | There is a part.
            struct part                                  | A part.
              .  u16   a                                 | A number.
            struct thing                                 | Rows that are there or not.
              .  kind  flags                             | Which rows are there.
              let  width = 1 << flags.WIDTH              | Bytes of the size.
              .  u16   length  when flags.EXTRA          | Bytes of what there is more.
              .  bytes[length]  extra                    | What there is more.
              .  uint[width]  size                       | A size.
              .  part  one    align 4  when flags.PART   | A part.
              .  u8    level  when flags.WIDTH = 1..2  else 9  | A level.
              .  leb128  count                           | How many numbers.
              .  u16[count]  list                        | Numbers.
            """ },
        { "ByteOrders", Plain + """
            struct thing                             | Numbers of both orders.
              .  u32be    magic = "ABCD"             | A constant.
              .  u16be    count                      | How many.
              .  u16le    little                     | As the protocol says.
              .  u64be[2] pair                       | A list.
              .  u32be[count]  list                  | Another one.
            """ },
        { "Pointers", Plain + """
            struct thing                       | Pointers.
              .  u32      count                | How many.
              .  paddr32  list -> u8[count]    | Bytes.
              .  paddr32  text -> char[]       | Text.
              .  paddr32  next -> thing        | The next one.
              .  paddr32  parts -> part[count] | Structures.
              .  addr32   kinds -> kind[count] | Values.
              .  vaddr32  word -> word         | A number of either size.
              .  addr32   open -> part[]       | Without a number: cannot be followed.
            struct part  word 32|64            | A part.
              .  vaddr    place                | An address.
            enum kind : u16                    | Kinds.
              1  ONE                           | The first.
            """ },
        { "Flags", Head + """
            flags thing : u16                  | Flags.
              0       FIRST                    | A bit.
              3..5    kind  LEVEL              | A field that holds an enumeration.
              6       LAST  2.07+  obsolete    | A gated bit.
              8..15   MASK                     | A field that holds a number.
            enum kind : u8                     | Kinds.
              1  ONE                           | The first.
            """ },
        { "Enumeration", Plain + """
            enum thing : u32                   | An enumeration.
              0           NONE                 | Nothing.
              0x80000000  LARGE as Big         | The highest bit.
              |             Second line, with <angles> & "quotes".
            """ },
        { "Notes", Plain + """
            notes demo_notes as DemoNotes owner "Demo"   | Notes.
              1  vaddr   ENTRY                 | A number.
              2  string  NAME                  | A text.
              3  u32[]   LIST                  | Numbers.
              4  word[]  PAIRS                 | Words.
              5  bytes   BLOB                  | Bytes.
              6  u32     COUNT  else 1         | Has a value of its own.
              7  part    PART                  | A structure.
            struct part                        | A part.
              .  u32  a                        | A number.
            """ },
    };

    [Theory]
    [MemberData(nameof(Constructs))]
    public void Construct_becomes_code(string name, string spec)
    {
        var run = new GeneratorRun(("demo.bootspec", spec));
        Assert.Empty(run.Messages);
        Assert.Equal("", string.Join("\n", run.Compilation.GetDiagnostics().Where(d => d.Severity >= DiagnosticSeverity.Warning).Select(d => d.ToString())));
        string file = name == "Notes" ? "Demo.Demo.DemoNotes.g.cs" : "Demo.Demo.Thing.g.cs";
        Snapshot.Matches(run.Source(file), "cs", "Generators.Tests", "Snapshots", name);
    }

    [Fact]
    public void Catalog_lists_what_was_generated()
    {
        var run = new GeneratorRun(("demo.bootspec", Constructs.Last().Data.Item2));
        Snapshot.Matches(run.Source("SpecCatalog.g.cs"), "cs", "Generators.Tests", "Snapshots", "Catalog");
    }

    /// <summary>A type of an imported spec is named, not generated: its code is in the library.</summary>
    [Fact]
    public void Imported_types_are_only_referred_to()
    {
        (string Name, string Text)[] imports = [.. ShippedSpecs.All.Select(file => ("import-" + file.Name, file.Text))];
        (string, string) own = ("own.bootspec", """
            protocol own  little              | Own.
            struct crate                      | Holds a header.
              0  u32           count          | How many.
              4  setup_header  header         | A header of the library's.
            """);
        var run = new GeneratorRun([.. imports, own]);
        Assert.Empty(run.Messages);
        Assert.Equal(["Demo.Own.Crate.g.cs", "SpecCatalog.g.cs"], run.Result.GeneratedSources.Select(source => source.HintName).Order());
        Assert.Empty(run.Compilation.GetDiagnostics().Where(d => d.Severity == DiagnosticSeverity.Error).Select(d => d.ToString()));
        Assert.Contains("global::BootProtocol.LinuxX86.SetupHeader", run.Source("Demo.Own.Crate.g.cs"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Shipped_specs_have_no_problem_and_need_no_advice()
    {
        var run = new GeneratorRun(ShippedSpecs.All);
        Assert.Empty(run.Messages);
        Assert.Empty(await run.Advice());
    }

    /// <summary>A file that mixes bad and good rows gets every message in one build, in order, and the good rows are generated.</summary>
    [Fact]
    public void One_build_shows_every_mistake()
    {
        var run = new GeneratorRun(("demo.bootspec", Plain + """
            struct thing                      | Mistakes.
              0  u8   a                       | Right.
              1  u23  b                       | No such type.
              2  u8   c  obligatry            | No such word.
              3  u8   d                       | Right.
              9  u8   e                       | A gap.
            """));
        Assert.Equal(
            [
                "demo.bootspec(4,6): error BPS3003: 'u23' is no type; did you mean 'u32'?",
                "demo.bootspec(5,14): error BPS1006: 'obligatry' is no word of a row; "
                    + "expected a gate, an access word, 'as', '=', 'only', 'else', 'zero', 'in', 'one', 'aligned', 'known', 'check', 'checksum', "
                    + "'->', 'align', 'bytes', 'by', 'sized', 'until' or 'when'; "
                    + "did you mean 'obligatory'?",
                "demo.bootspec(7,3): error BPS2002: 'e' is placed at 0x9, but the row above ends at 0x4; write 0x4, or pad[5] in between",
            ],
            run.Messages);
        string source = run.Source("Demo.Demo.Thing.g.cs");
        Assert.Contains("public byte A", source, StringComparison.Ordinal);
        Assert.Contains("public byte D", source, StringComparison.Ordinal);
        Assert.DoesNotContain("public byte C", source, StringComparison.Ordinal);
    }
}
