using BootProtocol.Testing;
using Xunit.Sdk;

namespace BootProtocol.Boot.Tests.LiveXen;

/// <summary>One boot of a Xen, for all tests that look at it.</summary>
public abstract class XenFixture : IAsyncLifetime
{
    private ControlDomainRun? _run;
    private SkipException? _skipped;

    /// <summary>What a step came to.</summary>
    internal ToolRun this[string step] => _run is null ? throw _skipped! : _run[step];

    /// <summary>Boots; where what is booted could not be fetched, the tests are skipped, as they would be had they looked for it.</summary>
    public async ValueTask InitializeAsync()
    {
        try
        {
            _run = await BootAsync();
        }
        catch (SkipException missing)
        {
            _skipped = missing;
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    /// <summary>Boots, and takes all steps.</summary>
    private protected abstract Task<ControlDomainRun> BootAsync();
}
