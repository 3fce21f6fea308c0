# Sourced by kernels.sh: images and headers out of packages.

# The files of one package, as TARGET=PATTERN, into tests/.cache/kernels/NAME/; packed by xz, they are unpacked unless TARGET is so, too.
fetch() {
    local name=$1 suite=$2 architecture=$3 pattern=$4 files=$5
    local target="$kernels/$name" work file found inside
    work=$(mktemp -d "$cache/fetch.XXXXXX")
    download "$work" "$suite" "$architecture" "$pattern" "$name"
    mkdir "$work/tree" "$work/result"
    read -ra inside < <(sed -E 's/(^| )[^ =]*=/ .\//g' <<< "$files")
    # The archive is read no further than to the last of them.
    dpkg-deb --fsys-tarfile "$work"/*.deb 2>/dev/null \
        | tar -C "$work/tree" -x --wildcards --no-wildcards-match-slash --occurrence=1 "${inside[@]}" 2>/dev/null || true
    for file in $files; do
        found=$(cd "$work/tree" && compgen -G "${file#*=}" | head -n 1) || true
        [ -n "$found" ] || missing "$(basename "$work"/*.deb) does not hold ${file#*=}"
        case $found-${file%%=*} in
            *.xz-*.xz) mv "$work/tree/$found" "$work/result/${file%%=*}" ;;
            *.xz-*) xz -dc "$work/tree/$found" > "$work/result/${file%%=*}" ;;
            *) mv "$work/tree/$found" "$work/result/${file%%=*}" ;;
        esac
    done
    basename "$work"/*.deb > "$work/result/PACKAGE"
    rm -rf "$target"
    mkdir -p "$kernels"
    mv "$work/result" "$target"
    rm -rf "$work"
}

# systemd's own program for what a TPM measures of a unified kernel image, which this release's lacks parts of, with all libraries that it
# loads, down to the C library: systemd-measure and lib/ in tests/.cache/kernels/systemd-measure/.
fetch_measure() {
    local target="$kernels/systemd-measure" work package
    local libraries=(libsystemd-shared libc6 libssl3t64 libmount1 libcap2 libselinux1 libpcre2-8-0 libblkid1 libzstd1 zlib1g libcrypt1)
    libraries+=(libseccomp2 libacl1 libpam0g libaudit1 libcap-ng0)
    read_lists trixie amd64
    work=$(mktemp -d "$cache/fetch.XXXXXX")
    mkdir -p "$work/debs" "$work/tree" "$work/result/lib"
    for package in systemd "${libraries[@]}"; do
        download "$work/debs" trixie amd64 "^$package\$" "systemd-measure: $package"
        dpkg-deb -x "$work/debs/$package"_*.deb "$work/tree"
    done
    mv "$work/tree/usr/lib/systemd/systemd-measure" "$work/result/" || missing "systemd of trixie holds no systemd-measure"
    find "$work/tree" -path '*/x86_64-linux-gnu/*' -name '*.so*' -not -path '*/x86_64-linux-gnu/*/*' -exec cp -L -t "$work/result/lib" {} +
    cp "$work"/tree/usr/lib/x86_64-linux-gnu/systemd/libsystemd-shared-*.so "$work/result/lib/"
    (cd "$work/debs" && ls -1 systemd_*) > "$work/result/PACKAGE"
    rm -rf "$target"
    mv "$work/result" "$target"
    rm -rf "$work"
}

# The C headers of one suite, into tests/.cache/headers/NAME/: all of Linux's and Xen's, and elf.h of the C library's.
fetch_headers() {
    local name=$1 suite=$2
    local target="$headers/$name" work package
    work=$(mktemp -d "$cache/fetch.XXXXXX")
    mkdir "$work/debs" "$work/tree" "$work/result"
    for package in linux-libc-dev libxen-dev libc6-dev; do
        download "$work/debs" "$suite" amd64 "^$package\$" "headers of $name"
        dpkg-deb -x "$work/debs/$package"_*.deb "$work/tree"
    done
    cp -rL --parents -t "$work/result" "$work"/tree/usr/include/{asm-generic,linux,xen,x86_64-linux-gnu/asm} 2>/dev/null || true
    mv "$work/result$work/tree/usr" "$work/result/usr" || missing "the packages of headers hold no /usr/include"
    cp "$work"/tree/usr/include/{elf.h,xen*.h} "$work/result/usr/include/" || missing "the packages of headers hold no elf.h or xenctrl.h"
    (cd "$work/debs" && ls -1) > "$work/result/usr/PACKAGES"
    rm -rf "$target"
    mkdir -p "$headers"
    mv "$work/result/usr" "$target"
    rm -rf "$work"
}

# Runs a command for a part that tests can do without. Where it fails, the part's place has its name and `.missing`, and in
# it the reason, with which those tests are skipped.
attempt() {
    local place=$1 status
    shift
    optional="$place.missing"
    mkdir -p "$(dirname "$place")"
    rm -f "$optional"
    set +e
    (set -e; "$@")
    status=$?
    set -e
    if [ $status -ne 0 ]; then
        [ -s "$optional" ] || echo "$1 ended with $status" > "$optional"
        echo "kernels.sh: without ${place##*/}: $(cat "$optional")"
    fi
    optional=
}
