/* The first process of a test's guest: says what it sees, and restarts the machine, which ends the emulator. */

#ifdef __x86_64__
enum { SYS_read = 0, SYS_write = 1, SYS_open = 2, SYS_close = 3, SYS_mkdir = 83, SYS_syslog = 103, SYS_mount = 165, SYS_reboot = 169 };
#else
enum { SYS_read = 3, SYS_write = 4, SYS_open = 5, SYS_close = 6, SYS_mkdir = 39, SYS_mount = 21, SYS_syslog = 103, SYS_reboot = 88 };
#endif

static char buffer[4096];

static long call(long number, long a, long b, long c, long d, long e)
{
    long result;
#ifdef __x86_64__
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8) : "rcx", "r11", "memory");
#else
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e) : "memory");
#endif
    return result;
}

static void print(const char *text, long length)
{
    while (length > 0) {
        long written = call(SYS_write, 1, (long)text, length, 0, 0);
        if (written <= 0)
            return;
        text += written;
        length -= written;
    }
}

static void say(const char *text)
{
    long length = 0;
    while (text[length])
        length++;
    print(text, length);
}

static long open_file(const char *path)
{
    return call(SYS_open, (long)path, 0, 0, 0, 0);
}

static long read_some(long file)
{
    return call(SYS_read, file, (long)buffer, sizeof buffer, 0, 0);
}

static void say_file(const char *path)
{
    long file = open_file(path);
    long length;
    while ((length = read_some(file)) > 0)
        print(buffer, length);
    call(SYS_close, file, 0, 0, 0, 0);
}

static void say_number(unsigned long long value)
{
    char digits[20];
    int at = sizeof digits;
    do {
        digits[--at] = '0' + (char)(value & 15) + ((value & 15) > 9 ? 'a' - '0' - 10 : 0);
        value >>= 4;
    } while (value);
    print(digits + at, (long)sizeof digits - at);
}

static void say_bytes(long length)
{
    static char digits[2 * sizeof buffer];
    for (long i = 0; i < length; i++) {
        digits[2 * i] = "0123456789abcdef"[(unsigned char)buffer[i] >> 4];
        digits[2 * i + 1] = "0123456789abcdef"[buffer[i] & 15];
    }
    print(digits, 2 * length);
}

/* The size of a file and the sum of its bytes, each multiplied by its place. */
static void say_sum(const char *path)
{
    unsigned long long size = 0;
    unsigned int sum = 0;
    long file = open_file(path);
    long length;
    while ((length = read_some(file)) > 0)
        for (long i = 0; i < length; i++)
            sum += (unsigned char)buffer[i] * (unsigned int)++size;
    call(SYS_close, file, 0, 0, 0, 0);
    say("file: ");
    say_number(size);
    say(" ");
    say_number(sum);
    say("\n");
}

/* The bytes, lines and FNV-1a hash of a file. */
static void say_hash(const char *title, const char *path)
{
    unsigned long long size = 0;
    unsigned long long lines = 0;
    unsigned long long hash = 0xcbf29ce484222325;
    long file = open_file(path);
    long length;
    while ((length = read_some(file)) > 0)
        for (long i = 0; i < length; i++) {
            hash = (hash ^ (unsigned char)buffer[i]) * 0x100000001b3;
            size++;
            lines += buffer[i] == '\n';
        }
    call(SYS_close, file, 0, 0, 0, 0);
    say(title);
    say_number(size);
    say(" ");
    say_number(lines);
    say(" ");
    say_number(hash);
    say("\n");
}

/* All symbols and types, if somebody wants to see that by a file "symbols": it takes seconds. */
static void say_symbols(void)
{
    long file = open_file("/symbols");
    if (file < 0)
        return;
    call(SYS_close, file, 0, 0, 0, 0);
    say_hash("symbols: ", "/proc/kallsyms");
    say_hash("types: ", "/sys/kernel/btf/vmlinux");
}

/* The line of /proc/kallsyms that ends with " _text". */
static void say_text_address(void)
{
    static char line[512];
    static const char name[] = " _text";
    int used = 0;
    long file = open_file("/proc/kallsyms");
    long length;
    while ((length = read_some(file)) > 0)
        for (long i = 0; i < length; i++) {
            if (buffer[i] != '\n') {
                if (used < (int)sizeof line)
                    line[used++] = buffer[i];
                continue;
            }
            int same = used >= (int)sizeof name - 1;
            for (int j = 0; same && j < (int)sizeof name - 1; j++)
                same = line[used - (int)sizeof name + 1 + j] == name[j];
            if (same) {
                say("symbol: ");
                print(line, used);
                say("\n");
                call(SYS_close, file, 0, 0, 0, 0);
                return;
            }
            used = 0;
        }
}

void start(void)
{
    call(SYS_mkdir, (long)"/proc", 0755, 0, 0, 0);
    call(SYS_mkdir, (long)"/sys", 0755, 0, 0, 0);
    call(SYS_mount, (long)"proc", (long)"/proc", (long)"proc", 0, 0);
    call(SYS_mount, (long)"sysfs", (long)"/sys", (long)"sysfs", 0, 0);
    call(SYS_syslog, 6, 0, 0, 0, 0); /* no more kernel messages between ours */
    say("\nuser space reached\ncommand line: ");
    say_file("/proc/cmdline");
    say("version: ");
    say_file("/proc/version");
    say_sum("/data");
    say_text_address();
    say_symbols();
    say("boot params: ");
    long file = open_file("/sys/kernel/boot_params/data");
    long length;
    while ((length = read_some(file)) > 0)
        say_bytes(length);
    call(SYS_close, file, 0, 0, 0, 0);
    say("\nend of report\n");
    call(SYS_reboot, (long)0xfee1dead, 0x28121969, 0x01234567, 0, 0);
    for (;;)
        ;
}

__asm__(".globl _start\n_start:\n"
#ifdef __x86_64__
        "and $-16, %rsp\n"
#else
        "and $-16, %esp\n"
#endif
        "call start\n");
