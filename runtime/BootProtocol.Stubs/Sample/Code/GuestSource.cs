using BootProtocol.Sample.Linking;

namespace BootProtocol.Sample.Code;

/// <summary>The whole guest.</summary>
internal static class GuestSource
{
    /// <summary>Writes code, constants and variables.</summary>
    public static void Write(GuestProgram program)
    {
        EntryState.Define(program);
        Descriptors.Define(program);
        GuestEntry.Define(program);
        PageTables.Define(program);

        GuestEntry.Emit(program);
        GuestMain.Emit(program);
        ModeReport.Emit(program);
        RelocationReport.Emit(program);
        MemoryMapReport.Emit(program);
        SetupDataReport.Emit(program);
        LinuxReport.Emit(program);
        PvhReport.Emit(program);
        XenReport.Emit(program);
        HypervisorCall.Emit(program);
        XenConsole.Emit(program);
        XenHvmConsole.Emit(program);
        PageWalk.Emit(program);
        PageTableWrite.Emit(program);
        GuestMemory.Emit(program);
        Checksum.Emit(program);
        NumberPrinter.Emit(program.Code);
        TextPrinter.Emit(program);
        SerialPort.Emit(program.Code);
        Exceptions.Emit(program);
        PowerOff.Emit(program);
    }
}
