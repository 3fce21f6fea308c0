using System.Runtime.InteropServices;

namespace BootProtocol.Xen.Host;

/// <summary>Xen through its own libraries, as far as their interfaces are stable.</summary>
internal sealed unsafe class NativeXenHost : IXenHost
{
    private const int MostArguments = 5;
    private const int ReadOnly = 1;
    private const int ReadAndWrite = 3;
    private nint _calls;
    private nint _foreign;

    private NativeXenHost(nint calls, nint foreign)
    {
        _calls = calls;
        _foreign = foreign;
    }

    private nint Calls => Usable(_calls);

    private nint Foreign => Usable(_foreign);

    /// <summary>Opens the drivers.</summary>
    /// <exception cref="XenUnavailableException">This is no control domain of Xen, or a part of it is missing.</exception>
    public static NativeXenHost Open()
    {
        XenPresence.Require();
        try
        {
            // A library that is missing is found before anything is begun.
            foreach (string library in new[] { CallLibrary.Name, ForeignMemoryLibrary.Name, EventChannelLibrary.Name })
                NativeLibrary.Load(library);
            nint calls = CallLibrary.Open(0, 0);
            if (calls == 0)
                throw XenUnavailableException.Refused("the hypercall driver", Marshal.GetLastPInvokeError());
            nint foreign = ForeignMemoryLibrary.Open(0, 0);
            if (foreign != 0)
                return new NativeXenHost(calls, foreign);
            int error = Marshal.GetLastPInvokeError();
            _ = CallLibrary.Close(calls);
            throw XenUnavailableException.Refused("the driver for memory of other domains", error);
        }
        catch (DllNotFoundException missing)
        {
            throw XenUnavailableException.NoLibraries(missing);
        }
    }

    /// <inheritdoc/>
    public long Call(Hypercall number, params ReadOnlySpan<ulong> arguments)
    {
        Span<ulong> all = stackalloc ulong[MostArguments];
        all.Clear();
        arguments.CopyTo(all);
        int answer = CallLibrary.Call(Calls, (uint)number, all[0], all[1], all[2], all[3], all[4]);
        return answer < 0 ? -Marshal.GetLastPInvokeError() : answer;
    }

    /// <inheritdoc/>
    public int Allocate(int size, out IHostMemory? memory)
    {
        nuint pages = (nuint)((size + X86Page.Size - 1) / X86Page.Size);
        nint start = CallLibrary.Allocate(Calls, pages);
        memory = start == 0 ? null : new HostMemory(start, size, taken => CallLibrary.Free(Calls, taken, pages));
        if (memory is null)
            return -Marshal.GetLastPInvokeError();
        memory.Memory.Span.Clear();
        return 0;
    }

    /// <inheritdoc/>
    public int Map(ushort domain, ReadOnlySpan<Mfn> frames, out IHostMemory? memory, bool isReadOnly = false)
    {
        nuint pages = (nuint)frames.Length;
        nint start;
        fixed (ulong* first = MemoryMarshal.Cast<Mfn, ulong>(frames))
            start = ForeignMemoryLibrary.Map(Foreign, domain, isReadOnly ? ReadOnly : ReadAndWrite, pages, first, null);
        memory = start == 0
            ? null
            : new HostMemory(start, frames.Length * X86Page.Size, taken => _ = ForeignMemoryLibrary.Unmap(Foreign, taken, pages));
        return memory is null ? -Marshal.GetLastPInvokeError() : 0;
    }

    /// <inheritdoc/>
    public int MapGrantTable(ushort domain, out IHostMemory? memory)
    {
        nint start = 0;
        nint resource = ForeignMemoryLibrary.MapResource(
            Foreign, domain, (uint)MemoryResource.GrantTable, 0, 0, 1, ref start, ReadAndWrite, 0);
        memory = resource == 0 ? null : new HostMemory(start, X86Page.Size, _ => ForeignMemoryLibrary.UnmapResource(Foreign, resource));
        return memory is null ? -Marshal.GetLastPInvokeError() : 0;
    }

    /// <inheritdoc/>
    public int OpenEvents(out IEventChannels? events)
    {
        nint handle = EventChannelLibrary.Open(0, 0);
        events = handle == 0 ? null : new NativeEventChannels(handle);
        return events is null ? -Marshal.GetLastPInvokeError() : 0;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        nint foreign = Interlocked.Exchange(ref _foreign, 0);
        if (foreign != 0)
            _ = ForeignMemoryLibrary.Close(foreign);
        nint calls = Interlocked.Exchange(ref _calls, 0);
        if (calls != 0)
            _ = CallLibrary.Close(calls);
    }

    /// <summary>A handle of a library; they use one of 0 as if it were none.</summary>
    private nint Usable(nint handle)
    {
        ObjectDisposedException.ThrowIf(handle == 0, this);
        return handle;
    }
}
