namespace BootProtocol.Generators.Diagnostics;

/// <summary>Every message that a spec can get. 1xxx syntax, 2xxx layout, 3xxx names, 4xxx gates and access, 5xxx advice.</summary>
internal static class SpecDescriptors
{
    public static readonly SpecDescriptor UnknownBlock = Error(
        "BPS1001", "Unknown block", "'{0}' opens no block; expected protocol, struct, choice, flags, enum, const, notes or rows{1}");
    public static readonly SpecDescriptor RowOutsideBlock = Error(
        "BPS1002", "Row outside a block", "This row belongs to no block; a block head starts in the first column");
    public static readonly SpecDescriptor StrayCharacter = Error(
        "BPS1003", "Stray character", "'{0}' has no place here; a doc starts with a '|' that stands alone");
    public static readonly SpecDescriptor BadPosition = Error("BPS1004", "Bad position", "'{0}' is no position; expected {1}");
    public static readonly SpecDescriptor Missing = Error("BPS1005", "Something is missing", "Expected {0} {1}");
    public static readonly SpecDescriptor UnknownRowWord = Error("BPS1006", "Unknown word in a row", "'{0}' is no word of {1}; expected {2}{3}");
    public static readonly SpecDescriptor BadNumber = Error(
        "BPS1007", "Bad number", "'{0}' is no number; expected decimal digits, or 0x and hexadecimal digits, of at most 64 bits");
    public static readonly SpecDescriptor UnterminatedText = Error("BPS1008", "Unterminated text", "The text {0} has no closing quote");
    public static readonly SpecDescriptor UnknownHeadWord = Error(
        "BPS1009", "Unknown word in a block head", "'{0}' is no word of a '{1}' head; expected {2}{3}");
    public static readonly SpecDescriptor SaidTwice = Error("BPS1010", "Said twice", "'{0}' is said twice; once is enough");
    public static readonly SpecDescriptor DocWithoutRow = Error("BPS1011", "Doc without a row", "This line continues a doc, but nothing stands above it");
    public static readonly SpecDescriptor ProtocolHead = Error("BPS1012", "Protocol head", "{0}");
    public static readonly SpecDescriptor NoRows = Error("BPS1013", "Block without rows", "'{0}' has no rows; give it one, or remove it");

    public static readonly SpecDescriptor LongFormula = Error(
        "BPS1014", "Long formula", "The formula has more than {0} parts or parentheses; give a part of it a name with a 'let' of its own");

    public static readonly SpecDescriptor Overlap = Error(
        "BPS2001", "Overlapping rows", "'{0}' is placed at {1}, but the row above ends at {2}; write {2}, or '=' for a union");
    public static readonly SpecDescriptor Gap = Error(
        "BPS2002", "Gap between rows", "'{0}' is placed at {1}, but the row above ends at {2}; write {2}, or pad[{3}] in between");
    public static readonly SpecDescriptor SizeMismatch = Error("BPS2003", "Size mismatch", "'{0}' is {1} bytes long{2}, but its head says {3}");
    public static readonly SpecDescriptor NothingAbove = Error(
        "BPS2004", "Union without a first member", "'{0}' stands at the place of the row above, but there is none");
    public static readonly SpecDescriptor WordSizeMatters = Error(
        "BPS2005", "Layout differs between 32 and 64 bits",
        "'{0}' stands at {1} for 32 bits and at {2} for 64 bits; add pads, or 'packed' or 'word 32|64' to the head of '{3}'");
    public static readonly SpecDescriptor WordOutsideVariants = Error(
        "BPS2006", "Word-sized type in a structure without variants",
        "'{0}' has the guest's word size, but '{1}' has no variants; add 'word 32|64' to its head{2}");
    public static readonly SpecDescriptor BitOutOfRange = Error("BPS2007", "Bit out of range", "Bit {0} does not exist in {1}; its highest bit is {2}");
    public static readonly SpecDescriptor BitsOverlap = Error("BPS2008", "Overlapping bits", "'{0}' takes bit {1}, which '{2}' has already");
    public static readonly SpecDescriptor ValueTooLarge = Error("BPS2009", "Value too large", "{0} does not fit into {1}; its largest value is {2}");
    public static readonly SpecDescriptor ConstantMismatch = Error(
        "BPS2010", "Constant does not fit", "The constant of '{0}' takes {1} bytes, but its type {2} has {3}");
    public static readonly SpecDescriptor Recursion = Error("BPS2011", "Structure contains itself", "'{0}' contains itself through '{1}'");
    public static readonly SpecDescriptor BadEnd = Error(
        "BPS2012", "Bad end byte", "The end byte {0} lies outside of '{1}', which has bytes {2} to {3} at its lowest version");
    public static readonly SpecDescriptor PadBehind = Error(
        "BPS2013", "Pad ends before it starts", "The pad fills up to {0}, but the row above ends at {1}");
    public static readonly SpecDescriptor BadCount = Error("BPS2014", "Bad size or count", "{0} gives '{1}' {2} bytes; expected 1 to {3}");
    public static readonly SpecDescriptor NotANumber = Error(
        "BPS2015", "Not a number", "'{0}' has type {1}; '{2}' is only for numbers, addresses, flags and enums");
    public static readonly SpecDescriptor WrongStart = Error(
        "BPS2016", "First row is not at the start", "'{0}' is placed at {1}, but '{2}' starts at {3}; write {3}, or 'at {1}' in the head");
    public static readonly SpecDescriptor BadText = Error("BPS2017", "Bad text constant", "The text of '{0}' cannot be its constant: {1}");

    public static readonly SpecDescriptor ImpossibleFormula = Error("BPS2018", "Impossible formula", "'{0}' is never a number of 64 bits: {1}");

    public static readonly SpecDescriptor Misplaced = Error("BPS2019", "Misplaced word", "'{0}' cannot have '{1}': {2}");

    public static readonly SpecDescriptor AlignmentMatters = Error(
        "BPS2020", "Alignment differs between 32 and 64 bits",
        "'{0}' starts at a multiple of {1} for 32 bits and of {2} for 64 bits; add 'align {2}' to the row, or 'packed' or 'word 32|64' to the head of '{3}'");

    public static readonly SpecDescriptor ChosenTwice = Error("BPS2021", "Tag chosen twice", "'{0}' is chosen by {1}, which chooses '{2}' already");

    public static readonly SpecDescriptor NoAlternative = Error(
        "BPS2022", "Not an alternative", "'{0}' cannot be chosen; expected a structure, bytes[..], char[..] or nothing{1}");

    public static readonly SpecDescriptor ValueTooSmall = Error("BPS2023", "Value too small", "{0} does not fit into {1}; its smallest value is {2}");

    public static readonly SpecDescriptor DuplicateType = Error("BPS3001", "Duplicate type name", "'{0}' is declared already, in {1}");
    public static readonly SpecDescriptor DuplicateRow = Error("BPS3002", "Duplicate name", "'{0}' has a row named '{1}' already");
    public static readonly SpecDescriptor UnknownType = Error("BPS3003", "Unknown type", "'{0}' is no type{1}{2}");
    public static readonly SpecDescriptor UnknownField = Error("BPS3004", "Unknown field", "'{0}' has no number field '{1}'{2}");
    public static readonly SpecDescriptor NameTaken = Error(
        "BPS3005", "C# name is taken", "'{0}' becomes {1} in C#, which is taken by {2}; choose another {3}");
    public static readonly SpecDescriptor NotACSharpName = Error(
        "BPS3006", "Not a C# name", "'{0}' becomes '{1}', which is no C# name; choose one with 'as'");
    public static readonly SpecDescriptor DuplicateNote = Error("BPS3007", "Duplicate note", "Note {0} is '{1}' already");
    public static readonly SpecDescriptor TwinsDiffer = Error(
        "BPS3008", "Rows of one field differ",
        "'{0}' is one field for 32 and 64 bits, but its two rows differ in {1}; make them equal, or give one another name");

    public static readonly SpecDescriptor UnknownValue = Error("BPS3009", "Unknown value", "'{0}' has no value '{1}'{2}");

    public static readonly SpecDescriptor UnknownRow = Error("BPS3010", "Unknown row", "'{0}' has no row '{1}'{2}");

    public static readonly SpecDescriptor UnknownFunction = Error(
        "BPS3011", "Unknown function", "'{0}' is no function of a checksum; expected one of {1}{2}");

    public static readonly SpecDescriptor UnknownRows = Error("BPS3012", "Unknown rows", "'{0}' is no block of rows of this protocol{1}");

    public static readonly SpecDescriptor BadGate = Error("BPS4001", "Bad gate", "'{0}' is no gate; expected {1}");
    public static readonly SpecDescriptor GateStyle = Error(
        "BPS4002", "Gate does not suit the protocol", "'{0}' is written {1}, but versions here are written {2}");
    public static readonly SpecDescriptor GateWithoutVersion = Error(
        "BPS4003", "Gate without a version", "'{0}' has gate {1}, but '{2}' has no version; add 'gate FIELD' to its head");
    public static readonly SpecDescriptor GateReversed = Error("BPS4004", "Gate ends before it starts", "'{0}' ends before it starts; write {1}");
    public static readonly SpecDescriptor GateUnknownVersion = Error(
        "BPS4005", "Gate outside of the protocol's versions", "'{0}' names version {1}, but there are versions {2}");
    public static readonly SpecDescriptor ElseNeverUsed = Error(
        "BPS4006", "Unused 'else'", "'{0}' is always there, so 'else' says nothing; remove it, or give the row a gate");
    public static readonly SpecDescriptor SecondGate = Error(
        "BPS4007", "Misplaced second gate", "The second gate {0} must stand right before 'write' or 'modify'");
    public static readonly SpecDescriptor OnlyWithoutVariants = Error(
        "BPS4008", "'only' in a structure without variants", "'{0}' is only for {1} bits, but '{2}' has no variants; add 'word 32|64' to its head");
    public static readonly SpecDescriptor Contradiction = Error("BPS4009", "Contradicting access words", "'{0}' contradicts '{1}'");

    public static readonly SpecDescriptor NoDoc = Advice("BPS5001", "No documentation", "'{0}' has no doc; add '| what it means'");
    public static readonly SpecDescriptor NoAccess = Advice(
        "BPS5002", "No access word", "'{0}' has no access word, but other rows of '{1}' have; say read, write, modify or internal");

    private static SpecDescriptor Error(string id, string title, string message) => new(id, title, message, IsAdvice: false);

    private static SpecDescriptor Advice(string id, string title, string message) => new(id, title, message, IsAdvice: true);
}
