/*
 * The first process of the kernels that the tests boot: says where the kernel's symbol _text is and what command line it got, then that
 * user space is reached, and restarts. By itself, without a library, and by the 32-bit system calls, which kernels of both word sizes have.
 */
enum { SYS_READ = 3, SYS_WRITE = 4, SYS_OPEN = 5, SYS_MKDIR = 39, SYS_MOUNT = 21, SYS_REBOOT = 88 };

static long system_call(long number, long a, long b, long c, long d, long e)
{
    long result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e) : "memory");
    return result;
}

static int ends_with(const char *line, int length, const char *end, int end_length)
{
    if (length < end_length)
        return 0;
    for (int i = 0; i < end_length; i++)
        if (line[length - end_length + i] != end[i])
            return 0;
    return 1;
}

static void print_symbol(const char *end, int end_length)
{
    static char chunk[4096], line[512];
    long file = system_call(SYS_OPEN, (long)"/proc/kallsyms", 0, 0, 0, 0), count;
    int length = 0;
    while ((count = system_call(SYS_READ, file, (long)chunk, sizeof chunk, 0, 0)) > 0)
        for (long i = 0; i < count; i++) {
            if (length < (int)sizeof line)
                line[length++] = chunk[i];
            if (chunk[i] != '\n')
                continue;
            if (ends_with(line, length, end, end_length)) {
                system_call(SYS_WRITE, 1, (long)line, length, 0, 0);
                return;
            }
            length = 0;
        }
}

static void print_file(const char *name)
{
    static char chunk[4096];
    long count = system_call(SYS_READ, system_call(SYS_OPEN, (long)name, 0, 0, 0, 0), (long)chunk, sizeof chunk, 0, 0);
    if (count > 0)
        system_call(SYS_WRITE, 1, (long)chunk, count, 0, 0);
}

void _start(void)
{
    static const char symbol[] = " _text\n", marker[] = "user space reached\n";
    system_call(SYS_MKDIR, (long)"/proc", 0755, 0, 0, 0);
    system_call(SYS_MOUNT, (long)"proc", (long)"/proc", (long)"proc", 0, 0);
    print_symbol(symbol, sizeof symbol - 1);
    print_file("/proc/cmdline");
    system_call(SYS_WRITE, 1, (long)marker, sizeof marker - 1, 0, 0);
    system_call(SYS_REBOOT, (long)0xfee1dead, 672274793, 0x1234567, 0, 0);
    for (;;)
        ;
}
