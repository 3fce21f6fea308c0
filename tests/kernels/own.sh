#!/usr/bin/env bash
# Builds two small 32-bit kernels of Linux 6.1 from Debian's source, with and without CONFIG_KALLSYMS_ALL, into
# tests/.cache/kernels/own-6.1/: vmlinuz and vmlinuz-all, with System.map and config of each. They are packed with gzip, as no kernel of Debian's
# is, and start under firmware of both kinds. Takes five to ten minutes, so tests/run.sh does not do it; tests that compare with what a build says
# of itself, or that need gzip, are skipped without it.
# Needs apt, dpkg, xz, gcc, make, flex, bison and bc, but no root.
set -euo pipefail

here="$(cd "$(dirname "$0")/.." && pwd)"
cache="$here/.cache"
kernels="$cache/kernels"
. "$here/kernels/packages.sh"

! grep -qs '^CONFIG_EFI_STUB=y' "$kernels/own-6.1/config" || exit 0
work=$(mktemp -d "$cache/fetch.XXXXXX")
trap 'rm -rf "$work"' EXIT
read_lists own amd64
mkdir "$work/debs" "$work/source" "$work/build" "$work/result"
download "$work/debs" own amd64 '^linux-source-6\.1$' own-6.1
dpkg-deb --fsys-tarfile "$work"/debs/*.deb | tar -x -O ./usr/src/linux-source-6.1.tar.xz | tar -x -J -C "$work/source" --strip-components 1

# The smallest kernel that is also an EFI program, prints on a serial port and starts a program of a ramdisk, which reads /proc/kallsyms.
# An EFI stub needs ACPI.
options=(
    -d 64BIT -e KALLSYMS -e PRINTK -e TTY -e SERIAL_8250 -e SERIAL_8250_CONSOLE -e BLK_DEV_INITRD -e RD_GZIP -e BINFMT_ELF -e PROC_FS -e KERNEL_GZIP
    -d KERNEL_XZ -e ACPI -e EFI -e EFI_STUB -d RANDOMIZE_BASE -d KALLSYMS_ALL
)
build=(make -s -C "$work/source" "O=$work/build" ARCH=i386)
"${build[@]}" tinyconfig >/dev/null
for suffix in '' -all; do
    "$work/source/scripts/config" --file "$work/build/.config" "${options[@]}"
    "${build[@]}" olddefconfig >/dev/null
    "${build[@]}" "-j$(nproc)" bzImage
    cp "$work/build/arch/x86/boot/bzImage" "$work/result/vmlinuz$suffix"
    cp "$work/build/System.map" "$work/result/System.map$suffix"
    cp "$work/build/.config" "$work/result/config$suffix"
    options=(-e KALLSYMS_ALL)
done
(cd "$work/debs" && ls -1 ./*.deb | cut -c3-) > "$work/result/PACKAGE"
rm -rf "$kernels/own-6.1"
mkdir -p "$kernels"
mv "$work/result" "$kernels/own-6.1"
