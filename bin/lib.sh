# shellcheck shell=bash
# SPDX-License-Identifier: ISC
# What bin/demo and bin/test share: messages, packages, the ordinary user, a copy of the tree.  The caller sets $top.
# shellcheck disable=SC2034,SC2154 # what is set or used in the callers

me=bin/$(basename "$0")

say() { printf '%s\n' "$*"; }
warn() { printf '%s: %s\n' "$me" "$*" >&2; }
die() {
	warn "$*"
	exit 1
}

# In a chroot, /proc may be that of another process namespace, where a pid names somebody else.  Then all starts once more with a
# /proc of its own, which goes with the run.
own_proc() { # the script's arguments
	local seen sudo=()
	read -r seen _ </proc/self/stat 2>/dev/null || seen=
	[ "$seen" != "$BASHPID" ] || return 0
	if [ "$(id -u)" != 0 ]; then
		command -v sudo >/dev/null || die "/proc is that of other processes: mount one of this namespace's own"
		sudo=(sudo)
	fi
	# In a chroot / is no mount point, so unshare can't make all of it private: /proc alone is.
	# shellcheck disable=SC2016 # for the inner shell
	exec "${sudo[@]}" unshare --mount --propagation unchanged sh -c 'uid=$1 gid=$2 home=$3 && shift 3 &&
		{ mount --make-private /proc 2>/dev/null || :; } && mount -t proc proc /proc &&
		exec setpriv --reuid="$uid" --regid="$gid" --init-groups env HOME="$home" "$0" "$@"' \
		"$top/$me" "$(id -u)" "$(id -g)" "$HOME" "$@"
}

# Runs a command with its output in a file; its last lines are shown if it fails.
logged() { # FILE COMMAND...
	local file=$1
	shift
	"$@" >>"$file" 2>&1 && return 0
	{
		say "--- the end of $file"
		tail -n 30 "$file"
		say "---"
	} >&2
	return 1
}

# The packages of doc/dependencies.md for these purposes that are not installed, one a line.
packages_missing() { # PURPOSE...
	local package purpose
	command -v dpkg-query >/dev/null || die "this needs Debian 12, or a system derived from it: there is no dpkg here"
	# shellcheck disable=SC2016 # the backticks are Markdown's
	sed -n 's/^| `\([^`]*\)` | \([a-z]*\) |.*/\1 \2/p' "$top/doc/dependencies.md" | while read -r package purpose; do
		case " $* " in
		*" $purpose "*) [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || say "$package" ;;
		esac
	done
}

# Installs what is missing, by root's or sudo's hand.  The log is FILE.
packages_need() { # FILE PURPOSE...
	local file=$1 missing sudo=()
	shift
	missing=$(packages_missing "$@") || exit 1
	[ -n "$missing" ] || return 0
	# shellcheck disable=SC2086 # words
	say "Installing packages:" $missing
	if [ "$(id -u)" != 0 ]; then
		command -v sudo >/dev/null || die "there is no sudo here; let root do it: $top/bin/packages --install $*"
		sudo=(sudo)
		sudo -v || die "sudo refused; let root do it: $top/bin/packages --install $*"
	fi
	logged "$file" "${sudo[@]}" "$top/bin/packages" --install "$@" || die "the packages could not be installed"
}

# PostgreSQL refuses root, and what faces the network doesn't need root: then "nobody" runs it, and no user is left behind.
# The words of as[] go before a command; those of as_server[] also allow ports below 1024.
if [ "$(id -u)" = 0 ]; then
	owner=nobody
	as=(setpriv "--reuid=$(id -u nobody)" "--regid=$(id -g nobody)" --clear-groups)
	as_server=("${as[@]}" "--inh-caps=-all,+net_bind_service" "--ambient-caps=-all,+net_bind_service")
	as+=("--inh-caps=-all")
else
	owner=$(id -un)
	as=()
	as_server=()
fi

# An environment without anything of the caller's: no PG* or POSTERN_* setting of his may change what happens here.
clean=(env -i LANG=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin)

# The path is one that configure, make and Unix sockets below it can live with.
path_plain() { # PATH
	case $1 in
	*[!A-Za-z0-9/._+-]*) return 1 ;;
	esac
	[ ${#1} -le 70 ]
}

tree_files() { # TOP
	local file
	if [ -e "$1/.git" ]; then
		git -c safe.directory="$1" -C "$1" ls-files -z --cached --others --exclude-standard | while IFS= read -r -d '' file; do
			if [ -f "$1/$file" ] || [ -L "$1/$file" ]; then
				printf '%s\0' "$file"
			fi
		done
	else
		(cd "$1" && find . \( -path ./var -o -path ./autom4te.cache \) -prune -o \( -type f -o -type l \) -printf '%P\0')
	fi
}

# Copies the tree's own files into a folder, and removes there what an earlier copy brought and the tree has no more.
tree_copy() { # TOP FOLDER
	local list=$2/.files
	mkdir -p "$2" && tree_files "$1" | LC_ALL=C sort -z >"$list.new" || return 1
	[ -s "$list.new" ] || return 1
	if [ -f "$list" ]; then
		(cd "$2" && LC_ALL=C comm -z -23 .files .files.new | xargs -0r rm -f --) || return 1
	fi
	tar -C "$1" -c --null -T "$list.new" -f - | tar -C "$2" -x --no-same-owner -f - || return 1
	mv "$list.new" "$list"
}
