/* Prints a zero page as the kernel's own header sees it. */
#include <stdio.h>
#include <asm/bootparam.h>

int main(void)
{
    struct boot_params p;
    if (fread(&p, sizeof p, 1, stdin) != 1)
        return 1;
    printf("sentinel %x\n", p.sentinel);
    printf("boot_flag %x\n", p.hdr.boot_flag);
    printf("header %x\n", p.hdr.header);
    printf("version %x\n", p.hdr.version);
    printf("type_of_loader %x\n", p.hdr.type_of_loader);
    printf("ext_loader_ver %x\n", p.hdr.ext_loader_ver);
    printf("ext_loader_type %x\n", p.hdr.ext_loader_type);
    printf("loadflags %x\n", p.hdr.loadflags);
    printf("ramdisk %x%08x %x%08x\n", p.ext_ramdisk_image, p.hdr.ramdisk_image, p.ext_ramdisk_size, p.hdr.ramdisk_size);
    printf("cmd_line_ptr %x%08x\n", p.ext_cmd_line_ptr, p.hdr.cmd_line_ptr);
    printf("setup_data %llx\n", (unsigned long long)p.hdr.setup_data);
    printf("acpi_rsdp_addr %llx\n", (unsigned long long)p.acpi_rsdp_addr);
    printf("screen %u x %u type %x\n", p.screen_info.orig_video_cols, p.screen_info.orig_video_lines, p.screen_info.orig_video_isVGA);
    printf("e820_entries %u\n", p.e820_entries);
    for (int i = 0; i < p.e820_entries; i++)
        printf("e820 %llx %llx %u\n", (unsigned long long)p.e820_table[i].addr, (unsigned long long)p.e820_table[i].size,
               p.e820_table[i].type);
    return 0;
}
