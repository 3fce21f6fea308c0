using BootProtocol.Xen;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace BootProtocol.Stubs;

/// <summary>
/// The page of hypercalls that a PV kernel asks for by its note HYPERCALL_PAGE: 128 entries of 32 bytes, each of which enters Xen with its number.
/// </summary>
/// <remarks>
/// Xen fills it when a domain is built; a restore leaves it as it was saved. The instructions are those that Xen's interface is defined by.
/// Source: Xen's public headers arch-x86/xen-x86_64.h and xen-x86_32.h; hypercall_page_initialise in xen/arch/x86/pv/hypercall.c.
/// </remarks>
/// <example><code>
/// byte[] page = HypercallPage.Create(WordSize.Bits64);
/// XlOutput.Write(pv, Stream.Null, new XlOutputOptions { HypercallPage = page });
/// Console.WriteLine($"{page.Length} bytes, the first entry begins with 0x{page[0]:x}");
/// </code></example>
public static class HypercallPage
{
    private const int EntrySize = 32;
    private const byte Breakpoint = 0xcc;

    /// <summary>Makes the page.</summary>
    /// <param name="word">The kernel's word size.</param>
    /// <returns>4096 bytes.</returns>
    public static byte[] Create(WordSize word)
    {
        byte[] page = new byte[X86Page.Size];
        page.AsSpan().Fill(Breakpoint);
        for (int number = 0; number < page.Length / EntrySize; number++)
        {
            var c = new Assembler((int)word);
            if (word == WordSize.Bits64)
                Emit64(c, number);
            else
                Emit32(c, number);
            using var code = new MemoryStream(page, number * EntrySize, EntrySize);
            c.Assemble(new StreamCodeWriter(code), 0);
        }

        return page;
    }

    /// <summary>SYSCALL takes rcx and r11. Xen's iret takes both from the stack, and rax, and does not come back.</summary>
    private static void Emit64(Assembler c, int number)
    {
        c.push(rcx);
        c.push(r11);
        if (number == (int)Hypercall.Iret)
        {
            c.push(rax);
            c.mov(eax, number);
            c.syscall();
            return;
        }

        c.mov(eax, number);
        c.syscall();
        c.pop(r11);
        c.pop(rcx);
        c.ret();
    }

    private static void Emit32(Assembler c, int number)
    {
        bool isReturn = number == (int)Hypercall.Iret;
        if (isReturn)
            c.push(eax);
        c.mov(eax, number);
        c.@int(HypervisorDescriptors.HypercallVector);
        if (!isReturn)
            c.ret();
    }
}
