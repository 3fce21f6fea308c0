using BootProtocol.Testing;

[assembly: Needs(Need.Qemu)]
