#!/usr/bin/env bash
# Fetches the kernels that the tests read, from Debian's packages, into tests/.cache/kernels/NAME/, and what a first domain
# for Xen is made of, into tests/.cache/xen-dom0/. Debian's Xen runs no 32-bit PV guests: one that does is built from its
# source, into tests/.cache/xen-pv32/. Does nothing for those that are there.
# Needs apt, dpkg and xz, and for the build gcc, make, flex, bison and python3, but no root: package lists are kept in
# tests/.cache too.
# Exit codes: 0 all there; 3 something on this machine is missing.
set -euo pipefail

cache="$(cd "$(dirname "$0")" && pwd)/.cache"
kernels="$cache/kernels"

# name, architecture, pattern of the package's name (the newest match is taken), files to keep as TARGET=PATTERN
wanted=(
    '6.1-cloud-amd64|amd64|^linux-image-6\.1\.[0-9.-]+-cloud-amd64-unsigned$|vmlinuz=boot/vmlinuz-* config=boot/config-*'
    '6.12-amd64|amd64|^linux-image-6\.12\.[0-9]+[^ ]*deb[0-9]+-amd64-unsigned$|vmlinuz=boot/vmlinuz-* config=boot/config-*'
    '6.1-686-pae|i386|^linux-image-6\.1\.[0-9.-]+-686-pae-unsigned$|vmlinuz=boot/vmlinuz-* config=boot/config-*'
    'grub-xen|amd64|^grub-xen-host$|grub-i386-xen.bin=usr/lib/grub-xen/grub-i386-xen.bin grub-x86_64-xen.bin=usr/lib/grub-xen/grub-x86_64-xen.bin grub-i386-xen_pvh.bin=usr/lib/grub-xen/grub-i386-xen_pvh.bin'
    'xen|amd64|^xen-hypervisor-4\.[0-9]+-amd64$|xen.gz=boot/xen-4*-amd64.gz'
)

# The first domain of a Xen system, from packages of one release: a kernel with its modules, Xen's tools with the libraries
# that they are linked with, and a shell.
dom0="$cache/xen-dom0"
pv32="$cache/xen-pv32"
dom0_kernel='^linux-image-6\.12\.[0-9]+[^ ]*deb[0-9]+-amd64-unsigned$'
dom0_modules=(xen-privcmd xen-evtchn xen-gntdev xen-gntalloc xenfs virtio_blk)
dom0_tools=(xl xenstored xenconsoled xen-init-dom0)
dom0_packages=(
    '^xen-utils-4\.[0-9]+$' '^libxenmisc4\.[0-9]+$' '^libxencall1$' '^libxenevtchn1$' '^libxenforeignmemory1$' '^libxengnttab1$'
    '^libxendevicemodel1$' '^libxenhypfs1$' '^libxenstore4$' '^libxentoolcore1$' '^libxentoollog1$' '^libyajl2$' '^libuuid1$'
    '^zlib1g$' '^liblzma5$' '^libzstd1$' '^libc6$' '^libgcc-s1$' '^busybox-static$'
)

missing() {
    echo "error: kernels.sh: $1" >&2
    exit 3
}

# The package lists of one architecture. They are kept apart from each other, because apt drops a whole source
# when the list of one of its architectures cannot be had.
declare -A listed=()
read_lists() {
    local architecture=$1 state="$cache/apt/$1"
    apt_options=(
        -q
        -o "APT::Architecture=$architecture"
        -o "APT::Architectures::=$architecture"
        -o "APT::Sandbox::User="
        -o "Dir::State=$state"
        -o "Dir::State::status=$state/status"
        -o "Dir::Cache=$state/cache"
        -o "Acquire::Languages=none"
        -o "Acquire::Retries=3"
    )
    [ -z "${listed[$architecture]:-}" ] || return 0
    command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || missing "apt-get and dpkg-deb are needed (a Debian system)"
    mkdir -p "$state/lists/partial" "$state/cache/archives/partial"
    : > "$state/status"
    echo "kernels.sh: reading the package lists for $architecture"
    # A mirror in the middle of an update serves some lists and not others: what came is enough if the packages are in it.
    apt-get "${apt_options[@]}" update >"$state/update.log" 2>&1 || echo "kernels.sh: some lists are missing, see $state/update.log"
    listed[$architecture]=yes
}

# Downloads the newest package that matches into a folder.
download() {
    local folder=$1 architecture=$2 pattern=$3 label=$4 package
    for package in $(apt-cache "${apt_options[@]}" pkgnames | grep -E "$pattern" | sort -Vr); do
        apt-cache "${apt_options[@]}" show "$package" >/dev/null 2>&1 || continue
        echo "kernels.sh: fetching $package ($architecture) as $label"
        # The newest package may be listed, but not served yet: then the one before it.
        (cd "$folder" && apt-get "${apt_options[@]}" download "$package" >"$work/log" 2>&1) && return
        echo "kernels.sh: not served: $(tail -n 1 "$work/log")"
    done
    missing "no package that matches $pattern can be had for $architecture"
}

fetch() {
    local name=$1 architecture=$2 pattern=$3 files=$4
    local target="$kernels/$name" work file found
    read_lists "$architecture"
    work=$(mktemp -d "$cache/fetch.XXXXXX")
    download "$work" "$architecture" "$pattern" "$name"
    mkdir "$work/tree" "$work/result"
    dpkg-deb --fsys-tarfile "$work"/*.deb | tar -C "$work/tree" -x --wildcards './boot/*' './usr/lib/grub-xen/*' 2>/dev/null || true
    for file in $files; do
        found=$(cd "$work/tree" && compgen -G "${file#*=}" | head -n 1) || true
        [ -n "$found" ] || missing "$(basename "$work"/*.deb) does not hold ${file#*=}"
        mv "$work/tree/$found" "$work/result/${file%%=*}"
    done
    basename "$work"/*.deb > "$work/result/PACKAGE"
    rm -rf "$target"
    mkdir -p "$kernels"
    mv "$work/result" "$target"
    rm -rf "$work"
}

fetch_dom0() {
    local work pattern file name found
    read_lists amd64
    work=$(mktemp -d "$cache/fetch.XXXXXX")
    mkdir -p "$work/debs" "$work/tree" "$work/result/bin" "$work/result/lib" "$work/result/modules"
    for pattern in "$dom0_kernel" "${dom0_packages[@]}"; do
        download "$work/debs" amd64 "$pattern" xen-dom0
    done
    for file in "$work/debs"/*.deb; do
        dpkg-deb --fsys-tarfile "$file" | tar -C "$work/tree" -x --keep-directory-symlink
    done

    cp "$work/tree"/boot/vmlinuz-* "$work/result/vmlinuz"
    for name in "${dom0_modules[@]}"; do
        found=$(find "$work/tree" -name "$name.ko.xz")
        [ -n "$found" ] || missing "the kernel of the first domain has no module $name"
        xz -dc "$found" > "$work/result/modules/$name.ko"
    done
    for name in "${dom0_tools[@]}"; do
        cp "$work/tree"/usr/lib/xen-4.*/bin/"$name" "$work/result/bin/"
    done
    cp "$work/tree/bin/busybox" "$work/result/bin/" || missing "busybox-static does not hold bin/busybox"

    # Libraries lie in /lib or in /usr/lib. Links are followed: each file is kept under the name that programs ask for alone.
    find "$work/tree" -path '*/x86_64-linux-gnu/*' -prune -name 'lib*.so.*' -exec cp -L {} "$work/result/lib/" \;
    find "$work/tree" -path '*/x86_64-linux-gnu/*' -prune -type l -name 'lib*.so.*' -printf '%l\n' | (cd "$work/result/lib" && xargs rm -f)
    cp -L "$(find "$work/tree" -name 'ld-linux-x86-64.so.2' | head -n 1)" "$work/result/lib/"
    (cd "$work/debs" && ls -1) > "$work/result/PACKAGES"
    rm -rf "$dom0"
    mv "$work/result" "$dom0"
    rm -rf "$work"
}

fetch_pv32() {
    local work version tool file
    for tool in gcc make flex bison python3; do
        command -v "$tool" >/dev/null || missing "$tool is needed to build Xen (in Debian: gcc make flex bison python3)"
    done
    read_lists amd64
    work=$(mktemp -d "$cache/fetch.XXXXXX")
    mkdir "$work/source" "$work/lists" "$work/result"

    # The same mirrors as for packages, asked for sources.
    for file in /etc/apt/sources.list /etc/apt/sources.list.d/*; do
        case $file in
            *.sources) sed 's/^Types:.*/Types: deb-src/' "$file" > "$work/lists/${file##*/}" ;;
            *.list) [ ! -e "$file" ] || sed -n 's/^deb /deb-src /p' "$file" > "$work/lists/${file##*/}" ;;
        esac
    done
    apt_options+=(-o "Dir::Etc::sourcelist=/dev/null" -o "Dir::Etc::sourceparts=$work/lists")
    apt-get "${apt_options[@]}" update >"$work/log" 2>&1 || echo "kernels.sh: some lists of sources are missing"
    for version in $(apt-cache "${apt_options[@]}" showsrc xen | sed -n 's/^Version: //p' | grep '^4\.' | sort -Vru); do
        echo "kernels.sh: fetching the source of xen $version"
        (cd "$work/source" && apt-get "${apt_options[@]}" source --download-only "xen=$version" >"$work/log" 2>&1) && break
        echo "kernels.sh: not served: $(tail -n 1 "$work/log")"
    done
    tar -C "$work/source" --strip-components=1 -xf "$work"/source/*.orig.tar.* || missing "no source of Xen can be had"
    printf '%s\n' CONFIG_PV32=y CONFIG_HVM=n CONFIG_LIVEPATCH=n CONFIG_TBOOT=n CONFIG_XENOPROF=n > "$work/source/xen/.config"
    echo "kernels.sh: building it with 32-bit PV guests"
    { make -C "$work/source/xen" XEN_TARGET_ARCH=x86_64 olddefconfig && make -C "$work/source/xen" -j"$(nproc)" build; } >"$work/log" 2>&1 \
        || missing "Xen cannot be built: $(grep -m 1 -i error "$work/log" || tail -n 1 "$work/log")"
    echo "$version" > "$work/result/VERSION"
    rm -rf "$pv32"
    mv "$work/source/xen/xen" "$work/result/xen" && mv "$work/result" "$pv32" || missing "Xen's build left no file xen"
    rm -rf "$work"
}

for entry in "${wanted[@]}"; do
    IFS='|' read -r name architecture pattern files <<< "$entry"
    [ -e "$kernels/$name/PACKAGE" ] || fetch "$name" "$architecture" "$pattern" "$files"
done
[ -e "$dom0/PACKAGES" ] || fetch_dom0

# Few tests need this one: they fail without it, and all others can run.
[ -e "$pv32/VERSION" ] || (fetch_pv32) || echo "kernels.sh: there is no Xen with 32-bit PV guests"

# Everything is there: the package lists and what a broken run left behind are of no more use.
rm -rf "$cache"/apt "$cache"/fetch.*
