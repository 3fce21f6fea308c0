namespace BootProtocol.Cli.LanguageServer;

/// <summary>Ends a request with an error of JSON-RPC.</summary>
/// <param name="code">One of <see cref="RpcError"/>.</param>
/// <param name="message">What is wrong.</param>
internal sealed class RpcException(int code, string message) : Exception(message)
{
    /// <summary>One of <see cref="RpcError"/>.</summary>
    public int Code { get; } = code;
}

/// <summary>The errors of JSON-RPC and of the language server protocol that are answered with.</summary>
internal static class RpcError
{
    /// <summary>A message is no JSON.</summary>
    public const int Parse = -32700;

    /// <summary>A message is no request, or none that can be made now.</summary>
    public const int InvalidRequest = -32600;

    /// <summary>There is no such method.</summary>
    public const int UnknownMethod = -32601;

    /// <summary>The parameters are not those of the method.</summary>
    public const int InvalidParameters = -32602;

    /// <summary>A request came before <c>initialize</c>.</summary>
    public const int NotInitialized = -32002;
}
