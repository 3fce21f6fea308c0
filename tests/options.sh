#!/usr/bin/env bash
# Runs every command of the tool with each of its options, once with right input and once with wrong input, and holds it to what README.md
# says of exit codes: a wrong command line is 2, bad input 1, what this machine lacks 3, and each of them is one line on standard error and
# nothing on standard output. Commands and options are those that the tool itself names in its completion: one without a row here fails.
#   tests/options.sh [TOOL [COMMAND]]
# TOOL is artifacts/bin/BootProtocol.Cli/release/bootproto by default; with COMMAND, only rows of that are run. Needs what tests/kernels.sh
# fetches, and binutils.
# What could change this machine (kexec, Xen) is only tried where it cannot be done; rows that are left out are named.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
tool="${1:-$here/../artifacts/bin/BootProtocol.Cli/release/bootproto}"
tool="$(realpath "$tool")"
only="${2:-}"
kernels="$here/.cache/kernels"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cd "$work"
mkdir rows no-programs
export BOOTPROTO_PAGER=cat LC_ALL=C
jobs=$(($(nproc) * 2))
# Where programs are looked for: rows of QEMU find none, which is the same on every machine. The tool finds .NET by itself.
dotnet="$(command -v dotnet)" && export DOTNET_ROOT="${DOTNET_ROOT:-$(dirname "$(realpath "$dotnet")")}"
programs="$PATH"

# ---- commands and options, as the tool names them: 'xen start|--boot' ----

"$tool" completion bash > completion
awk '
    /^        \47.*\47\)$/ { path = $0; sub(/^ *\47 ?/, "", path); sub(/\47\)$/, "", path) }
    /compgen -W \47-/ { words = $0; sub(/.*-W \47/, "", words); sub(/\47.*/, "", words); n = split(words, options, " ")
                        for (i = 1; i <= n; i++) print path "|" options[i] }
' completion | sort -u > options
declare -A is_command=() is_right=() is_wrong=() help_row=()
while IFS='|' read -r path _; do is_command[":$path"]=1; done < options
[ "${#is_command[@]}" -ge 30 ] || { echo "error: the completion names ${#is_command[@]} commands" >&2; exit 1; }

# ---- rows ----

rows=0
# Notes what a row has of a command: all of its options where it is right, the last one where it is wrong.
cover() {
    local kind="$1" path='' word last=''
    shift
    while [ $# -gt 0 ] && [ -n "${is_command[":${path:+$path }$1"]:-}" ]; do
        path="${path:+$path }$1"
        shift
    done
    for word; do
        [ "$word" != -- ] || break
        [[ "$word" == -?* ]] || continue
        last="$path|${word%%=*}"
        [ "$kind" = wrong ] || is_right["$last"]=1
    done
    [ "$kind" != wrong ] || [ -z "$last" ] || is_wrong["$last"]=1
}

# Runs a row, beside others. CODES are exit codes, as in '0|3'; TEXT is part of the line on standard error, where there is one.
row() {
    local kind="$1"
    cover "$([ "$kind" = wrong ] || [ "$kind" = shown ] && echo wrong || echo right)" "${@:4}"
    [ -z "$only" ] || [ "$only" = "${4:-}" ] || return 0
    rows=$((rows + 1))
    run_row "$rows" "$@" &
    [ $((rows % jobs)) -ne 0 ] || wait
}
run_row() {
    local number="$1" kind="$2" codes="$3" text="$4" code=0 out="rows/$1.out" err="rows/$1.err"
    shift 4
    timeout 1200 env PATH="$programs" "$tool" "$@" < /dev/null > "$out" 2> "$err" || code=$?
    {
        [[ "|$codes|" == *"|$code|"* ]] || echo "exit code $code in place of $codes"
        if [ "$kind" = verdict ] || [ "$code" = 0 ] || [ "$code" = 33 ]; then
            [ ! -s "$err" ] || echo "standard error is not empty"
        else
            [ "$(wc -l < "$err")" -eq 1 ] && [ -z "$(tail -c 1 "$err" | tr -d '\n')" ] || echo "standard error is not one line"
            grep -qE '^error: .|^[^ ]+\([0-9]+,[0-9]+\): error BPS[0-9]{4}: .' "$err" || echo "the line is no error"
            grep -qF -e "$text" "$err" || echo "the line has no '$text'"
        fi
        case "$kind" in
            wrong) [ ! -s "$out" ] || echo "standard output is not empty" ;;
            shown | verdict) [ -s "$out" ] || echo "standard output is empty" ;;
        esac
    } > "rows/$number.faults"
    [ ! -s "rows/$number.faults" ] || {
        echo "bootproto $*"
        sed 's/^/    /' "rows/$number.faults"
        echo '    standard error:'
        head -c 2000 "$err" | sed 's/^/        /'
    } > "rows/$number.failed"
}
right() { row right 0 '' "$@"; }                    # it is done
verdict() { row verdict "$@"; }                     # CODE: what was asked for is answered, with no complaint; '' is the text
wrong() { row wrong "$@"; }                         # CODE TEXT: one line, and nothing else
shown() { row shown "$@"; }                         # CODE TEXT: one line, and what is intact
lacking() { row right 3 "$@"; }                     # TEXT: right, and this machine lacks something
maybe() { row right '33|3' /dev/kvm "$@"; }         # the sample guest on KVM, where that is there
left_out=0
leave_out() {                                       # REASON: right rows that could change this machine
    cover right "${@:2}"
    left_out=$((left_out + 1))
    echo "left out: bootproto ${*:2}: $1"
}

# ---- inputs ----

kernel="$kernels/6.12-amd64/vmlinuz"
signed="$kernels/bookworm-signed-amd64/vmlinuz"
cloud="$kernels/6.1-cloud-amd64/vmlinuz"
echo quiet | tee text | gzip > packed
head -c 1048576 /dev/zero > disk
head -c 12000000 "$kernel" > cut
printf 'name = "guest"\nkernel = "%s"\nmemory = 64\n' "$kernel" > guest.cfg
objcopy --add-section .cmdline=text --change-section-vma .cmdline=0x14df00000 --add-section .linux="$kernel" \
    --change-section-vma .linux=0x150000000 "$kernels/systemd-stub/linuxx64.efi.stub" uki.efi
# A list of signatures of EFI with one SHA-256 digest, and a certificate that has signed nothing.
{ printf '\x26\x16\xc4\xc1\x4c\x50\x92\x40\xac\xa9\x41\xf9\x36\x93\x43\x28\x4c\0\0\0\0\0\0\0\x30\0\0\0' && head -c 48 /dev/zero; } > dbx
cat > cert.pem <<'PEM'
-----BEGIN CERTIFICATE-----
MIIBeTCCAR+gAwIBAgIUc6IpIolRS2lv7w0jG1mAnTGO3ccwCgYIKoZIzj0EAwIw
ETEPMA0GA1UEAwwGTm9ib2R5MCAXDTI2MTEzMDAwNTQ0MFoYDzIxMjYxMTA2MDA1
NDQwWjARMQ8wDQYDVQQDDAZOb2JvZHkwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC
AATNOWtssufazQfaUUwHP1yE/WwTPz3MdyiVIDM62UtXRcWC5TAK2duJZR2Jqlb6
ypkMnTOVWKU49kP3mowjBQBUo1MwUTAdBgNVHQ4EFgQUh+wrI53wB08lcLNOHJZP
gn5TyEswHwYDVR0jBBgwFoAUh+wrI53wB08lcLNOHJZPgn5TyEswDwYDVR0TAQH/
BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiEAirFln86MvMUw7uhEOYn4i8Fv6mig
yRFwzyOt/NJ4faUCIF8P+oLFIW1ZgtMD1E3dXuaTpmTrrZSNX+0o7W6KcQce
-----END CERTIFICATE-----
PEM
cat > own.bootspec <<'SPEC'
protocol pots  little   | Pots of paint.
struct pot  word 32|64  | A pot.
  0  u32   kind         | What it is.
  .  word  price        | In cents.
SPEC
printf 'protocol pots little | Pots.\nstruct pot | A pot.\n  1 u32 kind | It starts too late.\n' > bad.bootspec
"$tool" build --sample --boot xen-pv --format raw -o domain > /dev/null
"$tool" build --sample --boot xen-pv --format xl -o guest.save > /dev/null
"$tool" extract "$cloud" -o cloud-vmlinux > /dev/null

# ---- what all commands have ----

for word in --version --help -h; do right $word; done
wrong 2 'Required command was not provided'
wrong 2 "did you mean 'inspect'?" inspekt
wrong 2 "Unrecognized option '--foo'" --foo
wrong 2 "see 'bootproto --help'" --color sometimes
wrong 2 "Must be one of: 'always' 'never' 'auto'" layout --color sometimes
for path in "${!is_command[@]}"; do
    path="${path#:}"
    right $path --no-pager --color=never -h --help
    # It says which options take a value, for the wrong rows at the end.
    help_row[":$path"]=$rows
    wrong 2 "see 'bootproto${path:+ $path} --help'" $path --color
done

# ---- images ----

right inspect --sample
right inspect "$kernel" --summary
right inspect --sample --section segments --json
right inspect "$kernel" --header
right inspect guest.save
wrong 1 'no-file: no such file' inspect no-file
wrong 1 'found a text, no kernel' inspect text
shown 1 '(truncated)' inspect cut
wrong 2 "Unrecognized option '--sumary'" inspect --sumary "$kernel"
wrong 2 "Unrecognized command or argument 'b'" inspect a b
wrong 2 "no section has the name 'segmnts'" inspect --sample --section segmnts
wrong 2 'exclude each other' inspect --sample --section pe --summary
wrong 2 '--header looks at no kernel' inspect --sample --section notes --header
wrong 2 'an image was given' inspect text --sample
right notes --sample
right notes "$kernel" --json
right notes uki.efi
shown 1 '(truncated)' notes cut
wrong 2 'an image was given' notes text --sample
right symbols "$kernel" --grep '^start_kernel$' --format map
right symbols "$kernel" --at 0xffffffff8333aa88 --json
right symbols "$kernel" --exports --grep '^kthread_bind$'
wrong 1 'built without KALLSYMS' symbols --sample
cover right symbols --sample                         # which has none, so that no run of it is right
wrong 2 'expected a regular expression' symbols --sample --grep '('
wrong 2 'expected an address' symbols --sample --at x
wrong 2 'Must be one of' symbols --sample --format xml
wrong 2 '--exports and --at exclude each other' symbols "$kernel" --at 1 --exports
right symbols "$kernel" --demangle --grep '^start_kernel$'
right repack uki.efi -o uki-1 --cmdline quiet --initramfs packed --section .osrel=text --remove-section .sbat
right repack "$signed" --output unsigned --strip-signature
right repack "$cloud" -o cloud-1 --vmlinux cloud-vmlinux
for word in --vmlinux --initramfs; do wrong 1 'no-file: no such file' repack uki.efi -o uki-2 $word no-file; done
wrong 2 "'.cmdline' is none" repack uki.efi -o uki-2 --section .cmdline
wrong 1 'there is no such folder' repack uki.efi --cmdline quiet -o no-folder/uki
wrong 1 'No space left on device' repack uki.efi --cmdline quiet --output /dev/full
wrong 2 "Option '--output' is required" repack uki.efi --cmdline quiet
wrong 1 'section .nothing: expected' repack uki.efi -o uki-2 --remove-section .nothing
wrong 2 'nothing is to be changed' repack uki.efi -o uki-2
wrong 1 'signature' repack "$signed" -o uki-2 --vmlinux text
right extract --sample -o part
right extract "$kernel" --what setup --output -
right extract uki.efi --what .cmdline -o command-line
right extract "$kernel" --symbols -o vmlinux
wrong 2 "Option '--output' is required" extract --sample
wrong 1 'there is no such folder' extract --sample -o no-folder/part
wrong 1 'No space left on device' extract --sample --output /dev/full
wrong 1 'it has no embedded configuration' extract --sample -o part --what config
wrong 2 '--what names another part' extract "$kernel" -o part --what setup --symbols
right diff "$kernel" "$signed" --json
right diff "$kernel" "$kernel" --exit-code
verdict 1 '' diff "$kernel" "$signed" --exit-code
shown 1 '(truncated)' diff "$kernel" cut
wrong 1 'no-file: no such file' diff "$kernel" no-file
right verify "$signed" --dbx dbx --bank sha1 --json
shown 1 'which no given certificate issued' verify "$signed" --cert cert.pem
cover right verify "$signed" --cert cert.pem          # a certificate as it has to be
wrong 1 'expected an X.509 certificate' verify "$signed" --cert text
wrong 1 'expected lists of signatures' verify "$signed" --dbx text
wrong 2 'expected one of sha1' verify "$signed" --bank md5
right verify domain -m 256M --first-mfn 0x100000
right verify guest.save
right verify domain --memory 256M
wrong 1 'nr-pages' verify domain -m 128M
wrong 2 'expected a size' verify domain --memory x
wrong 1 'domain' verify domain --first-mfn 5
right check --sample --cmdline quiet --for qemu --format sarif
right check --sample --json
right check --rules
verdict 1 '' check --sample --for uefi
verdict 1 '' check "$kernel" --initrd text
wrong 1 'no-file: no such file' check "$kernel" --initrd no-file
for word in '--for lilo' '--format xml'; do wrong 2 'Must be one of' check --sample $word; done
wrong 2 '--json and --format sarif exclude each other' check --sample --json --format sarif

# ---- structures ----

right layout
right layout setup_header --json
right layout start_info --c
right layout --spec own.bootspec
right layout --from "$kernel" work_struct
wrong 2 "did you mean 'setup_header'?" layout setup_heder
wrong 1 'BPS2016' layout --spec bad.bootspec
wrong 1 'no-file: no such file' layout work_struct --from no-file
wrong 2 '--json and --c exclude each other' layout setup_header --json --c
right dump "$kernel"
right dump domain --spec own.bootspec --struct pot --bits 32 --at 16 --json
right dump guest.save
right dump "$kernel" --struct setup_header --html page.html
wrong 1 'no-file: no such file' dump no-file
wrong 1 'BPS2016' dump domain --struct pot --spec bad.bootspec
wrong 2 'no structure has the name' dump domain --struct pot
wrong 2 '--at' dump domain --struct setup_header --at x
wrong 2 'Must be one of' dump domain --struct setup_header --bits 16
wrong 1 'there is no such folder' dump "$kernel" --html no-folder/page.html
right docs --spec own.bootspec -o own-reference
right docs --output reference
wrong 1 'text' docs -o text
wrong 1 'BPS2016' docs -o other-reference --spec bad.bootspec

# ---- guests ----

right build --sample --boot linux32 --bits 32 -m 128M --initrd text --cmdline quiet -o guest.elf --map guest.svg --format elf
right build uki.efi --profile 0 --memory 512 --json
right build --sample --kaslr random --seed 5 --rsdp 0xe0000 --loader-type 0x21 --setup-data dtb=text
right build --sample --kernel-at 0x1000000 --e820 0-0xa0000 --e820 0x100000-0x10000000
right build "$kernel" --decompress-in-guest --five-levels --output /dev/null
right build --sample --boot xen-pv --first-mfn 0x200 --with-boot-params --format xl --stream 2 -o second.save
wrong 2 'Must be one of' build --sample --boot efi
wrong 2 'Must be one of' build --sample --format iso
wrong 1 'No space left on device' build --sample --output /dev/full
wrong 1 'there is no such folder' build --sample -o no-folder/guest
wrong 1 'there is no such folder' build --sample --map no-folder/guest.svg
wrong 2 'only one file can be standard output' build --sample -o - --map -
wrong 2 '--stream is for --format xl' build --sample --stream 2
wrong 2 'an image was given' build text --sample
qemu=qemu-system-x86_64
# Those that build and run share: what is wrong is found before anything is started.
for command in build run; do
    wrong 2 'expected a size' $command --sample -m x
    wrong 1 "expected more than 1 MiB" $command --sample --memory 0
    wrong 1 'no-file: no such file' $command --sample --initrd no-file
    wrong 1 'it is no unified kernel image' $command --sample --profile 0
    wrong 2 '--kaslr' $command --sample --kaslr x
    wrong 2 "'abc' for option '--seed'" $command --sample --kaslr random --seed abc
    wrong 2 '--kernel-at' $command --sample --kernel-at x
    wrong 2 "--e820: expected START-END" $command --sample --e820 no-file
    wrong 2 '--rsdp' $command --sample --rsdp x
    wrong 2 '--loader-type' $command --sample --loader-type x
    wrong 1 'no-file: no such file' $command --sample --setup-data dtb=no-file
    wrong 2 '--five-levels' $command --sample --boot linux32 --five-levels
    wrong 2 '--decompress-in-guest' $command --sample --boot pvh --decompress-in-guest
    wrong 2 '--first-mfn' $command --sample --first-mfn x
    wrong 2 '--with-boot-params' $command --sample --boot pvh --with-boot-params
    wrong 2 'Must be one of' $command --sample --bits 16
done
programs="$work/no-programs"
lacking $qemu run --sample --accel tcg --boot linux32 --bits 32 -m 128M --initrd text --cmdline quiet --machine pc --timeout 5
lacking $qemu run uki.efi --accel tcg --profile 0 --memory 512
lacking $qemu run --sample --accel tcg --kaslr random --seed 5 --rsdp 0xe0000 --loader-type 0x21 --setup-data dtb=text
lacking $qemu run --sample --accel tcg --kernel-at 0x1000000 --e820 0-0xa0000 --e820 0x100000-0x10000000
lacking $qemu run "$kernel" --accel tcg --decompress-in-guest --five-levels
lacking $qemu run --sample --accel tcg --boot xen-pv --first-mfn 0x200 --with-boot-params
lacking $qemu run --sample -- -s
wait
programs="$PATH"
maybe run --sample --vmm --vcpus 2 --disk disk,ro --console virtio
wrong 2 'an image was given' run text --sample
wrong 2 'Must be one of' run --sample --boot efi
wrong 2 '--vcpus' run --sample --vmm --vcpus 0
wrong 2 "--disk: expected a path, found ',ro'" run --sample --vmm --disk ,ro
wrong '1|3' '' run --sample --vmm --disk text        # shorter than a sector; 3 where there is no KVM
wrong '1|3' '' run --sample --vmm --e820 0-0xd0000 --e820 0x100000-0x10000000
wrong 2 "expected serial or virtio" run --sample --vmm --console vga
wrong 2 '--timeout: expected a number of seconds' run --sample --timeout abc

# ---- this machine, Xen, editors and shells ----

right kexec status
right kexec status --json
for load in '--sample --initrd text --kaslr random --seed 5 --json' 'uki.efi --profile 0 --cmdline quiet --decompress-in-guest' \
    '--sample --reuse-cmdline --append quiet'; do
    if [ -r /proc/iomem ] && [ "$(id -u)" = 0 ] && [ "$(uname -m)" = x86_64 ]; then
        right kexec load $load --dry-run
    else
        leave_out 'only root can read the memory map' kexec load $load --dry-run
    fi
done
for kexec in 'unload' 'unload -p' 'unload --panic' 'exec' 'load --sample' "load $kernel --file" 'load --sample -p' 'load --sample --panic'; do
    if [ ! -e /sys/kernel/kexec_loaded ] || [ "$(id -u)" != 0 ]; then
        lacking '' kexec $kexec
    else
        leave_out 'this machine could do it' kexec $kexec
    fi
done
wrong 2 'Required command was not provided' kexec
wrong 2 '--append is for --reuse-cmdline' kexec load --sample --append a
wrong 2 'are two command lines' kexec load --sample --cmdline a --reuse-cmdline
wrong 2 '--kaslr' kexec load --sample --kaslr x
wrong 2 'with --file' kexec load --sample --file
wrong 2 'with --file' kexec load text --file --dry-run
wrong 2 '--json is for --dry-run' kexec load --sample --json
for xen in 'list' 'list --json' 'console 1' 'console 1 --destroy-on-exit' 'inspect 1' 'inspect 1 --json' \
    'pause 1' 'unpause 1' 'shutdown 1' 'reboot 1' 'destroy 1' \
    'start --sample --boot pvh --bits 64 -m 64 --cmdline quiet --initrd text --vcpus 2 --name guest --nic bridge=xenbr0 --disk disk,ro' \
    'start uki.efi --profile 0 --memory 64 --maxmem 128 --with-boot-params --on-reboot restart --console --paused --destroy-on-exit' \
    'start --file guest.cfg' 'start -f guest.cfg'; do
    if [ ! -e /dev/xen/privcmd ]; then
        lacking /dev/xen/privcmd xen $xen
    else
        leave_out 'this machine has a Xen' xen $xen
    fi
done
wrong 2 'Required command was not provided' xen
for command in console inspect pause unpause shutdown reboot destroy; do
    wrong 2 "'abc'" xen $command abc
    wrong 2 "Required argument 'ID' missing" xen $command
done
wrong 2 'Must be one of' xen start --sample --boot linux64
wrong 2 'expected a size' xen start --sample -m x
wrong 2 'expected a size' xen start --sample --memory x
wrong 2 'expected a size' xen start --sample --maxmem x
wrong 2 'Must be one of' xen start --sample --bits 16
wrong 1 'no-file: no such file' xen start -f no-file
wrong 1 'text' xen start --file text
wrong 2 '--vcpus' xen start --sample --vcpus 0
wrong 2 'only one file can be standard input' xen start -f - --initrd -
wrong 2 '--nic' xen start --sample --nic bridge=
wrong 2 '--disk' xen start --sample --disk ''
wrong 2 'Must be one of' xen start --sample --on-reboot twice
wrong 1 'without the message' language-server
for shell in bash fish zsh; do right completion $shell; done
wrong 2 'Must be one of' completion csh
right man

# ---- an option without a wrong row: a value that it does not take, or none where it takes one ----

wait
missing=0
while IFS='|' read -r path option; do
    if [ -z "${is_right["$path|$option"]:-}" ]; then
        echo "no row has 'bootproto${path:+ $path} $option' with right input"
        missing=$((missing + 1))
    fi
    case "$path|$option" in
        *'|-h' | *'|--help' | *'|--version') continue ;;
    esac
    [ -z "${is_wrong["$path|$option"]:-}" ] || continue
    [ -z "$only" ] || [ "$only" = "${path%% *}" ] || continue
    if grep -qE "^  (-., )?$option,? [^ ]*<" "rows/${help_row[":$path"]}.out"; then
        wrong 2 "'$option'" $path "$option"
    else
        wrong 2 "$option: expected no value, found 'maybe'" $path "$option=maybe"
    fi
done < options
wait

failed="$(find rows -name '*.failed' | wc -l)"
[ "$failed" -eq 0 ] || cat rows/*.failed
echo "$rows rows of ${#is_command[@]} commands with $(wc -l < options) options, $left_out left out: $failed failed, $missing options without a row"
[ "$failed" -eq 0 ] && [ "$missing" -eq 0 ]
