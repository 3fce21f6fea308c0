# Sourced by kernels.sh, own.sh and survey.sh: packages from apt, without root and without a change to what the machine has of apt's.
# A suite is named as Debian names it; `own` is what the machine's own sources name.

# Ends what needs the thing that is missing: the whole run, or the part that can be done without.
missing() {
    if [ -n "${optional:-}" ]; then
        echo "$1" > "$optional"
    else
        echo "error: kernels.sh: $1" >&2
    fi
    exit 3
}

# The source of one more suite: the machine's own source of Debian, with that suite's name. Nothing is printed if it has none.
suite_source() {
    local suite=$1 file release
    release=$(. /etc/os-release && echo "${VERSION_CODENAME:-stable}")
    for file in /etc/apt/sources.list.d/*.sources; do
        [ ! -e "$file" ] || awk -v release="$release" -v suite="$suite" '
            BEGIN { RS = ""; FS = "\n" }
            $0 ~ "(^|\n)Suites:([^\n]* )?" release "([ \n]|$)" { gsub(/(^|\n)Suites:[^\n]*/, "\nSuites: " suite); print; print ""; exit }' "$file"
    done
    for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
        [ ! -e "$file" ] || sed -nE "/^deb /s/ $release ( *main)/ $suite \1/p" "$file"
    done
}

# The package lists of one suite and architecture, and in apt_options how apt is asked about them. They are kept apart
# from each other, because apt drops a whole source when the list of one of its architectures cannot be had.
declare -A listed=()
read_lists() {
    local suite=$1 architecture=$2
    local state="$cache/apt/$suite-$architecture" source
    apt_options=(
        -q
        -o "APT::Architecture=$architecture"
        -o "APT::Architectures::=$architecture"
        -o "APT::Sandbox::User="
        -o "Dir::State=$state"
        -o "Dir::State::status=$state/status"
        -o "Dir::Cache=$state/cache"
        # Without these, which some images of Debian leave out, each call reads all lists anew.
        -o "Dir::Cache::pkgcache=pkgcache.bin"
        -o "Dir::Cache::srcpkgcache=srcpkgcache.bin"
        -o "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false"
        -o "Acquire::Languages=none"
        -o "Acquire::Retries=3"
    )
    source="$state/suite.sources"
    [ "$suite" = own ] || apt_options+=(-o "Dir::Etc::sourcelist=$source" -o "Dir::Etc::sourceparts=/dev/null")
    [ -z "${listed[$suite-$architecture]:-}" ] || return 0
    command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || missing "apt-get and dpkg-deb are needed (a Debian system)"
    mkdir -p "$state/lists/partial" "$state/cache/archives/partial"
    : > "$state/status"
    if [ "$suite" != own ]; then
        suite_source "$suite" > "$source"
        # apt takes the form of a source from the name of its file.
        ! grep -q '^deb ' "$source" || { mv "$source" "${source%.sources}.list"; ln -sf suite.list "$source"; }
    fi
    echo "kernels.sh: reading the package lists of ${suite/#own/this release} for $architecture"
    # A mirror in the middle of an update serves some lists and not others: what came is enough if the packages are in it.
    apt-get "${apt_options[@]}" update >"$state/update.log" 2>&1 || echo "kernels.sh: some lists are missing, see $state/update.log"
    listed[$suite-$architecture]=yes
}

# Downloads the newest package that matches into a folder.
download() {
    local folder=$1 suite=$2 architecture=$3 pattern=$4 label=$5 package served=""
    for package in $(apt-cache "${apt_options[@]}" pkgnames | grep -E "$pattern" | sort -Vr); do
        apt-cache "${apt_options[@]}" show "$package" >/dev/null 2>&1 || continue
        echo "kernels.sh: fetching $package ($architecture) as $label"
        # The newest package may be listed, but not served yet: then the one before it.
        (cd "$folder" && apt-get "${apt_options[@]}" download "$package" >"$work/log" 2>&1) && return
        served=": not served: $(tail -n 1 "$work/log")"
        echo "kernels.sh: ${served#: }"
    done
    [ -n "$served" ] || served=$(grep -hm 1 '^E: ' "$cache/apt/$suite-$architecture/update.log" | sed 's/^E//') || true
    missing "no package that matches $pattern can be had of ${suite/#own/this release} for $architecture$served"
}
