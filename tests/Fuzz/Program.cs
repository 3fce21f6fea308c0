using System.Diagnostics;
using System.Globalization;
using BootProtocol;
using BootProtocol.Fuzz;

// Fuzz [SECONDS [SEED]]: changes the fixtures at random, where their structures are and elsewhere, and reads everything of what comes out.
// Exit code 0: nothing but results and the one exception. 1: something else; the image that did it is kept beside the report.
int seconds = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 60;
int seed = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 1;
TimeSpan longest = TimeSpan.FromSeconds(10);

Fixture[] fixtures = [.. Fixture.All()];
foreach (Fixture fixture in fixtures)
    EverythingReader.Read(fixture.Image);
Console.WriteLine($"{fixtures.Length} fixtures, each read without a complaint; {seconds} s, seed {seed}");
var random = new Random(seed);
var results = new SortedDictionary<string, (int Read, int Refused)>(StringComparer.Ordinal);
long count = 0;
var clock = Stopwatch.StartNew();
while (clock.Elapsed.TotalSeconds < seconds)
{
    Fixture fixture = fixtures[random.Next(fixtures.Length)];
    byte[] image = fixture.Mutate(random);
    var one = Stopwatch.StartNew();
    bool isRefused = false;
    try
    {
        EverythingReader.Read(image);
    }
    catch (BootException)
    {
        isRefused = true;
    }
    catch (Exception unexpected)
    {
        return Report(fixture, image, unexpected.ToString());
    }

    if (one.Elapsed > longest)
        return Report(fixture, image, $"took {one.Elapsed}");
    (int read, int refused) = results.GetValueOrDefault(fixture.Name);
    results[fixture.Name] = isRefused ? (read, refused + 1) : (read + 1, refused);
    count++;
}

foreach ((string name, (int read, int refused)) in results)
    Console.WriteLine($"  {name,-28} {read,9} read {refused,9} refused");
Console.WriteLine($"{count} images in {clock.Elapsed.TotalSeconds:0} s: nothing but results and BootException");
return 0;

static int Report(Fixture fixture, byte[] image, string what)
{
    string path = Path.Combine(Path.GetTempPath(), $"bootprotocol-fuzz-{fixture.Name}-{Guid.NewGuid():n}");
    File.WriteAllBytes(path, image);
    Console.Error.WriteLine($"error: {path}: {what}");
    return 1;
}
