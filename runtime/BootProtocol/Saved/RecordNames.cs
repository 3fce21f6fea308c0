using System.Globalization;
using BootProtocol.Specs;

namespace BootProtocol.Saved;

/// <summary>Numbers of a saved domain's file as the protocol spells them.</summary>
internal static class RecordNames
{
    /// <summary>The name of a number; the number itself if it has none.</summary>
    public static string Find(SpecEnumeration enumeration, ulong value)
    {
        foreach (SpecEnumerator enumerator in enumeration.Enumerators)
        {
            if (enumerator.Value == value)
                return enumerator.Name;
        }

        return string.Create(CultureInfo.InvariantCulture, $"0x{value:x}");
    }
}
