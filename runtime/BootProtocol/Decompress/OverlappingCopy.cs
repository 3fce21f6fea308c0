namespace BootProtocol.Decompress;

/// <summary>The copy that Lempel-Ziv formats are made of.</summary>
internal static class OverlappingCopy
{
    /// <summary>Copies from a distance back; where source and target overlap, what was just copied is copied again.</summary>
    /// <param name="output">The output.</param>
    /// <param name="to">Where to copy to.</param>
    /// <param name="distance">How far back to copy from: 1 to <paramref name="to"/>.</param>
    /// <param name="length">Bytes to copy: no more than there is room.</param>
    public static void Copy(Span<byte> output, int to, int distance, int length)
    {
        var source = output.Slice(to - distance, distance);
        var target = output.Slice(to, length);
        if (distance == 1)
        {
            target.Fill(source[0]);
            return;
        }
        if (length < 16 && distance < 16)
        {
            for (int i = 0; i < target.Length; i++)
                target[i] = output[to - distance + i];
            return;
        }
        // What is there to copy from doubles with each step, until all of the rest can be copied at once.
        while (target.Length > distance)
        {
            output.Slice(to - distance, distance).CopyTo(target);
            target = target[distance..];
            to += distance;
            distance *= 2;
        }
        output.Slice(to - distance, target.Length).CopyTo(target);
    }
}
