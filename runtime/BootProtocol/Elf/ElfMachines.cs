using BootProtocol.Specs;

namespace BootProtocol.Elf;

/// <summary>Names the processors of ELF files.</summary>
internal static class ElfMachines
{
    /// <summary>The processor's name, or the number of one that the spec does not list, such as "RISC-V (machine 243)".</summary>
    public static string Name(ElfMachine machine)
    {
        string number = ElfFaults.Text($"machine {(ushort)machine}");
        foreach (SpecEnumerator known in ElfMachineLayout.Info.Enumerators)
        {
            if (known.Value == (ushort)machine)
                return $"{known.Doc.TrimEnd('.')} ({number})";
        }

        return number;
    }
}
