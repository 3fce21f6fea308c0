using System.Text.Json;
using BootProtocol.Testing;

namespace BootProtocol.Boot.Tests.LiveXen;

/// <summary><c>bootproto xen</c> in a control domain, on domains that are there and that are not.</summary>
[Collection(XenHost.Name)]
public sealed class XenListTests(XenHost host)
{
    [Fact]
    public void List_shows_the_hypervisor_and_the_control_domain()
    {
        string[] lines = host["list"].Succeeded().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Matches(@"^Xen 4\.17\.\d+.*, domctl interface 0x15$", lines[0]);
        Assert.Contains("xen-3.0-x86_64", lines[1], StringComparison.Ordinal);
        Assert.Matches(@"^ +id +name +MiB +vcpus +seconds +state$", lines[2]);
        Assert.Matches(@"^ +0 +1024 +1 +[0-9.]+ +running$", Assert.Single(lines[3..]));
    }

    [Fact]
    public void List_is_json_too()
    {
        using var document = JsonDocument.Parse(host["list-json"].Succeeded());
        Assert.Equal(0x15, document.RootElement.GetProperty("domctl_version").GetInt32());
        JsonElement domain = Assert.Single(document.RootElement.GetProperty("domains").EnumerateArray());
        Assert.Equal(0, domain.GetProperty("id").GetInt32());
        Assert.Equal(1024 << 8, domain.GetProperty("pages").GetInt32());
        Assert.Equal(JsonValueKind.Null, domain.GetProperty("name").ValueKind);
    }

    [Theory]
    [InlineData("destroy-missing")]
    [InlineData("console-missing")]
    public void Missing_domain_is_told(string step)
    {
        ToolRun run = host[step];
        Assert.Equal("error: domain 7: there is no such domain\n", run.Errors);
        Assert.Equal(1, run.ExitCode);
    }

    [Fact]
    public void Domains_around_a_gap_are_those_of_xl() => ThreeDomains.Check(step => host[step]);

    [Fact]
    public void Names_come_from_xenstore()
    {
        host["xenstored"].Succeeded();
        Assert.Contains("  0  Domain-0  1024", host["list-named"].Succeeded(), StringComparison.Ordinal);
    }
}
