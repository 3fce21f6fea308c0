namespace BootProtocol.Runtime.Tests.Decompress;

/// <summary>Writes LZMA symbol by symbol, right or wrong ones, with lc, lp and pb of 0: what no tool would write.</summary>
internal sealed class LzmaEncoder
{
    private const int BitsOfProbability = 11;
    private const int Shift = 5;
    private const uint Top = 1 << 24;

    private readonly Dictionary<string, uint> _model = [];
    private readonly List<byte> _bytes = [];
    private ulong _low;
    private uint _range = uint.MaxValue;
    private byte _cache;
    private int _cached = 1;
    private int _state;

    /// <summary>A byte as it is. None may follow a match: it would be encoded with a hint.</summary>
    public LzmaEncoder Literal(byte value)
    {
        Assert.Equal(0, _state);
        Put($"match {_state}", 0);
        PutTree("literal", value, 8);
        return this;
    }

    /// <summary>A match of two bytes.</summary>
    /// <param name="distance">How far back it starts: 0 to 127 for 1 to 128 bytes.</param>
    public LzmaEncoder Match(int distance)
    {
        Put($"match {_state}", 1);
        Put($"repeat {_state}", 0);
        PutLength("length");
        PutDistance(distance);
        _state = _state < 7 ? 7 : 10;
        return this;
    }

    /// <summary>A match of two bytes at one of the last four distances, or of one byte at the last.</summary>
    /// <param name="which">0 to 3: the last to the fourth last; -1 for one byte at the last.</param>
    public LzmaEncoder Repeat(int which)
    {
        Put($"match {_state}", 1);
        Put($"repeat {_state}", 1);
        Put($"older 0 {_state}", which > 0 ? 1 : 0);
        if (which > 0)
        {
            Put($"older 1 {_state}", which > 1 ? 1 : 0);
            if (which > 1)
                Put($"older 2 {_state}", which > 2 ? 1 : 0);
        }
        else
        {
            Put($"long {_state}", which == 0 ? 1 : 0);
        }

        if (which >= 0)
            PutLength("repeated length");
        _state = which < 0 ? (_state < 7 ? 9 : 11) : (_state < 7 ? 8 : 11);
        return this;
    }

    /// <summary>The file: header, and what was encoded.</summary>
    /// <param name="size">The size of the output that the header states, in bytes.</param>
    public byte[] File(long size)
    {
        for (int i = 0; i < 5; i++)
            ShiftLow();
        return [0, 0, 0, 1, 0, .. BitConverter.GetBytes(size), .. _bytes];
    }

    private void PutLength(string name)
    {
        Put($"{name} choice", 0);
        PutTree($"{name} low", 0, 3);
    }

    /// <summary>A slot for the two highest bits; the lower ones follow from the lowest on.</summary>
    private void PutDistance(int distance)
    {
        int lower = Math.Max(0, (31 - int.LeadingZeroCount(distance)) - 1);
        int slot = lower == 0 ? distance : (2 * lower) + (distance >> lower);
        PutTree("slot 0", slot, 6);
        for (int i = 0, node = 1; slot > 3 && i < lower; i++)
        {
            int bit = (distance >> i) & 1;
            Put($"distance {slot} {node}", bit);
            node = node << 1 | bit;
        }
    }

    private void PutTree(string name, int value, int bits)
    {
        int node = 1;
        for (int i = bits - 1; i >= 0; i--)
        {
            int bit = (value >> i) & 1;
            Put($"{name} {node}", bit);
            node = node << 1 | bit;
        }
    }

    private void Put(string place, int bit)
    {
        uint probability = _model.GetValueOrDefault(place, 1u << (BitsOfProbability - 1));
        uint bound = (_range >> BitsOfProbability) * probability;
        if (bit == 0)
        {
            _range = bound;
            _model[place] = probability + (((1u << BitsOfProbability) - probability) >> Shift);
        }
        else
        {
            _low += bound;
            _range -= bound;
            _model[place] = probability - (probability >> Shift);
        }

        while (_range < Top)
        {
            _range <<= 8;
            ShiftLow();
        }
    }

    private void ShiftLow()
    {
        if (_low is < 0xff000000 or > uint.MaxValue)
        {
            for (byte next = _cache; _cached > 0; _cached--, next = 0xff)
                _bytes.Add((byte)(next + (_low >> 32)));
            _cache = (byte)(_low >> 24);
        }

        _cached++;
        _low = (_low & 0xffffff) << 8;
    }
}
