using System.Buffers.Binary;

namespace BootProtocol.Kvm.Host;

/// <summary>
/// A signal that takes a thread out of KVM_RUN: the thread blocks it, and a processor that it runs does not. So it is never delivered, and
/// needs no handler; once it is there, KVM_RUN ends with EINTR, at once if it came before.
/// </summary>
/// <remarks>Source: Documentation/virt/kvm/api.rst, "KVM_SET_SIGNAL_MASK". The C library's sets of signals have 128 bytes, the kernel's 8.</remarks>
internal static unsafe class KickSignal
{
    /// <summary>A real-time signal; the C library has 32 and 33 for itself, and the runtime 34.</summary>
    private const int Number = 40;

    private const int SetSize = 128;
    private const int KernelSetSize = 8;
    private const int Block = 0; // SIG_BLOCK
    private const int GetThread = 186; // gettid
    private const int KillThread = 234; // tgkill

    /// <summary>Prepares this thread, and the processor that it is to run.</summary>
    /// <param name="processor">The processor's file.</param>
    /// <returns>The thread's number, for <see cref="Send"/>.</returns>
    /// <exception cref="KvmException">That is not possible.</exception>
    public static nint Prepare(KvmFile processor)
    {
        Span<byte> set = stackalloc byte[SetSize];
        Span<byte> old = stackalloc byte[SetSize];
        set.Clear();
        old.Clear();
        const ulong Mask = 1UL << (Number - 1);
        BinaryPrimitives.WriteUInt64LittleEndian(set, Mask);
        fixed (byte* setStart = set, oldStart = old)
        {
            int error = SystemLibrary.SignalMask(Block, setStart, oldStart);
            if (error != 0)
                throw new KvmException("block a signal", error);
        }

        Span<byte> argument = stackalloc byte[KvmSignalMask.Layout.Size + KernelSetSize];
        KvmSignalMask.Create(argument).Length = KernelSetSize;
        Span<byte> running = argument[KvmSignalMask.Layout.Size..];
        old[..KernelSetSize].CopyTo(running);
        running[(Number - 1) / 8] &= unchecked((byte)~(1 << ((Number - 1) % 8)));
        processor.Pass(KvmRequest.SetSignalMask, argument, "set a processor's signals");
        return SystemLibrary.Call(GetThread, 0, 0, 0);
    }

    /// <summary>Sends it to a thread of this process that has prepared for it, and has not ended.</summary>
    /// <param name="thread">The thread's number.</param>
    public static void Send(nint thread) => _ = SystemLibrary.Call(KillThread, Environment.ProcessId, thread, Number);
}
