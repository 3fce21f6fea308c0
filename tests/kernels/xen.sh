# Sourced by kernels.sh: what a first domain for Xen is made of, and a Xen that runs 32-bit PV guests.

# The first domain of a Xen system, from packages of one release: a kernel with its modules, Xen's tools with the libraries
# that they are linked with, and a shell. Another Xen's tools, with the libraries of its release, run on the same kernel.
dom0="$cache/xen-dom0"
dom0_new="$cache/xen-dom0-4.20"
pv32="$cache/xen-pv32"
dom0_kernel='^linux-image-6\.12\.[0-9]+[^ ]*deb[0-9]+-amd64-unsigned$'
dom0_modules=(
    xen-privcmd xen-evtchn xen-gntdev xen-gntalloc xenfs virtio_blk xen-blkback loop xen-netback llc stp bridge xen-blkfront xen-netfront
)
dom0_tools=(xl libxl-save-helper xenstored xenconsoled xen-init-dom0)
dom0_packages=(
    '^libxencall1$' '^libxenevtchn1$' '^libxenforeignmemory1$' '^libxengnttab1$' '^libxendevicemodel1$' '^libxenhypfs1$' '^libxenstore4$'
    '^libxentoolcore1$' '^libxentoollog1$' '^libyajl2$' '^libuuid1$' '^zlib1g$' '^liblzma5$' '^libzstd1$' '^libc6$' '^libgcc-s1$'
)
xenstore_tools='^xenstore-utils$'

# What tools of one release are linked with, beside the above.
dom0_new_packages=('^libjson-c5$' '^libbz2-1\.0$' '^liblzo2-2$' '^libnl-3-200$' '^libnl-route-3-200$' '^libfdt1$')

# Downloads and unpacks packages of a suite into $work/tree.
unpack() {
    local suite=$1 label=$2 pattern file
    shift 2
    mkdir -p "$work/debs" "$work/tree"
    for pattern in "$@"; do
        download "$work/debs" "$suite" amd64 "$pattern" "$label"
    done
    for file in "$work/debs"/*.deb; do
        dpkg-deb --fsys-tarfile "$file" | tar -C "$work/tree" -x --keep-directory-symlink
    done
}

# Takes Xen's tools and their libraries of $work/tree into $work/result, and puts it where it belongs.
keep_tools() {
    local target=$1 name
    mkdir -p "$work/result/bin" "$work/result/lib"
    for name in "${dom0_tools[@]}"; do
        cp "$work/tree"/usr/lib/xen-4.*/bin/"$name" "$work/result/bin/"
    done
    cp "$work/tree/usr/bin/xenstore" "$work/result/bin/xenstore"

    # Libraries lie in /lib or in /usr/lib. Links are followed: each file is kept under the name that programs ask for alone.
    find "$work/tree" -path '*/x86_64-linux-gnu/*' -prune -name 'lib*.so.*' -exec cp -L {} "$work/result/lib/" \;
    find "$work/tree" -path '*/x86_64-linux-gnu/*' -prune -type l -name 'lib*.so.*' -printf '%l\n' | (cd "$work/result/lib" && xargs rm -f)
    cp -L "$(find "$work/tree" -name 'ld-linux-x86-64.so.2' | head -n 1)" "$work/result/lib/"
    (cd "$work/debs" && ls -1) > "$work/result/PACKAGES"
    rm -rf "$target"
    mv "$work/result" "$target"
    rm -rf "$work"
}

has_dom0() {
    local name
    [ -e "$dom0/PACKAGES" ] && [ -e "$dom0/bin/libxl-save-helper" ] && [ -e "$dom0/bin/xenstore" ] || return 1
    for name in "${dom0_modules[@]}"; do
        [ -e "$dom0/modules/$name.ko" ] || return 1
    done
}

fetch_dom0() {
    local work name found
    read_lists own amd64
    work=$(mktemp -d "$cache/fetch.XXXXXX")
    unpack own xen-dom0 "$dom0_kernel" '^xen-utils-4\.[0-9]+$' '^libxenmisc4\.[0-9]+$' "$xenstore_tools" "${dom0_packages[@]}" '^busybox-static$'
    mkdir -p "$work/result/bin" "$work/result/modules"
    cp "$work/tree"/boot/vmlinuz-* "$work/result/vmlinuz"
    for name in "${dom0_modules[@]}"; do
        found=$(find "$work/tree" -name "$name.ko.xz")
        [ -n "$found" ] || missing "the kernel of the first domain has no module $name"
        xz -dc "$found" > "$work/result/modules/$name.ko"
    done
    cp "$work/tree/bin/busybox" "$work/result/bin/" || missing "busybox-static does not hold bin/busybox"
    keep_tools "$dom0"
}

# The tools of Debian 13's Xen, for the same kernel.
fetch_dom0_new() {
    local work
    read_lists trixie amd64
    work=$(mktemp -d "$cache/fetch.XXXXXX")
    unpack trixie xen-dom0-4.20 '^xen-utils-4\.20$' '^libxenmisc4\.20$' "$xenstore_tools" "${dom0_packages[@]}" "${dom0_new_packages[@]}"
    keep_tools "$dom0_new"
}

# A Xen for PV guests in QEMU, without all that these need not.
pv32_config=(
    CONFIG_EXPERT=y CONFIG_PV32=y CONFIG_NR_CPUS=4 CONFIG_HVM=n CONFIG_LIVEPATCH=n CONFIG_TBOOT=n CONFIG_XENOPROF=n CONFIG_SHADOW_PAGING=n
    CONFIG_PV_LINEAR_PT=n CONFIG_XEN_SHSTK=n CONFIG_XEN_IBT=n CONFIG_HYPFS=n CONFIG_KEXEC=n CONFIG_SCHED_CREDIT=n CONFIG_TRACEBUFFER=n
    CONFIG_GDBSX=n CONFIG_DEBUG_INFO=n CONFIG_FRAME_POINTER=n CONFIG_INDIRECT_THUNK=n CONFIG_RETURN_THUNK=n
    CONFIG_SPECULATIVE_HARDEN_ARRAY=n CONFIG_SPECULATIVE_HARDEN_BRANCH=n CONFIG_SPECULATIVE_HARDEN_GUEST_ACCESS=n
    CONFIG_SPECULATIVE_HARDEN_LOCK=n
)

fetch_pv32() {
    local work version tool file
    for tool in gcc make flex bison python3; do
        command -v "$tool" >/dev/null || missing "$tool is needed to build Xen (in Debian: gcc make flex bison python3)"
    done
    read_lists own amd64
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
    printf '%s\n' "${pv32_config[@]}" > "$work/source/xen/.config"

    # What takes most of the build's time and changes nothing of what it makes: a process for each sum of two numbers, and the check of
    # every public header in three languages. Code that is optimised less is as good for a few guests.
    sed -i -E 's/\$\(expr ([^()]*)\)/$((\1))/' "$work/source/xen/tools/get-fields.sh"
    sed -i '/^all:.*headers.*chk/d' "$work/source/xen/include/Makefile"
    sed -i 's/^CFLAGS += -O2$/CFLAGS += -O1/' "$work/source/xen/Makefile"
    echo "kernels.sh: building it with 32-bit PV guests"
    { make -C "$work/source/xen" XEN_TARGET_ARCH=x86_64 olddefconfig && make -C "$work/source/xen" -s -j"$(nproc)" build; } >"$work/log" 2>&1 \
        || missing "Xen cannot be built: $(grep -m 1 -i error "$work/log" || tail -n 1 "$work/log")"
    echo "$version" > "$work/result/VERSION"
    rm -rf "$pv32"
    mv "$work/source/xen/xen" "$work/result/xen" && mv "$work/result" "$pv32" || missing "Xen's build left no file xen"
    rm -rf "$work"
}
