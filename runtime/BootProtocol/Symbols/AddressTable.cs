namespace BootProtocol.Symbols;

/// <summary>A place where the addresses of symbols may stand, and how.</summary>
/// <param name="Form">How they are held.</param>
/// <param name="At">Where the first one stands in the kernel, in bytes.</param>
/// <param name="End">Where the last part of it ends.</param>
/// <param name="Width">The bytes of an entry.</param>
/// <param name="Origin">What is added: the base, the address of the first entry, or the start of the image.</param>
/// <param name="Mask">The bits that an address has.</param>
internal readonly record struct AddressTable(KernelSymbolForm Form, int At, int End, int Width, ulong Origin, ulong Mask)
{
    /// <summary>The addresses, for as many symbols.</summary>
    public ulong[] Read(ReadOnlySpan<byte> kernel, int count)
    {
        NumberList numbers = NumberList.At(kernel, At, count, Width);
        ulong[] addresses = new ulong[count];
        for (int i = 0; i < addresses.Length; i++)
            addresses[i] = Address(numbers[i], i);
        return addresses;
    }

    /// <summary>How many addresses are of the image; -1 if they are not sorted, as all tables are, or not all there.</summary>
    public int Rate(ReadOnlySpan<byte> kernel, int count, LoadedPlaces places)
    {
        NumberList numbers = NumberList.At(kernel, At, count, Width);
        if (numbers.Count != count)
            return -1;
        int inside = 0;
        ulong previous = 0;
        for (int i = 0; i < count; i++)
        {
            ulong address = Address(numbers[i], i);
            if (address < previous)
                return -1;
            previous = address;
            if (Form == KernelSymbolForm.ImageRelative || places.Contains(address))
                inside++;
        }

        return inside;
    }

    private ulong Address(ulong number, int index) => unchecked(Mask & Form switch
    {
        KernelSymbolForm.Absolute => number,
        KernelSymbolForm.PlaceRelative => Origin + ((ulong)index * sizeof(int)) + (ulong)(int)number,
        KernelSymbolForm.BaseRelativeOrAbsolute => (int)number >= 0 ? number : Origin - 1 - (ulong)(int)number,
        _ => Origin + number,
    });
}
