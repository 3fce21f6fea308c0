#!/usr/bin/env bash
# Installs what the tests need (Debian packages, where this is root) and runs all tests.
#   tests/run.sh          everything
#   tests/run.sh NAME...  the named test projects only, such as Layout.Tests; what follows -- is for the test programs
#   tests/run.sh fast     what needs nothing but the build: no package, no kernel, no network. In under a minute where nothing is to be
#                         built; the build goes to artifacts/fast and leaves the analyzers out.
# Tests state what they need beside the build by the attribute [Needs], the trait needs: time, tools, kernels, qemu or xen. Each includes
# those before it, and fast leaves them all out. A test program takes the trait, too: -trait- needs=xen runs all that needs no Xen.
# What tests/kernels.sh could not have skips the tests that need it, with the reason. Anything else that is missing skips them, too, but fails
# them where the environment has CI=true.
set -euo pipefail
cd "$(dirname "$0")/.."
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
# The compiler, the tool and the tests run for seconds: to measure their methods, in order to compile them better, costs more than it gives.
export DOTNET_TieredPGO=0
configuration=Release

# Runs a function in the background, in a process group of its own, so that it can be ended with all that it started.
background=()
start() {
    set -m
    "$1" </dev/null >"artifacts/$1.log" 2>&1 &
    set +m
    background+=($!)
}
end_background() {
    local leader
    for leader in "${background[@]}"; do
        kill -- "-$leader" 2>/dev/null || true
    done
}
trap end_background EXIT

# One compiler for all builds, the tests' too, which ends with this script: it starts once, and the analyzers are made ready to run once. Without
# it, builds start another one or, where the environment says UseSharedCompilation=false, one for each project.
compiler() {
    local version sdk
    version=$(dotnet --version)
    sdk=$(dotnet --list-sdks | sed -n "s/^$version \[\(.*\)\]$/\1\/$version/p")
    exec dotnet exec "$sdk/Roslyn/bincore/VBCSCompiler.dll" "-pipename:$SharedCompilationId"
}
export UseSharedCompilation=true SharedCompilationId="bootproto-tests-$$"
mkdir -p artifacts
start compiler

# Runs a test program with the arguments in arguments; what it prints is kept, too, and its exit code.
run_test() {
    local bin="$1" project="$2" status=0
    mkdir -p artifacts/results
    echo "== $project"
    "$bin/$project/${configuration,,}/$project" -noColor "${arguments[@]}" 2>&1 | tee "artifacts/results/$project.log" || status=$?
    echo "$status" > "artifacts/results/$project.status"
}

# Adds what test programs came to to passed and failed.
count_tests() {
    local project log status summary total errors bad
    for project in "$@"; do
        counted+=("$project")
        log="artifacts/results/$project.log"
        status=$(cat "artifacts/results/$project.status")
        summary=$(grep -oE 'Total: [0-9]+, Errors: [0-9]+, Failed: [0-9]+' "$log" | tail -n 1) || true
        if [ -z "$summary" ]; then
            echo "error: $project ended without a summary" >&2
            failed=$((failed + 1))
            continue
        fi
        read -r total errors bad < <(grep -oE '[0-9]+' <<< "$summary" | tr '\n' ' '; echo)
        # A run that failed without a failed test has failed all the same.
        [ "$status" -eq 0 ] || [ $((errors + bad)) -gt 0 ] || errors=1
        passed=$((passed + total - bad))
        failed=$((failed + bad + errors))
    done
}

run_tests() {
    local bin="$1" project
    shift
    for project in "$@"; do
        run_test "$bin" "$project"
        count_tests "$project"
    done
}
passed=0
failed=0
counted=()

# What failed, once more: a log that is cut keeps its end. Gives the code of the run.
finish() {
    local project
    for project in "${counted[@]}"; do
        awk '/^    [^ ].*\[FAIL\]$/ { shown = 1; print; next } /^ ? ? ? ?[^ ]/ { shown = 0 } shown' "artifacts/results/$project.log"
    done
    echo "$passed passed, $failed failed"
    [ "$failed" -eq 0 ]
}

if [ "${1:-}" = fast ]; then
    echo "== building"
    dotnet build tests/Fast.slnf --configuration $configuration --nologo -v quiet \
        -p:ArtifactsPath="$PWD/artifacts/fast" -p:RunAnalyzers=false -p:EnforceCodeStyleInBuild=false
    arguments=()
    for need in time tools kernels qemu xen; do
        arguments+=(-trait- "needs=$need")
    done
    run_tests artifacts/fast/bin Generators.Tests Layout.Tests Runtime.Tests
    finish
    exit
fi

packages=(
    gcc gcc-multilib binutils make flex bison python3 busybox-static linux-libc-dev libxen-dev libxenmisc4.17 bzip2 gzip lz4 lzop time xz-utils zstd
    chromium-headless-shell cpio device-tree-compiler dwarves e2fsprogs gdb grub-common openssl osslsigncode pesign qemu-system-x86 sbsigntool
)
missing=()
for package in "${packages[@]}"; do
    dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
    if [ "$(id -u)" != 0 ]; then
        echo "error: these packages are missing: ${missing[*]}. Install them, or run this as root." >&2
        exit 3
    fi
fi

projects=()
while [ $# -gt 0 ] && [ "$1" != -- ]; do
    [[ "$1" == *.Tests && -d "tests/$1" ]] || { echo "error: $1: expected a test project, such as Layout.Tests, or fast" >&2; exit 2; }
    projects+=("$1")
    shift
done
arguments=("${@:2}")
all=false
[ ${#projects[@]} -gt 0 ] || all=true

# Installs the packages that are missing, and fetches the rest.
fetch() {
    if [ ${#missing[@]} -gt 0 ]; then
        echo "installing ${missing[*]}"
        apt-get update -qq || true
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
    fi
    touch artifacts/installed
    tests/kernels.sh
}

# To fetch is to wait, and to build keeps the processors busy: both at once.
rm -f artifacts/installed
start fetch
fetching=${background[-1]}

echo "== building"
dotnet build Toolkit.sln --configuration $configuration --nologo -v quiet

# Waits until a file is there, without a name until all are; and no longer than something is being fetched.
await() {
    while kill -0 "$fetching" 2>/dev/null && [ ! -e "${1:-}" ]; do
        sleep 1
    done
}
await_first() {
    await artifacts/installed
    await tests/.cache/kernels/6.12-amd64/PACKAGE
}

# What builds and publishes with one processor, and waits for virtual machines.
beside() {
    await_first
    run_test artifacts/bin Package.Tests
    await
    run_test artifacts/bin Boot.Tests
}

if $all; then
    # Both parts together take up to 10 GiB of memory at times.
    available=$(awk '/^MemAvailable:/ { print $2 }' /proc/meminfo)
    is_beside=false
    if [ "$available" -ge $((12 << 20)) ]; then
        is_beside=true
        echo "== Package.Tests and Boot.Tests: at the same time as the others, to artifacts/results"
        start beside
        running_beside=${background[-1]}
    fi

    echo "== Fuzz"
    # What is kept is read as it is, and changed for a while, with a seed that is the same each time. A failure prints the path of the input.
    for mode in "replay" "run 5 1"; do
        "artifacts/bin/Fuzz/${configuration,,}/Fuzz" $mode || failed=$((failed + 1))
    done

    # These need one kernel at most, which is among the first that are fetched.
    await_first
    run_tests artifacts/bin Generators.Tests
    projects=(Layout.Tests Runtime.Tests)
fi

echo "== fetching kernels"
fetched=0
wait "$fetching" || fetched=$?
unset 'background[1]'
cat artifacts/fetch.log
[ "$fetched" -eq 0 ] || exit "$fetched"
run_tests artifacts/bin "${projects[@]}"
if $all; then
    if $is_beside; then
        wait "$running_beside"
        unset 'background[2]'
        cat artifacts/beside.log
    else
        beside
    fi
    count_tests Package.Tests Boot.Tests
fi
finish
