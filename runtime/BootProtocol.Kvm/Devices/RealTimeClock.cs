namespace BootProtocol.Kvm.Devices;

/// <summary>The clock of a PC at ports 0x70 and 0x71, in UTC, with 24 hours and decimal digits. It is not set, and raises no alarm.</summary>
/// <remarks>Source: Motorola's data sheet MC146818; the century at 0x32 is what PCs have made of it.</remarks>
/// <param name="time">What the time is.</param>
internal sealed class RealTimeClock(TimeProvider time) : IPortDevice
{
    private const byte IndexBits = 0x7f;
    private const byte Divider = 0x26; // 32,768 Hz, periodic rate of 1,024 Hz; no update is under way
    private const byte Hours24 = 2;
    private const byte HasPower = 0x80;

    private byte _index;

    /// <inheritdoc/>
    public ushort FirstPort => 0x70;

    /// <inheritdoc/>
    public int PortCount => 2;

    /// <inheritdoc/>
    public void Read(int offset, Span<byte> data)
    {
        for (int i = 0; i < data.Length; i++)
            data[i] = offset + i == 0 ? (byte)0xff : ReadRegister();
    }

    /// <inheritdoc/>
    public void Write(int offset, ReadOnlySpan<byte> data)
    {
        if (offset == 0)
            _index = (byte)(data[0] & IndexBits);
    }

    private byte ReadRegister()
    {
        DateTime now = time.GetUtcNow().UtcDateTime;
        return _index switch
        {
            0x00 => Digits(now.Second),
            0x02 => Digits(now.Minute),
            0x04 => Digits(now.Hour),
            0x06 => Digits((int)now.DayOfWeek + 1),
            0x07 => Digits(now.Day),
            0x08 => Digits(now.Month),
            0x09 => Digits(now.Year % 100),
            0x32 => Digits(now.Year / 100),
            0x0a => Divider,
            0x0b => Hours24,
            0x0d => HasPower,
            _ => 0,
        };
    }

    private static byte Digits(int value) => (byte)((value / 10 << 4) | (value % 10));
}
