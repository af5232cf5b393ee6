# shellcheck shell=bash
# SPDX-License-Identifier: ISC
# The walk through the flow, once as the browser and once as the client, with curl; demo-walk-more.sh goes on.
# shellcheck disable=SC2154 # what is set in bin/demo

# One request.  Its address, headers and fields go to curl by stdin, so that no secret stands in a list of processes; curl's
# configuration knows "url", "header" and "data-urlencode".  Leaves $status, $location and $body.
ask() { # METHOD URL [header NAME VALUE | field NAME VALUE | browser]...
	local method=$1 url=$2 form='' line config
	printf '\n> %s %s HTTP/1.1\n> Host: %s\n' "$method" "/${url#https://*/}" "$(cut -d/ -f3 <<<"$url")"
	config=("url = $(config_quoted "$url")" "request = $method")
	shift 2
	while [ $# -gt 0 ]; do
		case $1 in
		browser)
			config+=('header = "Accept: text/html"' "cookie = $(config_quoted "$jar")" "cookie-jar = $(config_quoted "$jar")")
			shift
			;;
		header)
			config+=("header = $(config_quoted "$2: $3")")
			printf '> %s: %s\n' "$2" "$3"
			shift 3
			;;
		field)
			config+=("data-urlencode = $(config_quoted "$2=$3")")
			form+=${form:+&}$2=$3
			shift 3
			;;
		esac
	done
	[ -z "$form" ] || printf '>\n> %s\n' "$form"
	printf '%s\n' "${config[@]}" |
		curl -q -sS --http1.1 --max-time 20 --cacert "$CA_FILE" -D "$walk_dir/head" -o "$walk_dir/body" -K - || return 1
	body=$(cat "$walk_dir/body")
	status='' location=''
	while IFS= read -r line; do
		line=${line%$'\r'}
		case ${line,,} in
		http/*) status=${line#* } status=${status%% *} ;;
		location:*) location=${line#*: } ;;
		content-type:* | www-authenticate:* | retry-after:*) ;;
		*) continue ;;
		esac
		printf '< %s\n' "$line"
	done <"$walk_dir/head"
	show_body
}

config_quoted() { # TEXT
	local text=${1//\\/\\\\}
	printf '"%s"' "${text//\"/\\\"}"
}

# A page by its title and what it asks, anything else as it is.
show_body() {
	case $body in
	'') ;;
	*'<title>'*) printf '<\n< (page) %s\n' "$(sed -n 's/.*<title>\(.*\)<\/title>.*/\1/p' <<<"$body")" ;;
	*) printf '<\n< %s\n' "$body" ;;
	esac
}

step() { printf '\n--- %s\n' "$*"; }

# The value of the page's hidden field.
hidden() { # NAME
	sed -n "s/.*<input type=\"hidden\" name=\"$1\" value=\"\([^\"]*\)\".*/\1/p" <<<"$body" |
		sed 's/&lt;/</g; s/&gt;/>/g; s/&quot;/"/g; s/&#39;/'\''/g; s/&amp;/\&/g'
}

# A parameter of the query of $location, percent-decoded.
returned() { # NAME
	local value
	value=$(tr '?&#' '\n' <<<"$location" | sed -n "s/^$1=//p")
	printf '%b' "${value//%/\\x}"
}

# A member of the JSON document, a text without escapes.
member() { # NAME
	sed -n "s/.*\"$1\":\"\([^\"\\\\]*\)\".*/\1/p" <<<"$body"
}

expect() { # WHAT IS WANTED
	[ "$2" = "$3" ] && return 0
	warn "$1: this is '$2' and should be '$3'"
	return 1
}

random_text() { od -An -N9 -tx1 /dev/urandom | tr -d ' \n'; }

# The browser's way, to the redirect with the code.
walk_browser() {
	local user=$1 state=$2
	step "The application sends the browser to the authorization server"
	ask GET "$AUTHORIZE_URL?response_type=code&client_id=$CLIENT_ID&redirect_uri=$REDIRECT_URI&state=$state" browser || return 1
	expect "the answer" "$status" 303 || return 1

	step "The address of the page carries a handle only; nobody is signed in, so it asks who you are"
	ask GET "$location" browser || return 1
	expect "the login page" "$status" 200 || return 1

	step "$user signs in"
	ask POST "$ISSUER/login" browser header Origin "$ISSUER" field h "$(hidden h)" field t "$(hidden t)" \
		field csrf "$(hidden csrf)" field username "$user" field password "$PASSWORD" || return 1
	expect "the answer to the right password" "$status" 303 || return 1

	step "The same address now asks for consent"
	ask GET "$location" browser || return 1
	expect "the consent page" "$status" 200 || return 1

	step "$user allows it, and goes back to the application with a code"
	ask POST "$ISSUER/consent" browser header Origin "$ISSUER" field h "$(hidden h)" field t "$(hidden t)" \
		field csrf "$(hidden csrf)" field decision allow || return 1
	expect "the answer to the consent" "$status" 303 || return 1
	expect "the address of the redirect" "${location%%\?*}" "$REDIRECT_URI" || return 1
	expect "the state" "$(returned state)" "$state" || return 1
	expect "the issuer" "$(returned iss)" "$ISSUER"
}

# The client's way, with the code.
walk_client() {
	local user=$1 code=$2 token
	step "The application exchanges the code for a token"
	ask POST "$TOKEN_URL" field grant_type authorization_code field code "$code" field redirect_uri "$REDIRECT_URI" \
		field client_id "$CLIENT_ID" field client_secret "$CLIENT_SECRET" || return 1
	expect "the answer" "$status" 200 || return 1
	token=$(member access_token)

	step "With it, it learns who signed in"
	ask GET "$PROFILE_URL" header Authorization "Bearer $token" || return 1
	expect "the answer" "$status" 200 || return 1
	expect "the user name" "$(member username)" "$user" || return 1

	step "and reads that person's contacts"
	ask GET "$CONTACTS_URL?access_token=$token" || return 1
	expect "the answer" "$status" 200 || return 1
	expect "the number of contacts" "$(grep -o '"username":' <<<"$body" | wc -l)" 3
}

walk() {
	local status location body jar walk_dir result
	walk_dir=$site/state/walk
	rm -rf "$walk_dir"
	mkdir -m 700 "$walk_dir" || return 1
	jar=$walk_dir/cookies
	walk_browser user1 "$(random_text)" && walk_client user1 "$(returned code)" && walk_pushed user1 && walk_refresh &&
		walk_introspect && walk_revoke && walk_machine && walk_device user1
	result=$?
	rm -rf "$walk_dir"
	[ "$result" = 0 ] && step "The whole flow works."
	return "$result"
}
