using System.Runtime.InteropServices;
using System.Text;
using BootProtocol.Xen;
using BootProtocol.Xen.Host;

namespace BootProtocol.Runtime.Tests.XenControl;

/// <summary>
/// A pretended Xen, as strict as the real one where it matters, that can refuse any call. It reads arguments at the offsets that
/// gcc gives for Xen's headers, not through the spec.
/// </summary>
internal sealed class FakeXen : IXenHost
{
    private const int PageSize = 4096;
    private readonly Dictionary<ulong, FakeMemory> _buffers = [];
    private readonly Dictionary<Mfn, byte[]> _frames = [];
    private readonly Dictionary<Mfn, int> _mapped = [];
    private ulong _nextAddress = 0x7f0000000000;
    private ulong _nextFrame = 0x1234;
    private ushort _nextDomain = 1;
    private ulong _lastUnique = 0x1_0000_0000;
    private int _steps;

    /// <summary>What was asked, in order.</summary>
    public List<string> Log { get; } = [];

    public SortedDictionary<ushort, FakeDomain> Domains { get; } = [];

    public uint DomctlVersion { get; init; } = 0x15;

    public uint SysctlVersion { get; init; } = 0x15;

    /// <summary>The second number of its version.</summary>
    public int Minor { get; init; } = 17;

    /// <summary>Xen 4.17 to 4.22.</summary>
    public static FakeXen Of(int minor) => new()
    {
        Minor = minor,
        DomctlVersion = minor switch { 17 => 0x15, 18 => 0x16, 22 => 0x18, _ => 0x17 },
        SysctlVersion = minor > 20 ? 0x16u : 0x15,
    };

    public string Capabilities { get; init; } = "xen-3.0-x86_64 xen-3.0-x86_32p hvm-3.0-x86_64 ";

    /// <summary>Whether PVH domains can be made.</summary>
    public bool HasNestedPaging { get; init; } = true;

    /// <summary>Pages that it can give.</summary>
    public long FreePages { get; set; } = 1 << 20;

    /// <summary>Pieces of 2 MiB that it can give.</summary>
    public int LargePieces { get; set; } = int.MaxValue;

    /// <summary>The step to refuse, counted from 1; 0 refuses none.</summary>
    public int RefusedStep { get; set; }

    public XenError Refusal { get; set; } = XenError.NoMemory;

    /// <summary>Whether domains cannot be destroyed.</summary>
    public bool KeepsDomains { get; set; }

    public int Notifications { get; set; }

    public int OpenEventSets { get; set; }

    /// <summary>What was taken, and not given back.</summary>
    public int Leaks => _buffers.Count + _mapped.Values.Sum() + OpenEventSets;

    /// <summary>Is told of each step before it is done.</summary>
    public Action<string>? OnStep { get; set; }

    /// <summary>Counts a step: the error with which it is refused, or 0.</summary>
    public long Step(string what)
    {
        Log.Add(what);
        OnStep?.Invoke(what);
        return ++_steps == RefusedStep ? -(long)Refusal : 0;
    }

    public byte[] Frame(Mfn frame) => _frames[frame];

    public int Allocate(int size, out IHostMemory? memory)
    {
        memory = null;
        if (Step($"allocate {size}") is < 0 and var error)
            return (int)error;
        var buffer = new FakeMemory(_nextAddress, new byte[size], released => _buffers.Remove(released.Address));
        _buffers.Add(buffer.Address, buffer);
        _nextAddress += (ulong)((size + PageSize - 1) / PageSize * PageSize);
        memory = buffer;
        return 0;
    }

    public int Map(ushort domain, ReadOnlySpan<Mfn> frames, out IHostMemory? memory, bool isReadOnly = false)
    {
        memory = null;
        if (Step($"map {frames.Length}") is < 0 and var error)
            return (int)error;
        foreach (Mfn frame in frames)
        {
            if (!Domains[domain].MachineFrame(frame, out Mfn machine) || !_frames.ContainsKey(machine))
                return -(int)XenError.Invalid;
        }

        memory = MapFrames([.. frames.ToArray().Select(frame => Domains[domain].MachineFrame(frame, out Mfn machine) ? machine : frame)]);
        return 0;
    }

    public int MapGrantTable(ushort domain, out IHostMemory? memory)
    {
        memory = null;
        if (Step("map grants") is < 0 and var error)
            return (int)error;
        byte[] grants = Domains[domain].Grants;
        _mapped[new Mfn(0)] = _mapped.GetValueOrDefault(new Mfn(0)) + 1;
        memory = new FakeMemory(0, grants, _ => _mapped[new Mfn(0)]--);
        return 0;
    }

    public int OpenEvents(out IEventChannels? events)
    {
        events = null;
        if (Step("open events") is < 0 and var error)
            return (int)error;
        OpenEventSets++;
        events = new FakeEvents(this);
        return 0;
    }

    public long Call(Hypercall number, params ReadOnlySpan<ulong> arguments)
    {
        byte[] argument = arguments.Length == 0 ? [] : _buffers.GetValueOrDefault(arguments[arguments.Length == 1 ? 0 : ^1])?.Bytes ?? [];
        return (uint)number switch
        {
            17 => Version(arguments[0], argument),
            35 => Sysctl(argument),
            36 => Domctl(argument),
            12 when arguments[0] == 13 => SetMap(argument),
            12 => Populate(arguments[0], argument),
            32 => Ports(arguments[0], argument),
            34 => FakeHvm.Parameter(this, arguments[0], argument),
            26 => Pin(_buffers[arguments[0]].Bytes, arguments[1], arguments[2], (ushort)arguments[3]),
            _ => -(long)XenError.NotImplemented,
        };
    }

    public void Dispose()
    {
        // Nothing is its own.
    }

    private FakeMemory MapFrames(Mfn[] frames)
    {
        // One frame is the frame itself, so that both sides see what the other writes; several are copied to and fro.
        byte[] bytes = frames.Length == 1 ? _frames[frames[0]] : new byte[frames.Length * PageSize];
        for (int i = 0; i < frames.Length; i++)
        {
            _frames[frames[i]].CopyTo(bytes, i * PageSize);
            _mapped[frames[i]] = _mapped.GetValueOrDefault(frames[i]) + 1;
        }

        return new FakeMemory(0, bytes, _ =>
        {
            for (int i = 0; i < frames.Length; i++)
            {
                bytes.AsSpan(i * PageSize, PageSize).CopyTo(_frames[frames[i]]);
                _mapped[frames[i]]--;
            }
        });
    }

    private long Version(ulong command, byte[] argument)
    {
        if (Step($"version {command}") is < 0 and var error)
            return error;
        string text = command == 1 ? ".7" : Capabilities;
        if (command == 0)
            return (4 << 16) | Minor;
        Encoding.ASCII.GetBytes(text).CopyTo(argument, 0);
        return 0;
    }

    private long Domctl(byte[] argument)
    {
        uint command = Number(argument, 0);
        if (Step($"domctl {command}") is < 0 and var error)
            return error;
        bool isStable = Minor > 20 && command == 90;
        if (argument.Length != 144 || Number(argument, 4) != (isStable ? 0 : DomctlVersion))
            return -(long)XenError.AccessDenied;
        ushort id = BitConverter.ToUInt16(argument, 8);
        if (command == 1)
            return CreateDomain(argument);
        if (command == 5)
            return Tell(argument, id);
        if (!Domains.TryGetValue(id, out FakeDomain? domain))
            return -(long)XenError.NoSuchDomain;
        switch (command)
        {
            case 2:
                return DestroyDomain(domain);
            case 3:
                domain.Pauses++;
                return 0;
            case 4:
                return domain.Pauses-- > 0 ? 0 : -(long)XenError.Invalid;
            case 11:
                domain.MaxKibibytes = BitConverter.ToUInt64(argument, 16);
                return 0;
            case 12:
                return SetContext(domain, argument);
            case 13:
                domain.Context!.CopyTo(_buffers[BitConverter.ToUInt64(argument, 24)].Bytes, 0);
                return 0;
            case 15:
                domain.HasVCpus = Number(argument, 16) == domain.MaxVCpus;
                return domain.HasVCpus ? 0 : -(long)XenError.Invalid;
            case 22:
                domain.HypercallPage = new Mfn(BitConverter.ToUInt64(argument, 16));
                return IsMapped(domain.HypercallPage.Value) ? -(long)XenError.Busy : 0;
            case 35 when !domain.IsHvm:
                domain.Bits = Number(argument, 16);
                return domain.Frames.Count == 0 ? 0 : -(long)XenError.Exists;
            case 36:
                BitConverter.TryWriteBytes(argument.AsSpan(16), domain.Bits);
                return 0;
            case 90 when isStable:
                return domain.TellExistence(argument.AsSpan(16));
            default:
                return FakeHvm.Domctl(domain, command, argument, address => _buffers.GetValueOrDefault(address)?.Bytes);
        }
    }

    private long CreateDomain(byte[] argument)
    {
        // What follows is of another length from 0x17 on, and all of it has to be 0 but for the devices of an HVM domain.
        int arch = DomctlVersion >= 0x17 ? 60 : 56;
        bool isHvm = Number(argument, 16 + 20) == 3;
        if ((isHvm ? !HasNestedPaging : Number(argument, 16 + 20) != 0) || Number(argument, 16 + 28) == 0 || Number(argument, 16 + 44) is not (1 or 2)
            || Number(argument, 16 + arch) != (isHvm ? 1 : 0) || Number(argument, 16 + arch + 4) != 0
            || argument.AsSpan(16 + 48, arch - 48).ContainsAnyExcept((byte)0))
            return -(long)XenError.Invalid;
        ushort wish = BitConverter.ToUInt16(argument, 8);
        bool isAny = DomctlVersion >= 0x18 ? wish == 0x7ff5 : wish is 0 or >= 0x7ff0;
        if (!isAny && (wish == 0 || Domains.ContainsKey(wish)))
            return -(long)XenError.Exists;
        ushort id = isAny ? _nextDomain++ : wish;
        var domain = new FakeDomain { Id = id, UniqueId = ++_lastUnique, MaxVCpus = Number(argument, 16 + 28), SharedInfo = NewFrame(), IsHvm = isHvm };
        argument.AsSpan(16 + 4, 16).CopyTo(domain.Handle);
        Domains.Add(domain.Id, domain);
        BitConverter.TryWriteBytes(argument.AsSpan(8), domain.Id);
        return 0;
    }

    private long DestroyDomain(FakeDomain domain)
    {
        if (KeepsDomains)
            return -(long)XenError.NotPermitted;
        if (domain.Restarts-- > 0)
            return -(long)XenError.Restart;
        FreePages += domain.Frames.Count;
        Domains.Remove(domain.Id);
        return 0;
    }

    private long Tell(byte[] argument, ushort id)
    {
        // Up to 0x15 of the next one if there is none of that number.
        FakeDomain? domain = Domains.Values.FirstOrDefault(candidate => DomctlVersion > 0x15 ? candidate.Id == id : candidate.Id >= id);
        if (id != 0 && domain is null)
            return -(long)XenError.NoSuchDomain;
        Describe(argument.AsSpan(16), id == 0 ? null : domain);
        return 0;
    }

    /// <summary>Writes what Xen says of a domain; null is the control domain.</summary>
    private static void Describe(Span<byte> info, FakeDomain? domain)
    {
        info[..112].Clear();
        BitConverter.TryWriteBytes(info, domain?.Id ?? 0);
        uint running = 0xffff0000 | (domain is { Pauses: > 0 } ? 8u : 32u) | (domain is { IsHvm: true } ? 2u : 0);
        BitConverter.TryWriteBytes(info[4..], domain?.Reason is { } reason ? 4u | ((uint)reason << 16) : running);
        BitConverter.TryWriteBytes(info[8..], (ulong)(domain?.Frames.Count ?? 1));
        BitConverter.TryWriteBytes(info[48..], domain?.SharedInfo.Value ?? 0);
        BitConverter.TryWriteBytes(info[56..], 2_500_000_000UL);
        domain?.Handle.CopyTo(info[76..]);
    }

    private long Sysctl(byte[] argument)
    {
        if (Step($"sysctl {Number(argument, 0)}") is < 0 and var error)
            return error;
        if (argument.Length != 136 || Number(argument, 4) != SysctlVersion)
            return -(long)XenError.AccessDenied;
        if (Number(argument, 0) != 6)
            return -(long)XenError.NotImplemented;
        ushort first = BitConverter.ToUInt16(argument, 8);
        byte[] list = _buffers[BitConverter.ToUInt64(argument, 16)].Bytes;
        IEnumerable<FakeDomain?> all = [null, .. Domains.Values];
        FakeDomain?[] told = [.. all.Where(domain => (domain?.Id ?? 0) >= first).Take((int)Number(argument, 12))];
        for (int i = 0; i < told.Length; i++)
            Describe(list.AsSpan(i * 112), told[i]);
        BitConverter.TryWriteBytes(argument.AsSpan(24), told.Length);
        return 0;
    }

    private long SetContext(FakeDomain domain, byte[] argument)
    {
        byte[] context = _buffers[BitConverter.ToUInt64(argument, 24)].Bytes;
        int size = domain.Bits == 64 ? 5168 : 2800;
        if (!domain.HasVCpus || Number(argument, 16) != 0 || context.Length < size)
            return -(long)XenError.Invalid;
        domain.Context = context[..size];
        return 0;
    }

    private long Populate(ulong command, byte[] argument)
    {
        ulong extents = BitConverter.ToUInt64(argument, 8);
        int order = (int)Number(argument, 16);
        if (Step($"populate {extents} of order {order}") is < 0 and var error)
            return error;
        FakeDomain domain = Domains[BitConverter.ToUInt16(argument, 24)];
        if (command != 6 || argument.Length != 32)
            return -(long)XenError.Invalid;
        Span<ulong> list = MemoryMarshal.Cast<byte, ulong>(_buffers[BitConverter.ToUInt64(argument, 0)].Bytes.AsSpan());
        for (int i = 0; i < (int)extents; i++)
        {
            if (FreePages < 1 << order || (order > 0 && LargePieces-- <= 0))
                return i;
            FreePages -= 1 << order;
            ulong first = list[i];
            _nextFrame += 7;
            for (ulong page = 0; page < 1UL << order; page++)
                domain.Frames.Add(first + page, NewFrame());
            if (!domain.IsHvm)
                list[i] = domain.Frames[first].Value;
        }

        return (long)extents;
    }

    private long SetMap(byte[] argument)
    {
        if (Step("memory map") is < 0 and var error)
            return error;
        if (argument.Length != 24)
            return -(long)XenError.Invalid;
        byte[] list = _buffers[BitConverter.ToUInt64(argument, 16)].Bytes;
        Domains[BitConverter.ToUInt16(argument, 0)].MemoryMap = list[..((int)Number(argument, 8) * 20)];
        return 0;
    }

    private long Ports(ulong command, byte[] argument)
    {
        if (Step($"event channel {command}") is < 0 and var error)
            return error;
        ushort id = BitConverter.ToUInt16(argument, 0);
        if (!Domains.TryGetValue(id, out FakeDomain? domain))
            return -(long)XenError.NoSuchDomain;
        if (command == 5)
        {
            BitConverter.TryWriteBytes(argument.AsSpan(8), domain.Ports.Contains(Number(argument, 4)) ? 1u : 0u);
            return 0;
        }

        if (BitConverter.ToUInt16(argument, 2) != 0x7ff0)
            return -(long)XenError.NotPermitted;
        domain.Ports.Add((uint)domain.Ports.Count + 1);
        BitConverter.TryWriteBytes(argument.AsSpan(4), domain.Ports[^1]);
        return 0;
    }

    private long Pin(byte[] operation, ulong count, ulong done, ushort id)
    {
        if (Step($"page tables {Number(operation, 0)}") is < 0 and var error)
            return error;
        FakeDomain domain = Domains[id];
        if (domain.Frames.Values.Any(IsMapped) || count != 1 || done != 0)
            return -(long)XenError.Invalid;
        domain.Pinned = ((PageTableOperation)Number(operation, 0), new Mfn(BitConverter.ToUInt64(operation, 8)));
        return 0;
    }

    private Mfn NewFrame()
    {
        var frame = new Mfn(_nextFrame++);
        byte[] dirty = new byte[PageSize];
        dirty.AsSpan().Fill(0xcc);
        _frames[frame] = dirty;
        return frame;
    }

    private bool IsMapped(Mfn frame) => _mapped.GetValueOrDefault(frame) > 0;

    private static uint Number(byte[] bytes, int offset) => BitConverter.ToUInt32(bytes, offset);
}
