using BootProtocol.Boot.Tests;
using BootProtocol.Testing;

[assembly: Needs(Need.Qemu)]
[assembly: TestCollectionOrderer(typeof(XenFirst))]
