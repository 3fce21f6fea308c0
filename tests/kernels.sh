#!/usr/bin/env bash
# Fetches what the tests read from Debian's packages: kernels and other images into tests/.cache/kernels/NAME/, C headers
# into tests/.cache/headers/NAME/, and what a first domain for Xen is made of into tests/.cache/xen-dom0/ and, with the tools of
# a newer Xen, into tests/.cache/xen-dom0-4.20/. Debian's Xen runs no 32-bit PV guests: one that does is built from its source,
# into tests/.cache/xen-pv32/. Does nothing for those that are there. That Xen and what comes from newer releases of Debian may be
# missing: then the reason is printed, and kept in NAME.missing, with which the tests that need it are skipped.
# Needs apt, dpkg and xz, and for the build gcc, make, flex, bison and python3, but no root: package lists are kept in
# tests/.cache too.
# Exit codes: 0 all that is needed is there; 3 something on this machine is missing.
set -euo pipefail

here="$(cd "$(dirname "$0")" && pwd)"
cache="$here/.cache"
kernels="$cache/kernels"
headers="$cache/headers"
. "$here/kernels/packages.sh"
. "$here/kernels/images.sh"
. "$here/kernels/xen.sh"

# Xen's own check of the streams that domains are saved to, and the modules that it is made of.
xen_python='usr/lib/xen-4.17/lib/python/xen'
xen_verify="verify-stream-v2=usr/lib/xen-4.17/bin/verify-stream-v2 util.py=$xen_python/util.py verify.py=$xen_python/migration/verify.py"
xen_verify="$xen_verify libxc.py=$xen_python/migration/libxc.py libxl.py=$xen_python/migration/libxl.py"

# What a Linux needs to run guests on KVM on AMD's processors, which QEMU emulates, and what a guest needs for a disk and a console.
kvm_host='vmlinuz=boot/vmlinuz-* irqbypass.ko=lib/modules/*/kernel/virt/lib/irqbypass.ko.xz kvm.ko=lib/modules/*/kernel/arch/x86/kvm/kvm.ko.xz'
kvm_host="$kvm_host kvm-amd.ko=lib/modules/*/kernel/arch/x86/kvm/kvm-amd.ko.xz ccp.ko=lib/modules/*/kernel/drivers/crypto/ccp/ccp.ko.xz"
kvm_host="$kvm_host virtio_blk.ko=lib/modules/*/kernel/drivers/block/virtio_blk.ko.xz"
kvm_guest='vmlinuz=boot/vmlinuz-* virtio.ko=lib/modules/*/kernel/drivers/virtio/virtio.ko virtio_ring.ko=lib/modules/*/kernel/drivers/virtio/virtio_ring.ko'
kvm_guest="$kvm_guest virtio_mmio.ko=lib/modules/*/kernel/drivers/virtio/virtio_mmio.ko virtio_blk.ko=lib/modules/*/kernel/drivers/block/virtio_blk.ko"
kvm_guest="$kvm_guest virtio_console.ko=lib/modules/*/kernel/drivers/char/virtio_console.ko"

grub_xen='grub-i386-xen.bin=usr/lib/grub-xen/grub-i386-xen.bin grub-x86_64-xen.bin=usr/lib/grub-xen/grub-x86_64-xen.bin'
grub_xen="$grub_xen grub-i386-xen_pvh.bin=usr/lib/grub-xen/grub-i386-xen_pvh.bin"

sid_modules='xen-blkfront.ko=usr/lib/modules/*/kernel/drivers/block/xen-blkfront.ko.xz'
sid_modules="$sid_modules xen-netfront.ko=usr/lib/modules/*/kernel/drivers/net/xen-netfront.ko.xz"
sid_exports='Module.symvers=usr/src/linux-headers-*/Module.symvers config=usr/src/linux-headers-*/.config'
memtest='memtest86+ia32.bin=boot/memtest86+ia32.bin memtest86+x64.bin=boot/memtest86+x64.bin'
memtest="$memtest memtest86+ia32.efi=boot/memtest86+ia32.efi memtest86+x64.efi=boot/memtest86+x64.efi"

# name, suite, architecture, pattern of the package's name (the newest match is taken), files to keep as TARGET=PATTERN
wanted=(
    '6.1-cloud-amd64|own|amd64|^linux-image-6\.1\.[0-9.-]+-cloud-amd64-unsigned$|vmlinuz=boot/vmlinuz-* config=boot/config-*'
    '6.12-amd64|own|amd64|^linux-image-6\.12\.[0-9]+[^ ]*deb[0-9]+-amd64-unsigned$|vmlinuz=boot/vmlinuz-* config=boot/config-*'
    '6.1-686-pae|own|i386|^linux-image-6\.1\.[0-9.-]+-686-pae-unsigned$|vmlinuz=boot/vmlinuz-* config=boot/config-*'
    "grub-xen|own|amd64|^grub-xen-host\$|$grub_xen"
    "kvm-host|own|amd64|^linux-image-6\\.12\\.[0-9]+[^ ]*deb[0-9]+-amd64-unsigned\$|$kvm_host"
    "kvm-guest|own|amd64|^linux-image-6\\.1\\.[0-9.-]+-cloud-amd64-unsigned\$|$kvm_guest"
    'ovmf|own|amd64|^ovmf$|OVMF.fd=usr/share/ovmf/OVMF.fd'
    'ovmf-ia32|own|amd64|^ovmf-ia32$|code.fd=usr/share/OVMF/OVMF32_CODE_4M.secboot.fd variables.fd=usr/share/OVMF/OVMF32_VARS_4M.fd'
    'xen|own|amd64|^xen-hypervisor-4\.[0-9]+-amd64$|xen.gz=boot/xen-4*-amd64.gz'
)

# The same of what tests can do without: signed kernels, the newest of everything, and images that are no Linux.
extra=(
    'bookworm-signed-amd64|own|amd64|^linux-image-6\.1\.[0-9.-]+-amd64$|vmlinuz=boot/vmlinuz-* config=boot/config-*'
    'trixie-amd64|trixie|amd64|^linux-image-6\.12\.[0-9]+\+deb[0-9]+-amd64$|vmlinuz=boot/vmlinuz-* config=boot/config-*'
    'trixie-rt-amd64|trixie|amd64|^linux-image-6\.12\.[0-9]+\+deb[0-9]+-rt-amd64$|vmlinuz=boot/vmlinuz-* config=boot/config-*'
    'sid-amd64|sid|amd64|^linux-binary-[0-9.]+\+deb[0-9]+-amd64$|vmlinuz=usr/lib/modules/*/vmlinuz'
    "sid-modules|sid|amd64|^linux-modules-[0-9.]+\\+deb[0-9]+-amd64\$|$sid_modules"
    'sid-cloud-amd64|sid|amd64|^linux-binary-[0-9.]+\+deb[0-9]+-cloud-amd64$|vmlinuz=usr/lib/modules/*/vmlinuz'
    'installer-amd64|own|amd64|^debian-installer-[0-9]+-netboot-amd64$|vmlinuz=usr/lib/debian-installer/images/*/amd64/text/debian-installer/amd64/linux'
    'installer-i386|own|amd64|^debian-installer-[0-9]+-netboot-i386$|vmlinuz=usr/lib/debian-installer/images/*/i386/text/debian-installer/i386/linux'
    # What the build of a kernel says that it exports; and how that of sid is configured, whose packages of kernels do not say it.
    'exports-6.1-cloud-amd64|own|amd64|^linux-headers-6\.1\.[0-9.-]+-cloud-amd64$|Module.symvers=usr/src/linux-headers-*/Module.symvers'
    'exports-6.1-686-pae|own|i386|^linux-headers-6\.1\.[0-9.-]+-686-pae$|Module.symvers=usr/src/linux-headers-*/Module.symvers'
    'exports-6.12-amd64|own|amd64|^linux-headers-6\.12\.[0-9]+[^ ]*deb[0-9]+-amd64$|Module.symvers=usr/src/linux-headers-*/Module.symvers'
    "exports-sid-amd64|sid|amd64|^linux-headers-[0-9.]+\\+deb[0-9]+-amd64\$|$sid_exports"
    "memtest86plus|own|amd64|^memtest86\\+\$|$memtest"
    'memtest86plus-sid|sid|amd64|^memtest86\+$|mt86+ia32=boot/mt86+ia32 mt86+x64=boot/mt86+x64'
    'ipxe|own|amd64|^ipxe$|ipxe.lkrn=boot/ipxe.lkrn ipxe.efi=boot/ipxe.efi'
    'ipxe-sid|sid|amd64|^ipxe$|ipxe.lkrn=usr/lib/ipxe/ipxe.lkrn ipxe.efi=usr/lib/ipxe/ipxe-amd64.efi'
    'syslinux|own|amd64|^syslinux-common$|memdisk=usr/lib/syslinux/memdisk'
    'grub-pc|own|amd64|^grub-pc-bin$|lnxboot.img=usr/lib/grub/i386-pc/lnxboot.img'
    'u-boot|own|amd64|^u-boot-qemu$|uboot.elf=usr/lib/u-boot/qemu-x86/uboot.elf'
    'u-boot-sid|sid|amd64|^u-boot-qemu$|uboot.elf=usr/lib/u-boot/qemu-x86/uboot.elf uboot64.elf=usr/lib/u-boot/qemu-x86_64/uboot.elf'
    "grub-xen-sid|sid|amd64|^grub-xen-host\$|$grub_xen"
    'gnumach-xen-486|own|amd64|^gnumach-image-[0-9.]+-xen-486$|gnumach.gz=boot/gnumach-*-xen-486.gz'
    'gnumach-xen-amd64|sid|amd64|^gnumach-image-[0-9.]+-xen-amd64$|gnumach.gz=boot/gnumach-*-xen-amd64.gz'
    "xen-shim-4.17|own|amd64|^xen-utils-4\.17\$|xen-shim=usr/lib/xen-4.17/boot/xen-shim $xen_verify"
    'xen-shim-4.20|trixie|amd64|^xen-utils-4\.20$|xen-shim=usr/lib/xen-4.20/boot/xen-shim'
    'xen-4.20|trixie|amd64|^xen-hypervisor-4\.20-amd64$|xen.gz=boot/xen-4*-amd64.gz xen.efi=boot/xen-4*-amd64.efi'
    'xen-4.22|sid|amd64|^xen-hypervisor-4\.22-amd64$|xen.gz=boot/xen-4*-amd64.gz'
    'shim|own|amd64|^shim-unsigned$|shimx64.efi=usr/lib/shim/shimx64.efi debian-uefi-ca.der=usr/share/shim/debian-uefi-ca.der'
    'kexec-tools|own|amd64|^kexec-tools$|kexec=sbin/kexec'
    'systemd-stub|own|amd64|^systemd-boot-efi$|linuxx64.efi.stub=usr/lib/systemd/boot/efi/linuxx64.efi.stub'
    'systemd-stub-sid|sid|amd64|^systemd-boot-efi$|linuxx64.efi.stub=usr/lib/systemd/boot/efi/linuxx64.efi.stub'
)

# name, suite
header_sets=('bookworm|own' 'trixie|trixie' 'sid|sid')

# Whether all files of an entry are there.
is_there() {
    local name=$1 file
    [ -e "$kernels/$name/PACKAGE" ] || return 1
    for file in $2; do
        [ -e "$kernels/$name/${file%%=*}" ] || return 1
    done
}

for entry in "${wanted[@]}"; do
    IFS='|' read -r name suite architecture pattern files <<< "$entry"
    ! is_there "$name" "$files" || continue
    read_lists "$suite" "$architecture"
    fetch "$name" "$suite" "$architecture" "$pattern" "$files"
done
has_dom0 || fetch_dom0
[ -e "$dom0_new/PACKAGES" ] || attempt "$dom0_new" fetch_dom0_new

for entry in "${extra[@]}"; do
    IFS='|' read -r name suite architecture pattern files <<< "$entry"
    ! is_there "$name" "$files" || continue
    read_lists "$suite" "$architecture"
    attempt "$kernels/$name" fetch "$name" "$suite" "$architecture" "$pattern" "$files"
done
[ -e "$kernels/systemd-measure/PACKAGE" ] || attempt "$kernels/systemd-measure" fetch_measure
for entry in "${header_sets[@]}"; do
    IFS='|' read -r name suite <<< "$entry"
    [ ! -e "$headers/$name/PACKAGES" ] || continue
    read_lists "$suite" amd64
    attempt "$headers/$name" fetch_headers "$name" "$suite"
done

# It takes too long to build these for each run.
[ -e "$kernels/own-6.1/PACKAGE" ] || { mkdir -p "$kernels" && echo "tests/kernels/own.sh builds it, once" > "$kernels/own-6.1.missing"; }

[ -e "$pv32/VERSION" ] || attempt "$pv32" fetch_pv32

# Everything is there: the package lists and what a broken run left behind are of no more use.
rm -rf "$cache"/apt "$cache"/fetch.*
