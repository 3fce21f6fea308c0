using System.Runtime.ExceptionServices;

namespace BootProtocol.Decompress;

/// <summary>Decodes independent blocks on several threads.</summary>
internal static class BlockRunner
{
    /// <summary>Runs a piece of work for every block.</summary>
    /// <param name="count">Blocks.</param>
    /// <param name="workers">The most threads to use, the caller's among them; at least 1.</param>
    /// <param name="decode">Decodes the block of the given number.</param>
    /// <remarks>
    /// Blocks start in order, and after a failure no more start. So the failure of the first bad block is always seen, and it is the one
    /// that is thrown: the same input gives the same error, whatever the threads do.
    /// </remarks>
    public static void Run(int count, int workers, Action<int> decode)
    {
        workers = Math.Min(workers, count);
        if (workers <= 1)
        {
            for (int block = 0; block < count; block++)
                decode(block);
            return;
        }

        int next = -1;
        int failed = int.MaxValue;
        ExceptionDispatchInfo? failure = null;
        var gate = new Lock();
        Parallel.For(0, workers, new ParallelOptions { MaxDegreeOfParallelism = workers }, _ =>
        {
            while (Volatile.Read(ref failed) == int.MaxValue && Interlocked.Increment(ref next) is var block && block < count)
            {
                try
                {
                    decode(block);
                }
#pragma warning disable CA1031 // Any exception is carried over to the calling thread.
                catch (Exception e)
#pragma warning restore CA1031
                {
                    lock (gate)
                    {
                        if (block >= failed)
                            continue;
                        failure = ExceptionDispatchInfo.Capture(e);
                        Volatile.Write(ref failed, block);
                    }
                }
            }
        });
        failure?.Throw();
    }
}
