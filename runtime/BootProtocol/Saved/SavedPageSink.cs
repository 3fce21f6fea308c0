using BootProtocol.XenStream;

namespace BootProtocol.Saved;

/// <summary>Takes the pages of a record.</summary>
/// <param name="pages">Their numbers and kinds.</param>
/// <param name="contents">The contents of those that have some, one behind the other.</param>
internal delegate void SavedPageSink(ReadOnlySpan<XcPageInfo> pages, ReadOnlySpan<byte> contents);
