#!/usr/bin/env bash
# Installs what the tests need (Debian packages, where this is root) and runs all tests.
#   tests/run.sh          everything
#   tests/run.sh NAME...  the named test projects only, such as Layout.Tests
set -euo pipefail
cd "$(dirname "$0")/.."
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
configuration=Release

packages=(gcc gcc-multilib binutils linux-libc-dev libxen-dev cpio bzip2 file gzip lz4 lzop xz-utils zstd)
missing=()
for package in "${packages[@]}"; do
    dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
    if [ "$(id -u)" != 0 ]; then
        echo "error: these packages are missing: ${missing[*]}. Install them, or run this as root." >&2
        exit 3
    fi
    echo "== installing ${missing[*]}"
    apt-get update -qq || true
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

echo "== fetching kernels"
tests/kernels.sh

echo "== building"
dotnet build Toolkit.sln --configuration $configuration --nologo -v quiet

echo "== checking the formatting"
dotnet format Toolkit.sln --no-restore --verify-no-changes --severity warn

projects=("$@")
[ ${#projects[@]} -gt 0 ] || projects=(Generators.Tests Layout.Tests Runtime.Tests Package.Tests)
passed=0
failed=0
for project in "${projects[@]}"; do
    echo "== $project"
    result="artifacts/results/$project.xml"
    mkdir -p artifacts/results
    "artifacts/bin/$project/${configuration,,}/$project" -xml "$result" -noColor || failed_run=yes
    read -r good bad < <(sed -n 's/.*<assembly [^>]*passed="\([0-9]*\)" failed="\([0-9]*\)".*/\1 \2/p' "$result" | head -n 1)
    passed=$((passed + good))
    failed=$((failed + bad))
done
echo "$passed passed, $failed failed"
[ "${failed_run:-no}" = no ] && [ "$failed" -eq 0 ]
