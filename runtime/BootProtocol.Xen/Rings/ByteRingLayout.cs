namespace BootProtocol.Xen.Rings;

/// <summary>Where one direction of a ring page stands.</summary>
/// <param name="Structure">The structure, in the protocol's word.</param>
/// <param name="DataOffset">Offset of the bytes.</param>
/// <param name="Size">How many; a power of two.</param>
/// <param name="ConsumerName">The index of the side that takes out, in the protocol's word.</param>
/// <param name="ConsumerOffset">Its offset.</param>
/// <param name="ProducerName">The index of the side that puts in, in the protocol's word.</param>
/// <param name="ProducerOffset">Its offset.</param>
internal sealed record ByteRingLayout(
    string Structure, int DataOffset, int Size, string ConsumerName, int ConsumerOffset, string ProducerName, int ProducerOffset)
{
    /// <summary>What a guest reads from its console.</summary>
    public static ByteRingLayout ConsoleInput { get; } = new(
        "xencons_interface",
        ConsoleRingPage.Layout.Offset.Input,
        ConsoleRingPage.Layout.Offset.Output - ConsoleRingPage.Layout.Offset.Input,
        "in_cons",
        ConsoleRingPage.Layout.Offset.InputConsumer,
        "in_prod",
        ConsoleRingPage.Layout.Offset.InputProducer);

    /// <summary>What a guest writes to its console.</summary>
    public static ByteRingLayout ConsoleOutput { get; } = new(
        "xencons_interface",
        ConsoleRingPage.Layout.Offset.Output,
        ConsoleRingPage.Layout.Offset.InputConsumer - ConsoleRingPage.Layout.Offset.Output,
        "out_cons",
        ConsoleRingPage.Layout.Offset.OutputConsumer,
        "out_prod",
        ConsoleRingPage.Layout.Offset.OutputProducer);

    /// <summary>A guest's requests to xenstore.</summary>
    public static ByteRingLayout StoreRequests { get; } = new(
        "xenstore_domain_interface",
        StoreRingPage.Layout.Offset.Requests,
        StoreRingPage.Layout.Offset.Responses - StoreRingPage.Layout.Offset.Requests,
        "req_cons",
        StoreRingPage.Layout.Offset.RequestConsumer,
        "req_prod",
        StoreRingPage.Layout.Offset.RequestProducer);

    /// <summary>Xenstore's answers to a guest.</summary>
    public static ByteRingLayout StoreResponses { get; } = new(
        "xenstore_domain_interface",
        StoreRingPage.Layout.Offset.Responses,
        StoreRingPage.Layout.Offset.RequestConsumer - StoreRingPage.Layout.Offset.Responses,
        "rsp_cons",
        StoreRingPage.Layout.Offset.ResponseConsumer,
        "rsp_prod",
        StoreRingPage.Layout.Offset.ResponseProducer);
}
