# shellcheck shell=bash
# SPDX-License-Identifier: ISC
# The demo's processes: started in sessions of their own, so that Ctrl-C reaches bin/demo alone, which stops them in order.
# shellcheck disable=SC2154 # what is set in bin/demo

declare -A pids=()
order=()

# Fields of /proc/PID/stat behind the name, which may hold anything: 4 is the session, 20 the time of birth.
stat_field() { # PID N
	local stat
	stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
	# shellcheck disable=SC2086 # words
	set -- $2 ${stat##*) }
	shift "$1"
	printf '%s\n' "$1"
}

# Starts a program as the ordinary user, with its output in the log of that name.  Words of runner[] go before it.
start() { # NAME COMMAND...
	local name=$1
	shift
	# shellcheck disable=SC2016 # expanded there
	setsid "${runner[@]}" "${clean[@]}" sh -c 'exec "$@" </dev/null >>"$0" 2>&1' "$site/log/$name.log" "$@" 9>&- &
	pids[$name]=$!
	order+=("$name")
	printf '%s %s\n' $! "$(stat_field $! 20)" >"$site/state/$name.pid"
}

alive() { # NAME
	[ -n "${pids[$1]-}" ] && kill -0 "${pids[$1]}" 2>/dev/null
}

show_end() { # NAME
	[ ! -s "$site/log/$1.log" ] || tail -n 15 "$site/log/$1.log" >&2
}

# Tries a command until it succeeds.
wait_for() { # SECONDS WHAT COMMAND...
	local end=$((SECONDS + $1)) what=$2 name
	shift 2
	until "$@" >/dev/null 2>&1; do
		for name in "${order[@]}"; do
			alive "$name" && continue
			show_end "$name"
			warn "$name ended by itself"
			return 1
		done
		if [ "$SECONDS" -ge "$end" ]; then
			warn "$what: not in time"
			return 1
		fi
		sleep 0.05
	done
}

# The signals ask: nginx to finish its requests, the programs to drain, PostgreSQL for a fast shutdown.
signal_of() { # NAME
	case $1 in
	nginx) say QUIT ;;
	postgresql) say INT ;;
	*) say TERM ;;
	esac
}

session_members() { # PID
	# shellcheck disable=SC2016 # awk's
	cat /proc/[0-9]*/stat 2>/dev/null |
		awk -v session="$1" '{ pid = $1; sub(/^.*\) /, ""); if ($4 == session && $1 != "Z") print pid }'
}

# Ends a session's processes: the leader by its signal, and after ten seconds whatever is left of it.
end_session() { # NAME PID
	local end=$((SECONDS + 10)) members
	kill "-$(signal_of "$1")" "$2" 2>/dev/null || kill -TERM -- "-$2" 2>/dev/null
	while members=$(session_members "$2") && [ -n "$members" ]; do
		if [ "$SECONDS" -ge "$end" ]; then
			warn "$1 did not end in time and is killed"
			# shellcheck disable=SC2086 # words
			kill -KILL $members 2>/dev/null
			end=$((SECONDS + 10))
		fi
		sleep 0.02
	done
}

stop() { # NAME
	[ -n "${pids[$1]-}" ] || return 0
	end_session "$1" "${pids[$1]}"
	wait "${pids[$1]}" 2>/dev/null
	unset "pids[$1]"
	rm -f "$site/state/$1.pid"
}

stop_all() {
	local i
	for ((i = ${#order[@]} - 1; i >= 0; i--)); do
		stop "${order[i]}"
	done
	order=()
}

# What a demo that was killed has left running.  A number may have gone to another process since: its birth tells.
stop_leftovers() {
	local file name pid born
	for name in nginx authorize token contacts postgresql; do
		file=$site/state/$name.pid
		[ -f "$file" ] || continue
		read -r pid born <"$file"
		if [ "$(stat_field "$pid" 20 || say "$born")" = "$born" ] && [ -n "$(session_members "$pid")" ]; then
			say "Stopping $name, which a demo that was killed has left running"
			end_session "$name" "$pid"
		fi
		rm -f "$file"
	done
}

# Stays until a signal comes, or until something ends that should not.
wait_for_end() {
	local name
	while :; do
		wait -n "${pids[@]}"
		for name in "${order[@]}"; do
			alive "$name" && continue
			show_end "$name"
			die "$name ended by itself; its log is $dir/site/log/$name.log"
		done
	done
}
