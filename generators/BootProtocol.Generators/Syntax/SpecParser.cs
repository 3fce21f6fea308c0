using System;
using System.Collections.Generic;
using System.Linq;
using BootProtocol.Generators.Diagnostics;

namespace BootProtocol.Generators.Syntax;

/// <summary>Reads a spec file. Whatever the text, the answer is a <see cref="SpecFile"/>: a broken line costs only itself.</summary>
internal sealed class SpecParser
{
    private readonly ProblemList _problems = new();
    private readonly List<BlockSyntax> _blocks = [];
    private readonly Dictionary<string, List<SpecLine>> _shared = new(StringComparer.Ordinal);
    private readonly List<SharedRows> _sharedInOrder = [];

    /// <summary>Rows that stand in other blocks, in the order of the file.</summary>
    private readonly List<Action> _includes = [];
    private readonly List<MissingRows> _missing = [];
    private readonly string _path;
    private ProtocolHead? _protocol;
    private bool _hasProtocolLine;

    /// <summary>What to do with a row of the block that is open; null before the first block.</summary>
    private Action<SpecLine>? _addRow;

    /// <summary>What to do with a line that only continues a doc; null where there is nothing to continue.</summary>
    private Action<string>? _continueDoc;

    private SpecParser(string path) => _path = path;

    public static SpecFile Parse(string path, IEnumerable<string> lines)
    {
        var parser = new SpecParser(path);
        int number = 0;
        foreach (string text in lines)
        {
            SpecLine? line = new LineScanner(text, number++, parser._problems).Scan();
            if (line is not null)
                parser.Add(line);
        }

        foreach (Action include in parser._includes)
            include();
        foreach (SharedRows rows in parser._sharedInOrder.Where(rows => rows.Lines.Count == 0))
            parser._problems.Add(SpecDescriptors.NoRows, rows.Name.Range, rows.Name.Value);
        if (!parser._hasProtocolLine)
            parser.ReportProtocol(default, "The file has no 'protocol NAME little|big' line; it belongs before the first block");
        return new SpecFile(path, parser._protocol, parser._blocks, parser._problems.Problems) { Shared = parser._sharedInOrder, Missing = parser._missing };
    }

    private void Add(SpecLine line)
    {
        if (line.Tokens.Count == 0 && line is { IsBroken: false, Doc: { } more })
        {
            if (_continueDoc is null)
                _problems.Add(SpecDescriptors.DocWithoutRow, line.Range);
            else
                _continueDoc(more);
            return;
        }

        _continueDoc = null;
        if (line.IsHead)
            AddHead(line);
        else if (_addRow is null)
            _problems.Add(SpecDescriptors.RowOutsideBlock, line.Range);
        else
            _addRow(line);
    }

    private void AddHead(SpecLine line)
    {
        if (line.Tokens.Count == 0)
        {
            _addRow = Ignore;
            return;
        }

        // A head that holds something unreadable has its message; what can still be read of it counts, without further complaints.
        var reader = new TokenReader(line, line.IsBroken ? new ProblemList() : _problems);
        Token keyword = reader.Take();
        switch (keyword.Kind == TokenKind.Word ? keyword.Text : "")
        {
            case "protocol":
                AddProtocol(reader, keyword, line.Doc ?? "");
                break;
            case "struct":
                var structRows = new List<RowSyntax?>();
                Open(HeadParser.Struct(reader, structRows), structRows, line, RowParser.Struct);
                break;
            case "flags" or "enum" or "const":
                var enumRows = new List<EnumRow?>();
                Open(HeadParser.Enum(reader, keyword.Text, enumRows), enumRows, line, row => RowParser.Enum(row, keyword.Text));
                break;
            case "choice":
                var choiceRows = new List<ChoiceRow?>();
                Open(HeadParser.Choice(reader, choiceRows), choiceRows, line, RowParser.Choice);
                break;
            case "notes":
                var noteRows = new List<NoteRow?>();
                Open(HeadParser.Notes(reader, noteRows), noteRows, line, RowParser.Note);
                break;
            case "rows":
                AddShared(reader);
                break;
            default:
                string? near = keyword.Kind == TokenKind.Word ? NearName.Find(keyword.Text, HeadParser.Blocks) : null;
                _problems.AddNear(SpecDescriptors.UnknownBlock, keyword.Range, near, keyword.Text);
                // The rows below belong to the unknown block: nothing can be said about them.
                _addRow = Ignore;
                break;
        }
    }

    /// <summary>Opens rows that stand in other blocks. What they are, those say: until then they are lines.</summary>
    private void AddShared(TokenReader reader)
    {
        _addRow = Ignore;
        if (reader.Word("the name of the rows") is not { } name)
            return;
        if (!reader.IsAtEnd)
            reader.Problems.AddNear(SpecDescriptors.UnknownHeadWord, reader.Current.Range, null, reader.Current.Text, "rows", "nothing behind the name");
        List<SpecLine> lines = [];
        if (_shared.ContainsKey(name.Value))
        {
            _problems.Add(SpecDescriptors.DuplicateType, name.Range, name.Value, "this file");
            return;
        }

        _shared.Add(name.Value, lines);
        _sharedInOrder.Add(new SharedRows(name, lines));
        _addRow = line =>
        {
            lines.Add(line);
            _continueDoc = more => lines[lines.Count - 1] = line with { Doc = Join(lines[lines.Count - 1].Doc ?? "", more) };
        };
    }

    /// <summary>Notes a row that stands for others. Those of other files come later, when all files have been read.</summary>
    /// <param name="line">The row.</param>
    /// <param name="block">The block that it stands in; null if that is broken.</param>
    /// <param name="rows">The block's rows so far.</param>
    /// <param name="included">How many rows have come into the block before.</param>
    /// <param name="read">Reads a row of such a block.</param>
    private void Include<TRow>(SpecLine line, BlockSyntax? block, List<TRow?> rows, int[] included, Func<TokenReader, TRow?> read)
        where TRow : RowSyntax
    {
        var reader = new TokenReader(line, line.IsBroken ? new ProblemList() : _problems);
        reader.Take();
        if (reader.Word("the name of the rows") is not { } name)
            return;
        if (!reader.IsAtEnd)
        {
            Token more = reader.Current;
            reader.Problems.AddNear(SpecDescriptors.UnknownRowWord, more.Range, null, more.Text, "an included row", "nothing behind the name");
        }

        int place = rows.Count;
        _includes.Add(() =>
        {
            if (_shared.TryGetValue(name.Value, out List<SpecLine>? lines))
            {
                rows.InsertRange(place + included[0], lines.Select(shared => Read(shared, _problems, read)));
                included[0] += lines.Count;
            }
            else if (block is not null)
            {
                _missing.Add(new MissingRows(block, place + included[0], name, (shared, problems) => Read(shared, problems, read)));
            }
        });
    }

    private static TRow? Read<TRow>(SpecLine line, ProblemList problems, Func<TokenReader, TRow?> read)
        where TRow : RowSyntax
    {
        TRow? row = line.IsBroken ? null : read(new TokenReader(line, problems));
        if (row is not null)
            row.Doc = line.Doc ?? "";
        return row;
    }

    private static void Ignore(SpecLine line)
    {
    }

    private void AddProtocol(TokenReader reader, Token keyword, string doc)
    {
        if (_hasProtocolLine)
            ReportProtocol(keyword.Range, "The file has a protocol already; start another file");
        else if (_blocks.Count > 0)
            ReportProtocol(keyword.Range, "The protocol belongs before the first block");
        _hasProtocolLine = true;
        ProtocolHead? head = HeadParser.Protocol(reader, doc);
        _protocol ??= head;
        _addRow = null;
        _continueDoc = more => _protocol = _protocol is null ? null : _protocol with { Doc = Join(_protocol.Doc, more) };
    }

    private void ReportProtocol(SourceRange range, string message) => _problems.Add(SpecDescriptors.ProtocolHead, range, message);

    private void Open<TRow>(BlockSyntax? block, List<TRow?> rows, SpecLine head, Func<TokenReader, TRow?> read)
        where TRow : RowSyntax
    {
        if (block is not null)
        {
            block.Doc = head.Doc ?? "";
            _blocks.Add(block);
            _continueDoc = more => block.Doc = Join(block.Doc, more);
        }

        bool canInclude = block is not ChoiceSyntax;
        int[] included = [0];
        _addRow = line =>
        {
            if (canInclude && line.Tokens.Count > 0 && line.Tokens[0].Is("include"))
            {
                Include(line, block, rows, included, read);
                _continueDoc = static _ => { };
                return;
            }

            TRow? row = Read(line, _problems, read);
            rows.Add(row);
            if (row is null)
            {
                _continueDoc = static _ => { };
                return;
            }

            _continueDoc = more => row.Doc = Join(row.Doc, more);
        };
    }

    private static string Join(string doc, string more) => doc.Length == 0 ? more : $"{doc}\n{more}";
}
