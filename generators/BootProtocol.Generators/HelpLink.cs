using System;
using System.Linq;
using System.Reflection;

namespace BootProtocol.Generators;

/// <summary>The addresses of the pages about messages.</summary>
internal static class HelpLink
{
    private const string Extension = ".git";

    /// <summary>Where this build comes from: the build writes that into the assembly. Empty where the build has none.</summary>
    private static readonly string? Repository = typeof(HelpLink).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .FirstOrDefault(data => data.Key == "RepositoryUrl")?.Value;

    /// <summary>The address of the page about a message; null where it is not known where pages are.</summary>
    public static string? Of(string id) => Of(Repository, id);

    /// <summary>The address of the page about a message in a repository; null where the repository is none of the web.</summary>
    /// <param name="repository">The repository's address.</param>
    /// <param name="id">The message's number.</param>
    public static string? Of(string? repository, string id)
    {
        if (!Uri.TryCreate(repository, UriKind.Absolute, out Uri? address) || address.Scheme is not ("https" or "http"))
            return null;
        string place = address.AbsoluteUri.TrimEnd('/');
        if (place.EndsWith(Extension, StringComparison.OrdinalIgnoreCase))
            place = place.Substring(0, place.Length - Extension.Length);
        return $"{place}/blob/HEAD/docs/messages/{id}.md";
    }
}
