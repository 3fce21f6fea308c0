using BootProtocol.Decompress;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Decompress;

/// <summary>The decoder that works with pointers stays within its input and its output.</summary>
public sealed class LzmaBoundTests
{
    private const int Guard = 64;
    private static readonly byte[] s_letters = "ABC"u8.ToArray();

    // Matches at a distance of a vector or more are copied in vectors.
    private static readonly byte[] s_manyLetters = "ABCDEFGHIJKLMNOPQ"u8.ToArray();

    [Theory]
    [InlineData(0, "ABCCC")]
    [InlineData(1, "ABCBC")]
    [InlineData(2, "ABCAB")]
    [InlineData(3, null)]
    public void A_match_starts_at_the_first_byte_or_behind(int distance, string? expected) =>
        Check(Letters().Match(distance), 5, expected);

    /// <summary>A chunk that goes beyond all that an array holds ends where the array does.</summary>
    [Fact]
    [Needs(Need.Time)]
    public void A_chunk_may_go_beyond_the_largest_output()
    {
        const int ChunkLength = 1 << 16;
        byte[] stream = [1, 0xff, 0xff, .. Enumerable.Repeat((byte)7, ChunkLength), 0];
        byte[] output = GC.AllocateUninitializedArray<byte>(Array.MaxLength); // only its last pages are touched
        var state = new Lzma2State();
        state.Reset();
        int at = 0;
        int to = output.Length - 10;
        Assert.False(state.Decode(stream, ref at, output, ref to, output.Length));
        Assert.Equal((3 + 10, output.Length), (at, to));
        Assert.Equal([7, 7, 7, 7, 7, 7, 7, 7, 7, 7], output[^10..]);
    }

    /// <summary>The last distances are 1 each before there was any.</summary>
    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Nothing_is_repeated_where_nothing_is(int which) => Check(new LzmaEncoder().Repeat(which), which < 0 ? 1 : 2, null);

    [Theory]
    [InlineData(-1, "ABCABA")]
    [InlineData(0, "ABCABCA")]
    [InlineData(1, "ABCABBB")]
    public void A_repeated_match_starts_where_its_distance_says(int which, string expected)
    {
        // Three bytes back; the distance before that is the one at the start, 1.
        string repeated = which switch { -1 => "ABCABC", _ => expected };
        Check(Letters().Match(2).Repeat(which), repeated.Length, repeated);
    }

    /// <summary>Wherever the output ends: the bytes behind it stay as they are, and those behind the input mean nothing.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_is_behind_input_and_output_is_not_touched(bool isFar)
    {
        byte[] letters = isFar ? s_manyLetters : s_letters;
        for (int repeats = 0; repeats < 40; repeats++)
        {
            LzmaEncoder encoder = Letters(letters).Match(letters.Length - 1);
            for (int i = 0; i < repeats; i++)
                encoder.Repeat(i % 3 == 0 ? -1 : 0);
            int length = letters.Length + 2 + Enumerable.Range(0, repeats).Sum(i => i % 3 == 0 ? 1 : 2);
            byte[] file = encoder.File(length);
            byte[] expected = [.. Enumerable.Range(0, length).Select(i => letters[i % letters.Length])];
            for (int cut = 0; cut < file.Length - 13; cut++)
            {
                (byte[] Bytes, string? Fault) zeros = Decode(file, cut, length, 0);
                (byte[] Bytes, string? Fault) ones = Decode(file, cut, length, 0xff);
                Assert.Equal(zeros.Fault, ones.Fault);
                Assert.Equal(zeros.Bytes, ones.Bytes);
                Assert.True(expected.AsSpan().StartsWith(zeros.Bytes));
                Assert.Equal(cut == 0, zeros.Bytes.Length == length && zeros.Fault is null);
            }
        }
    }

    private static LzmaEncoder Letters(byte[]? letters = null) =>
        (letters ?? s_letters).Aggregate(new LzmaEncoder(), static (encoder, letter) => encoder.Literal(letter));

    private static void Check(LzmaEncoder encoder, int length, string? expected)
    {
        (byte[] bytes, string? fault) = Decode(encoder.File(length), 0, length, 0);
        if (expected is null)
            Assert.NotNull(fault);
        else
            Assert.Equal((expected, (string?)null), (System.Text.Encoding.ASCII.GetString(bytes), fault));
    }

    /// <summary>Decodes a file without its last bytes, between bytes of one value.</summary>
    private static (byte[] Bytes, string? Fault) Decode(byte[] file, int cut, int length, byte guard)
    {
        byte[] input = new byte[Guard + file.Length + Guard];
        byte[] output = new byte[Guard + length + Guard];
        input.AsSpan().Fill(guard);
        output.AsSpan().Fill(guard);
        file.AsSpan(0, file.Length - cut).CopyTo(input.AsSpan(Guard));
        string? fault = null;
        int position = 0;
        try
        {
            var options = new PayloadOptions { End = PayloadEnd.Exact };
            using var decoder = PayloadDecoder.Create(PayloadFormat.Lzma, input.AsMemory(Guard, file.Length - cut), options);
            try
            {
                decoder.Decode(output.AsMemory(Guard, length), length);
            }
            finally
            {
                position = decoder.Position;
            }
        }
        catch (BootFormatException refusal)
        {
            fault = refusal.Message;
        }

        Assert.False(output.AsSpan(0, Guard).ContainsAnyExcept(guard));
        Assert.False(output.AsSpan(Guard + length).ContainsAnyExcept(guard));
        return (output[Guard..(Guard + position)], fault);
    }
}
