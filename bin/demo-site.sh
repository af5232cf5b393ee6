# shellcheck shell=bash
# SPDX-License-Identifier: ISC
# The demo's site, part by part.  Each part is made when it isn't there whole, and says so; whole is what its mark in state/ says.
# shellcheck disable=SC2034,SC2154 # what is set or used in the other files of bin/

runner=("${as[@]}")

# Where the site lives: DIR/site, unless its path is one that Unix sockets or make can't take, or that "nobody" can't reach.
site_locate() {
	site=$dir/site
	if path_plain "$site" && (cd / && "${as[@]}" test -x "$dir"); then
		[ ! -L "$site" ] || rm -f "$site"
		if [ -e "$site" ] && ! [ -O "$site" ]; then
			say "The site in $site is another user's: it is made anew"
			rm -rf "$site" 2>/dev/null || die "$site can't be removed: let root do it, or give another folder by --dir"
		fi
		[ -d "$site" ] || mkdir -m 755 "$site" || exit 1
		return
	fi
	site=/var/tmp/postern-demo-$(printf '%s' "$dir" | sha256sum | cut -c 1-12)
	mkdir -m 755 "$site" 2>/dev/null || { [ -d "$site" ] && [ ! -L "$site" ] && [ -O "$site" ]; } ||
		die "$site is in the way and somebody else's"
	if [ -e "$dir/site" ] && ! [ -L "$dir/site" ]; then
		say "The site in $dir/site can't be used from here: it is made anew in $site"
		rm -rf "$dir/site" 2>/dev/null || die "$dir/site can't be removed: let root do it, or give another folder by --dir"
	fi
	ln -sfn "$site" "$dir/site"
}

# The user's own folders, and those of the ordinary user that the servers run as.
site_folders() {
	local ours=(install -d) theirs=(install -d -m 700)
	[ "$owner" = "$(id -un)" ] || theirs+=(-o "$owner" -g "$(id -gn "$owner")")
	"${ours[@]}" -m 755 "$site/source" "$site/usr" "$site/tls" "$site/etc" && "${ours[@]}" -m 700 "$site/state" &&
		"${theirs[@]}" "$site/run" "$site/run/postern" "$site/run/postgresql" "$site/postgresql" "$site/log" "$site/keys" \
			"$site/nginx" "$site/nginx/temp" ||
		die "the folders below $site could not be made"
	: >"$dir/setup.log"
}

# Whether nginx, as whom it will run, can listen there now.
port_free() { # IPv4|IPv6 PORT
	# shellcheck disable=SC2016 # Perl's
	"${as_server[@]}" perl -MSocket=:DEFAULT,inet_pton,pack_sockaddr_in6 -e '
		my ($family, $port, $s) = @ARGV;
		my $six = $family eq "IPv6";
		socket($s, $six ? PF_INET6 : PF_INET, SOCK_STREAM, 0) && setsockopt($s, SOL_SOCKET, SO_REUSEADDR, 1)
			&& bind($s, $six ? pack_sockaddr_in6($port, inet_pton(AF_INET6, "::1")) : pack_sockaddr_in($port, INADDR_LOOPBACK))
			&& listen($s, 1) or die "$!\n"' "$1" "$2"
}

site_ports() {
	local pair port families=(IPv4) family why=''
	if port_free IPv6 0 2>/dev/null; then
		families+=(IPv6)
		loopback6=yes
	else
		loopback6=
	fi
	for pair in ${ports:-81,82 8081,8082}; do
		for port in ${pair/,/ }; do
			for family in "${families[@]}"; do
				why=$(port_free "$family" "$port" 2>&1) && continue
				[ -z "$ports" ] || die "port $port of the loopback address ($family): $why"
				say "Port $port is not to be had: $why"
				continue 3
			done
		done
		port_a=${pair%,*} port_b=${pair#*,}
		site_settings
		return
	done
	die "neither 81 and 82 nor 8081 and 8082 are free: choose two ports by --ports"
}

# All that has a name in demo.env, but the client's secret.
site_settings() {
	ISSUER=https://localhost:$port_a
	METADATA_URL=$ISSUER/.well-known/oauth-authorization-server
	AUTHORIZE_URL=$ISSUER/authorize TOKEN_URL=$ISSUER/token PROFILE_URL=$ISSUER/profile
	INTROSPECT_URL=$ISSUER/introspect REVOKE_URL=$ISSUER/revoke PAR_URL=$ISSUER/par DEVICE_URL=$ISSUER/device_authorization
	CONTACTS_URL=https://localhost:$port_b/contacts
	CA_FILE=$site/tls/ca.pem
	CLIENT_ID='hcs-stack-int~test.oauth.client' CLIENT_SECRET=
	REDIRECT_URI=http://localhost:8090/callback
	PUBLIC_CLIENT_ID=demo-app PUBLIC_REDIRECT_URI=http://localhost:8090/app
	MACHINE_CLIENT_ID=demo-machine MACHINE_CLIENT_SECRET=
	RESOURCE_SERVER_ID=demo-resource-server RESOURCE_SERVER_SECRET=
	USERS='user1 user2 user3 user4' PASSWORD=password
	PGHOST=$site/run/postgresql PGPORT=5432 PGDATABASE=postern PGUSER=postern-admin
	POSTERN=$site/usr/bin/postern POSTERN_ROLES=postern POSTERN_ISSUER=$ISSUER POSTERN_CONTACTS_URL=$CONTACTS_URL
	POSTERN_RUN=$site/run/postern
	settings=("PGHOST=$PGHOST" "PGPORT=$PGPORT" "PGDATABASE=$PGDATABASE" "POSTERN_ISSUER=$POSTERN_ISSUER"
		"POSTERN_CONTACTS_URL=$POSTERN_CONTACTS_URL")
}

# Builds a copy of the tree, so that the tree itself may be configured, or not be writable.  make knows what is to be done.
site_build() {
	local log=$dir/build.log args=("--prefix=$site/usr" "--runstatedir=$site/run") marks=$site/state
	: >"$log"
	tree_copy "$top" "$site/source" || die "the tree could not be copied to $site/source"
	cd "$site/source" || exit 1
	[ -f "$marks/built" ] || say "Building in $site/source"
	if [ ! -f "$marks/autogen" ] || [ configure.ac -nt "$marks/autogen" ] || [ Makefile.am -nt "$marks/autogen" ]; then
		rm -f "$marks/autogen" "$marks/configured"
		logged "$log" ./autogen.sh || die "autogen.sh failed; all of its output is in $log"
		touch "$marks/autogen"
	fi
	if [ "$(cat "$marks/configured" 2>/dev/null)" != "${args[*]}" ]; then
		rm -f "$marks/configured" "$marks/built"
		logged "$log" "${clean[@]}" ./configure "${args[@]}" && logged "$log" make clean ||
			die "configure failed; all of its output is in $log"
		say "${args[*]}" >"$marks/configured"
	fi
	logged "$log" make "-j$(nproc)" && logged "$log" make install || die "make failed; all of its output is in $log"
	touch "$marks/built"
	cd / || exit 1
}

# A CA that signs once: its key is thrown away, so that whoever trusts it trusts this one certificate.
site_certificate() {
	local keys=$site/keys tls=$site/tls
	if openssl verify -CAfile "$tls/ca.pem" "$tls/server.pem" && openssl x509 -checkend 604800 -in "$tls/server.pem"; then
		[ ! -s "$keys/server.key" ] || return 0
	fi >/dev/null 2>&1
	say "Making a certificate for localhost, and the CA that signs it"
	rm -f "$tls/ca.pem" "$tls/server.pem"
	# shellcheck disable=SC2016 # expanded there
	logged "$dir/setup.log" "${as[@]}" "${clean[@]}" sh -c '
		set -e
		cd "$0"
		umask 077
		new="-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 365"
		openssl req -x509 $new -subj "/CN=Postern demo CA" -addext keyUsage=critical,keyCertSign -keyout ca.key -out ca.pem
		openssl req -x509 $new -subj /CN=localhost -CA ca.pem -CAkey ca.key -keyout server.key -out server.pem \
			-addext basicConstraints=critical,CA:FALSE -addext subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1
		rm ca.key' "$keys" || die "openssl could not make a certificate"
	install -m 644 "$keys/ca.pem" "$keys/server.pem" "$tls/" || exit 1
}

# The administrator's tool, as a database role.
tool_as() { # ROLE ARGUMENT...
	local role=$1
	shift
	"${as[@]}" "${clean[@]}" "${settings[@]}" "PGUSER=$role" "POSTERN_ROLES=$POSTERN_ROLES" "POSTERN_RUN=$POSTERN_RUN" \
		"$POSTERN" "$@"
}
tool() { tool_as "$PGUSER" "$@"; }

site_keyrings() {
	local name
	for name in authorize token contacts device; do
		[ -s "$site/keys/$name.keyring" ] || logged "$dir/setup.log" tool key create "$site/keys/$name.keyring" ||
			die "the keyring of $name could not be made"
	done
}

# PostgreSQL's programs, of the newest version.
find_postgresql() {
	local bin
	postgresql=
	for bin in $(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V); do
		[ ! -x "$bin/initdb" ] || postgresql=$bin
	done
	[ -n "$postgresql" ] || die "there is no PostgreSQL server in /usr/lib/postgresql"
}

# A postmaster.pid of a machine that went down names a process that may be somebody else's by now.
postgresql_start() {
	rm -f "$site/postgresql/data/postmaster.pid" "$PGHOST"/.s.PGSQL.*
	start postgresql "$postgresql/postgres" -D "$site/postgresql/data" -k "$PGHOST" -p "$PGPORT" -c listen_addresses= \
		-c max_connections=$(($(nproc) * 5 + 20)) -c log_line_prefix='%m %q%u '
	wait_for 60 "the start of PostgreSQL" "$postgresql/pg_isready" -q -h "$PGHOST" -p "$PGPORT" -U "$owner" -d postgres
}

database_new() {
	rm -rf "$site/postgresql/data" "$site/state/database" "$site/state/client"
	logged "$dir/setup.log" "${as[@]}" "${clean[@]}" "$postgresql/initdb" -D "$site/postgresql/data" -U "$owner" --auth=trust \
		--encoding=UTF8 --locale=C.UTF-8 || die "initdb failed"
	postgresql_start || die "PostgreSQL does not start"
	logged "$dir/setup.log" "${as[@]}" "${clean[@]}" "$postgresql/createdb" -h "$PGHOST" -p "$PGPORT" -U "$owner" "$PGDATABASE" &&
		logged "$dir/setup.log" tool_as "$owner" migrate || die "the database could not be made"
	sample || die "the sample data could not be loaded"
	say "$owner $postgresql" >"$site/state/database"
}

site_database() {
	find_postgresql
	if [ "$(cat "$site/state/database" 2>/dev/null)" = "$owner $postgresql" ]; then
		if ! postgresql_start || ! logged "$dir/setup.log" tool_as "$owner" migrate; then
			say "The last time's database can't be used: it is made anew"
			stop postgresql
			database_new
		fi
	else
		if [ -e "$site/postgresql/data" ]; then
			say "The last time's database is not whole, or of another version or user: it is made anew"
		else
			say "Making a PostgreSQL cluster, the database and the sample data"
		fi
		database_new
	fi
	# Whoever tried the tool may have changed or removed the sample client: each start gives it a new secret.  Where there are other
	# people by now, the secret that was kept is tried.
	if ! sample 2>>"$dir/setup.log" && ! [ -s "$site/state/client" ]; then
		say "The sample client's secret is lost: the database is made anew"
		stop postgresql
		database_new
	fi
	CLIENT_SECRET=$(grep -o 'psts_[A-Za-z0-9_-]*' "$site/state/client" | head -n 1)
	[ -n "$CLIENT_SECRET" ] || die "the sample client's secret is not where it should be"
}

# Loads the sample data, what is there stays; the client's new secret is kept for root or the owner alone.
sample() {
	(umask 077 && tool sample --redirect-uri "$REDIRECT_URI" >"$site/state/client.new") || return 1
	mv "$site/state/client.new" "$site/state/client"
}

# Clients of the other kinds, beside the sample one.  Each start registers them anew: their secrets are shown once.
site_clients() {
	logged "$dir/setup.log" tool scope add reports --machine --sentence 'read reports' &&
		demo_client "$PUBLIC_CLIENT_ID" --name 'Demo app' --type native --refresh --device --redirect-uri "$PUBLIC_REDIRECT_URI" &&
		MACHINE_CLIENT_SECRET=$(demo_client "$MACHINE_CLIENT_ID" --name 'Demo machine' --machine --scope reports) &&
		RESOURCE_SERVER_SECRET=$(demo_client "$RESOURCE_SERVER_ID" --name 'Demo resource server' --introspect 'profile contacts') &&
		[ -n "$MACHINE_CLIENT_SECRET" ] && [ -n "$RESOURCE_SERVER_SECRET" ] ||
		die "the demo's clients could not be registered; what was said is in $dir/setup.log"
}

# Prints the new secret alone.
demo_client() { # ID OPTION...
	local id=$1
	shift
	tool client remove "$id" >/dev/null 2>&1
	tool client add --id "$id" "$@" 2>>"$dir/setup.log" | sed -n 's/^client_secret *//p'
}

site_programs() {
	local name
	for name in authorize token contacts; do
		start "$name" env "${settings[@]}" "PGUSER=$POSTERN_ROLES-$name" "POSTERN_KEYRING=$site/keys/$name.keyring" \
			"POSTERN_DEVICE_KEYRING=$site/keys/device.keyring" "$site/usr/sbin/postern-$name" --listen "$POSTERN_RUN/$name.sock"
	done
}

# nginx as an administrator would have it: a main configuration that includes the example of two virtual hosts, filled in.
nginx_conf() {
	cat <<-END
		daemon off;
		pid $site/nginx/nginx.pid;
		error_log $site/log/nginx-error.log error;
		worker_processes 2;
		events {
			worker_connections 512;
		}
		http {
			client_body_temp_path temp/body;
			proxy_temp_path temp/proxy;
			fastcgi_temp_path temp/fastcgi;
			uwsgi_temp_path temp/uwsgi;
			scgi_temp_path temp/scgi;
			access_log off;
			include $site/etc/postern-site.conf;
		}
	END
}

site_conf() {
	sed -e "s|/usr/share/postern/|$site/usr/share/postern/|" -e "s|/var/log/nginx/|$site/log/|" \
		-e 's|server_name .*;|server_name localhost;|' \
		-e "s|ssl_certificate .*;|ssl_certificate $site/tls/server.pem;|" \
		-e "s|ssl_certificate_key .*;|ssl_certificate_key $site/keys/server.key;|" \
		-e "${loopback6:+s|listen \[::\]:|listen [::1]:|;}/listen \[::\]:/d" \
		-e 's|listen 8\([12]\) |listen 127.0.0.1:8\1 |' -e "s|:81 ssl|:$port_a ssl|" -e "s|:82 ssl|:$port_b ssl|" \
		"$site/usr/share/postern/nginx/postern-site.conf.example"
}

answers() { # STATUS URL
	[ "$(curl -q -sS --max-time 5 --cacert "$CA_FILE" -o /dev/null -w '%{http_code}' "$2")" = "$1" ]
}

site_nginx() {
	local command=(nginx -p "$site/nginx/" -c "$site/etc/nginx.conf" -e "$site/log/nginx-error.log") runner=("${as_server[@]}")
	nginx_conf >"$site/etc/nginx.conf" && site_conf >"$site/etc/postern-site.conf" || exit 1
	logged "$dir/setup.log" "${runner[@]}" "${clean[@]}" "${command[@]}" -t || die "nginx refuses its configuration"
	start nginx "${command[@]}"
	wait_for 30 "the pages" answers 200 "$ISSUER/style.css" && wait_for 30 "the profile" answers 401 "$PROFILE_URL" &&
		wait_for 30 "the contacts" answers 401 "$CONTACTS_URL" || die "the site does not answer; the logs are in $dir/site/log"
}
