using BootProtocol.Testing;

[assembly: Needs(Need.Kernels)]
