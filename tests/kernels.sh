#!/usr/bin/env bash
# Fetches the kernels that the tests read, from Debian's packages, into tests/.cache/kernels/NAME/.
# Does nothing for those that are there. Needs apt and dpkg, but no root: package lists are kept in tests/.cache too.
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

fetch() {
    local name=$1 architecture=$2 pattern=$3 files=$4
    local target="$kernels/$name" work package file found
    read_lists "$architecture"
    work=$(mktemp -d "$cache/fetch.XXXXXX")
    for package in $(apt-cache "${apt_options[@]}" pkgnames | grep -E "$pattern" | sort -Vr); do
        apt-cache "${apt_options[@]}" show "$package" >/dev/null 2>&1 || continue
        echo "kernels.sh: fetching $package ($architecture) as $name"
        # The newest package may be listed, but not served yet: then the one before it.
        (cd "$work" && apt-get "${apt_options[@]}" download "$package" >"$work/log" 2>&1) && break
        echo "kernels.sh: not served: $(tail -n 1 "$work/log")"
    done
    compgen -G "$work/*.deb" >/dev/null || missing "no package that matches $pattern can be had for $architecture"
    mkdir "$work/tree" "$work/result"
    dpkg-deb --fsys-tarfile "$work"/*.deb | tar -C "$work/tree" -x --wildcards './boot/*' './usr/lib/grub-xen/*' 2>/dev/null || true
    for file in $files; do
        found=$(cd "$work/tree" && compgen -G "${file#*=}" | head -n 1) || true
        [ -n "$found" ] || missing "$package does not hold ${file#*=}"
        mv "$work/tree/$found" "$work/result/${file%%=*}"
    done
    basename "$work"/*.deb > "$work/result/PACKAGE"
    rm -rf "$target"
    mkdir -p "$kernels"
    mv "$work/result" "$target"
    rm -rf "$work"
}

for entry in "${wanted[@]}"; do
    IFS='|' read -r name architecture pattern files <<< "$entry"
    [ -e "$kernels/$name/PACKAGE" ] || fetch "$name" "$architecture" "$pattern" "$files"
done

# Everything is there: the package lists and what a broken run left behind are of no more use.
rm -rf "$cache"/apt "$cache"/fetch.*
