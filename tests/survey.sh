#!/usr/bin/env bash
# Looks at every kernel, boot loader, hypervisor and piece of firmware in the packages of tests/survey/packages.txt, starts what can be
# started, and writes a table in Markdown.
#   tests/survey.sh TOOL > docs/survey.md   TOOL is the bootproto to use
#   tests/survey.sh fetch                   fetches only, into tests/.cache/survey/
# What was fetched is not fetched again, and what one TOOL came to with a file is kept: `rm -r tests/.cache/survey/results` forgets that.
# SURVEY_TIMEOUT is what a start may take, in seconds, 120 unless it is set. Needs root, for a device in the ramdisk, apt, dpkg and cpio, and for
# starts QEMU.
# Exit codes: 0 the table is written; 3 something on this machine is missing.
set -euo pipefail

here="$(cd "$(dirname "$0")" && pwd)"
cache="$here/.cache"
survey="$cache/survey"
tool=${1:?which bootproto, or fetch}
timeout=${SURVEY_TIMEOUT:-120}
. "$here/kernels/packages.sh"

# The names of files that are looked at, as tar takes them, and of those that are not.
names=(
    './boot/*' '*/vmlinuz' '*/linux' '*.efi' '*.efi.signed' '*.efi.stub' '*.lkrn' '*/kernel.img' '*/lnxboot.img' '*/memdisk' '*/hvmloader' '*/xen-shim'
    '*/grub-xen/*.bin' '*.elf' '*/examples/kernel' '*/loadlin.exe.gz' '*/qemu/*boot*.bin' '*/qemu/pvh.bin' '*/qboot.rom' '*/u-boot.bin' '*/u-boot.rom'
    '*/seabios/bios.bin' '*/ovmf/OVMF.fd' '*/mboot.c32' '*/grub-rescue-*.iso'
)
not='/(config|System\.map)-|\.(cfg|config|h|txt|mod)$|/tboot-syms$|/doc/|/dtb'

# The files of all packages, as SHA-256/NAME under files/, with the packages that hold them in the list `found`: hash, package, path.
fetch_all() {
    local suite architecture pattern package unserved
    mkdir -p "$survey/packages" "$survey/files"
    while read -r suite architecture pattern; do
        case $suite in '' | '#'*) continue ;; esac
        [ ! -e "$survey/packages/$suite-$architecture-$(sha256sum <<< "$pattern" | cut -c1-16)" ] || continue
        read_lists "$suite" "$architecture" >&2
        # The newest of those whose names differ only in numbers.
        apt-cache "${apt_options[@]}" pkgnames | grep -xE "$pattern" | sort -Vr \
            | awk '{ key = $0; gsub(/[0-9]+/, "#", key); if (!seen[key]++) print }' > "$survey/wanted"
        unserved=
        while read -r package; do
            fetch_package "$suite" "$architecture" "$package" < /dev/null
        done < "$survey/wanted"
        # What was not served is asked for again the next time.
        [ -n "$unserved" ] || touch "$survey/packages/$suite-$architecture-$(sha256sum <<< "$pattern" | cut -c1-16)"
    done < "$here/survey/packages.txt"
    rm -rf "$cache"/apt "$survey/wanted"
}

fetch_package() {
    local suite=$1 architecture=$2 package=$3 work file hash deb
    work=$(mktemp -d "$cache/fetch.XXXXXX")
    echo "survey.sh: fetching $package ($architecture)" >&2
    if ! (cd "$work" && apt-get "${apt_options[@]}" download "$package" > log 2>&1); then
        echo "survey.sh: not served: $(tail -n 1 "$work/log")" >&2
        unserved=yes
        rm -rf "$work"
        return
    fi
    deb=$(basename "$work"/*.deb .deb | sed 's/%3a/:/')
    mkdir "$work/tree"
    dpkg-deb --fsys-tarfile "$work"/*.deb | tar -C "$work/tree" -x --wildcards "${names[@]}" 2>/dev/null || true
    while IFS= read -r file; do
        hash=$(sha256sum "$work/tree/$file" | cut -c1-64)
        mkdir -p "$survey/files/$hash"
        [ -n "$(ls "$survey/files/$hash")" ] || cp "$work/tree/$file" "$survey/files/$hash/"
        echo "$hash $deb $file" >> "$survey/found"
    done < <(cd "$work/tree" && find . -type f -size +0 -printf '%P\n' | grep -vE "$not" | sort)
    rm -rf "$work"
}

# A ramdisk that says that it runs and switches the machine off. A 32-bit busybox runs on the kernels of both sizes.
make_initrd() {
    local work
    [ ! -e "$survey/initrd" ] || return 0
    work=$(mktemp -d "$cache/fetch.XXXXXX")
    read_lists own i386 >&2
    download "$work" own i386 '^busybox-static$' 'a ramdisk for the survey' >&2
    dpkg-deb -x "$work"/*.deb "$work/tree"
    mkdir -p "$work/root/bin" "$work/root/dev" "$work/root/proc"
    cp "$work/tree/bin/busybox" "$work/root/bin/"
    printf '%s\n' '#!/bin/busybox sh' '/bin/busybox mount -t proc proc /proc' '/bin/busybox mount -t devtmpfs dev /dev' \
        'echo "survey: $(/bin/busybox uname -rm) is up" > /dev/ttyS0' '/bin/busybox poweroff -f' > "$work/root/init"
    chmod +x "$work/root/init"
    mknod "$work/root/dev/console" c 5 1
    (cd "$work/root" && find . | cpio -o -H newc --quiet) > "$survey/initrd.new"
    mv "$survey/initrd.new" "$survey/initrd"
    rm -rf "$work"
}

# What the tool says of one file, in the files inspect, errors and one boot.WAY for each way to start it.
look_at() {
    local file=$1 result=$2 way status ways line
    rm -rf "$result.new"
    mkdir -p "$result.new"
    status=0
    "$tool" inspect --summary "$file" > "$result.new/inspect" 2> "$result.new/errors" || status=$?
    echo "$status" > "$result.new/status"
    ways=$(sed -n 's/^  boots by *//p' "$result.new/inspect" | tr -d ',')
    case $ways in none*) ways= ;; esac
    for way in $ways; do
        # A hypervisor's guest needs its hypervisor: those are started by the tests.
        [ "$way" != xen-pv ] || continue
        status=0
        timeout --kill-after=10 "$((timeout + 30))" "$tool" run --boot "$way" --timeout "$timeout" --memory 1G --initrd "$survey/initrd" \
            --cmdline 'console=ttyS0 com1=115200 console=com1 panic=-1 nokaslr' "$file" < /dev/null > "$result.new/boot.$way" 2>&1 || status=$?
        echo "exit code $status" >> "$result.new/boot.$way"
    done
    rm -rf "$result"
    mv "$result.new" "$result"
}

# A cell of a table: one line, without what would end the cell or the page.
cell() {
    tr -d '\r' | sed 's/\x1b\[[0-9;?]*[A-Za-z]//g; s/[^[:print:]]//g; s/|/\\|/g; s/</\&lt;/g' | head -n 1
}

# What became of one start, in a few words. The tool's own lines, and QEMU's at its end, are not the guest's.
outcome() {
    local log=$1 written
    written=$(sed 's/\x1b\[[0-9;?]*[A-Za-z]//g; s/\x1b[()][A-Z0-9]//g' "$log" | tr '\r' '\n' \
        | grep -aviE '^(error|note|exit code|qemu-system[^:]*|bootproto)[: ]' | grep -a '[[:alnum:]]' | cell | cut -c1-60)
    if grep -aq 'survey: .* is up' "$log"; then
        echo 'user space'
    elif [ -n "$written" ]; then
        echo "writes \`$written\`"
    elif grep -qx 'exit code 124' "$log"; then
        echo "nothing on its serial port in $timeout s"
    elif grep -aq '^error: ' "$log"; then
        grep -a '^error: ' "$log" | cell | sed 's/^error: //'
    elif grep -aq '^note: ' "$log"; then
        grep -a '^note: ' "$log" | cell | sed 's/^note: //'
    else
        echo 'nothing on its serial port'
    fi
}

# The rows of the table, in the order of the packages; a file that is in several packages has one row.
write_table() {
    local hash package path result kind way text ways others started
    cat <<'END'
# A survey of images

What `bootproto inspect` says of every kernel, boot loader, hypervisor and piece of firmware in the packages of three releases of Debian
(`tests/survey/packages.txt`), each file once, and what became of those that can be started in QEMU, with a ramdisk whose `/init` writes a line
("user space") and 1 GiB of memory. `tests/survey.sh TOOL > docs/survey.md` makes this page. What starts by `xen-pv` alone needs a Xen, on which
the tests start it.

END
    echo '| package | file | what it is | starts by | else by | what became of it |'
    echo '| --- | --- | --- | --- | --- | --- |'
    while read -r hash package path; do
        result="$survey/results/$hash"
        kind=$(sed -n 's/^  kind *//p' "$result/inspect" | cell)
        text=$(sed -n 's/^  kernel version *//p' "$result/inspect" | cell | cut -d' ' -f1)
        [ -z "$text" ] || kind="$kind, $text"
        ways=$(sed -n 's/^  boots by *//p' "$result/inspect" | cell)
        others=$(sed -n 's/^  else by *//p' "$result/inspect" | cell)
        started=
        for way in linux64 linux32 pvh; do
            [ ! -e "$result/boot.$way" ] || started="$started${started:+; }$way: $(outcome "$result/boot.$way")"
        done
        if [ -s "$result/errors" ]; then
            started=$(cell < "$result/errors" | sed 's/^error: [^:]*: //')
        elif [ "$ways" = xen-pv ]; then
            started='needs a Xen'
        elif [ "$ways" = 'none of these ways' ]; then
            ways=none
            started=$(sed -n 's/^  not by linux64 *//p' "$result/inspect" | cell)
        fi
        echo "| ${package%_*} | $path | $kind | $ways | $others | $started |"
    done < <(awk '!seen[$1]++' "$survey/found")
}

fetch_all
[ "$tool" != fetch ] || exit 0
make_initrd
mkdir -p "$survey/results"
for hash in $(awk '!seen[$1]++ { print $1 }' "$survey/found"); do
    [ -e "$survey/results/$hash" ] || look_at "$survey/files/$hash"/* "$survey/results/$hash"
done
write_table
