using System.Text;
using BootProtocol.Xen;
using BootProtocol.Xen.Domains;
using BootProtocol.Xen.Store;

namespace BootProtocol.Runtime.Tests.XenControl;

/// <summary>The responder, with a guest's side of the ring that is written by hand.</summary>
public sealed class StoreTests : IDisposable
{
    private readonly FakeXen _xen = new();
    private readonly Hypervisor _hypervisor;
    private readonly byte[] _page;
    private readonly XenDomain _domain;
    private readonly StoreResponder _responder;
    private uint _request;

    public StoreTests()
    {
        _hypervisor = new Hypervisor(_xen);
        _domain = XenDomain.Create(_hypervisor, new DomainLimits());
        DomainFrames frames = _domain.Populate(1);
        uint port = _domain.AllocatePort("xenstore");
        using (DomainMemory memory = _domain.OpenMemory(frames))
            memory.Claim(default, 4096);
        _responder = StoreResponder.Open(_domain, frames[default], port, "guest");
        _page = _xen.Frame(frames[default]);
    }

    public void Dispose()
    {
        _responder.Dispose();
        _hypervisor.Dispose();
    }

    [Theory]
    [InlineData(2u, "name\0", 2u, "guest")]
    [InlineData(2u, "/local/domain/1/domid\0", 2u, "1")]
    [InlineData(2u, "device/vif\0", 16u, "ENOENT\0")]
    [InlineData(1u, "\0", 16u, "EINVAL\0")]
    [InlineData(1u, "/\0", 1u, "local\0")]
    [InlineData(1u, "/local/\0", 16u, "EINVAL\0")]
    [InlineData(2u, "/local//domain\0", 16u, "EINVAL\0")]
    [InlineData(2u, "a b\0", 16u, "EINVAL\0")]
    [InlineData(2u, "\u00ff\0", 16u, "EINVAL\0")]
    [InlineData(4u, "a\0\u00ff\0", 16u, "EINVAL\0")]
    [InlineData(1u, "/local/domain/1\0", 1u, "domid\0name\0")]
    [InlineData(1u, "/local\0", 1u, "domain\0")]
    [InlineData(6u, "\0", 6u, "1\0")]
    [InlineData(7u, "T\0", 7u, "OK\0")]
    [InlineData(10u, "1\0", 10u, "/local/domain/1\0")]
    [InlineData(10u, "65536\0", 16u, "EINVAL\0")]
    [InlineData(11u, "\0value", 16u, "EINVAL\0")]
    [InlineData(11u, "data", 16u, "EINVAL\0")]
    [InlineData(13u, "/\0", 16u, "EINVAL\0")]
    [InlineData(14u, "data\0n1\0", 14u, "OK\0")]
    [InlineData(11u, "data/x\0value", 11u, "OK\0")]
    [InlineData(21u, "\0", 21u, "OK\0")]
    [InlineData(99u, "x\0", 16u, "EINVAL\0")]
    public void Request_is_answered(uint kind, string payload, uint answerKind, string answer)
    {
        Ask(kind, payload);
        Assert.Equal((answerKind, answer), Answer());
        Assert.True(IsQuiet);
    }

    [Fact]
    public void What_is_written_is_read_and_sets_watches_off()
    {
        Ask(4, "control\0token\0");
        Assert.Equal((4u, "OK\0"), Answer());
        Assert.Equal((15u, "control\0token\0"), Answer());
        Ask(11, "control/feature\0on");
        Assert.Equal((11u, "OK\0"), Answer());
        Assert.Equal((15u, "control/feature\0token\0"), Answer());
        Ask(2, "control/feature\0");
        Assert.Equal((2u, "on"), Answer());
        Ask(13, "control\0");
        Assert.Equal((13u, "OK\0"), Answer());
        Assert.Equal((15u, "control\0token\0"), Answer());
        Ask(2, "control/feature\0");
        Assert.Equal((16u, "ENOENT\0"), Answer());
        Ask(5, "control\0token\0");
        Assert.Equal((5u, "OK\0"), Answer());
        Ask(11, "control/feature\0on");
        Assert.Equal((11u, "OK\0"), Answer());
        Assert.True(IsQuiet);
    }

    [Fact]
    public void Long_values_go_through_in_pieces()
    {
        string value = string.Concat(Enumerable.Range(0, 800).Select(number => $"{number:d5}"));
        Ask(11, $"long\0{value}");
        Assert.Equal((11u, "OK\0"), Answer());
        Ask(2, "long\0");
        Assert.Equal((2u, value), Answer());
    }

    [Theory]
    [InlineData(11u, "", 2048, 0, 11u)]
    [InlineData(11u, "", 2049, 0, 16u)]
    [InlineData(11u, "/", 3071, 0, 11u)]
    [InlineData(11u, "/", 3072, 0, 16u)]
    [InlineData(4u, "/", 3071, 1000, 4u)]
    [InlineData(4u, "", 2048, 1001, 16u)]
    public void Path_and_token_have_a_limit(uint kind, string start, int path, int token, uint answerKind)
    {
        Ask(kind, $"{start}{new string('p', path)}\0{new string('t', token)}\0");
        Assert.Equal(answerKind, Answer().Kind);
    }

    [Fact]
    public void Watch_is_told_of_paths_in_the_form_that_it_was_set_in()
    {
        foreach (string path in new[] { "@introduceDomain", "@a", "/" })
        {
            Ask(4, $"{path}\0token\0");
            Assert.Equal((4u, "OK\0"), Answer());
            Assert.Equal((15u, $"{path}\0token\0"), Answer());
        }

        Ask(4, "/\0token\0");
        Assert.Equal((16u, "EEXIST\0"), Answer());
        Ask(11, "@a\0value");
        Assert.Equal((11u, "OK\0"), Answer());
        Assert.Equal(new[] { (15u, "/local/domain/1/@a\0token\0"), (15u, "@a\0token\0") }, new[] { Answer(), Answer() }.Order());
        Assert.True(IsQuiet);
    }

    [Fact]
    public void Serving_ends_however_much_is_asked()
    {
        byte[] request = [.. BitConverter.GetBytes(6), .. new byte[8], 1, 0, 0, 0, 0];
        byte[] requests = [.. Enumerable.Repeat(request, 1024 / request.Length).SelectMany(static bytes => bytes)];
        requests.CopyTo(_page, 0);
        BitConverter.TryWriteBytes(_page.AsSpan(2052), requests.Length);
        Assert.True(_responder.Serve());
        Assert.InRange(Index(2048), 1u, (uint)requests.Length - 1);
        while (_responder.Serve())
            BitConverter.TryWriteBytes(_page.AsSpan(2056), Index(2060));
        Assert.Equal((uint)requests.Length, Index(2048));
    }

    [Fact]
    public void Message_that_is_too_long_is_told()
    {
        BootFormatException fault = Assert.Throws<BootFormatException>(() => Ask(11, new string('x', 4097)));
        Assert.Equal(("xsd_sockmsg", "len"), (fault.Structure, fault.Field));

        // It stays so, whoever asks once more.
        Assert.Equal(fault.Message, Assert.Throws<BootFormatException>(() => _responder.Serve()).Message);
    }

    [Fact]
    public void Guest_cannot_store_without_end()
    {
        string? refusal = null;
        for (int i = 0; i < 1100 && refusal is null; i++)
        {
            Ask(11, $"path/entry-{i}\0x");
            (uint kind, string answer) = Answer();
            refusal = kind == 16 ? answer : null;
        }

        Assert.Equal("ENOSPC\0", refusal);
        Ask(1, "path\0");
        Assert.Equal((16u, "E2BIG\0"), Answer());
    }

    private bool IsQuiet
    {
        get
        {
            _responder.Serve();
            return Index(2056) == Index(2060);
        }
    }

    /// <summary>Puts a request into the ring at offset 0, 1024 bytes, with req_prod at 2052.</summary>
    private void Ask(uint kind, string payload)
    {
        byte[] text = Encoding.Latin1.GetBytes(payload);
        byte[] message = [.. BitConverter.GetBytes(kind), .. BitConverter.GetBytes(++_request), 0, 0, 0, 0, .. BitConverter.GetBytes(text.Length), .. text];
        for (int at = 0; at < message.Length;)
        {
            uint producer = Index(2052);
            if (producer - Index(2048) == 1024)
            {
                _responder.Serve();
                continue;
            }

            _page[(int)(producer % 1024)] = message[at++];
            BitConverter.TryWriteBytes(_page.AsSpan(2052), producer + 1);
        }

        _responder.Serve();
    }

    /// <summary>Takes a message out of the ring at offset 1024, with rsp_cons at 2056.</summary>
    private (uint Kind, string Payload) Answer()
    {
        byte[] head = Take(16);
        uint kind = BitConverter.ToUInt32(head, 0);
        Assert.Equal(kind == 15 ? 0 : _request, BitConverter.ToUInt32(head, 4));
        return (kind, Encoding.ASCII.GetString(Take(BitConverter.ToInt32(head, 12))));
    }

    private byte[] Take(int count)
    {
        byte[] taken = new byte[count];
        for (int i = 0; i < count; i++)
        {
            if (Index(2056) == Index(2060))
                _responder.Serve();
            uint consumer = Index(2056);
            Assert.NotEqual(consumer, Index(2060));
            taken[i] = _page[1024 + (int)(consumer % 1024)];
            BitConverter.TryWriteBytes(_page.AsSpan(2056), consumer + 1);
        }

        return taken;
    }

    private uint Index(int offset) => BitConverter.ToUInt32(_page.AsSpan(offset));
}
