# shellcheck shell=bash
# SPDX-License-Identifier: ISC
# The walk beyond the first token: a public client that pushes its request and refreshes, a resource server, a machine, a device.  Each
# part goes on with $access and $refresh of the one before.
# shellcheck disable=SC2034,SC2154 # what is set or used in the other files of bin/

basic() { # ID SECRET
	printf '%s:%s' "$1" "$2" | base64 -w 0
}

# A verifier, and its challenge by S256.
pkce() {
	verifier=$(openssl rand -base64 32 | tr /+ _- | tr -d =)
	challenge=$(printf %s "$verifier" | openssl dgst -sha256 -binary | base64 | tr /+ _- | tr -d =)
}

walk_pushed() { # USER
	local user=$1 verifier challenge
	pkce
	step "Another application, a public client, pushes its request first; the browser will carry its name only (RFC 9126)"
	ask POST "$PAR_URL" field client_id "$PUBLIC_CLIENT_ID" field redirect_uri "$PUBLIC_REDIRECT_URI" field response_type code \
		field state "$(random_text)" field code_challenge "$challenge" field code_challenge_method S256 || return 1
	expect "the answer" "$status" 201 || return 1

	step "It sends the browser with the request_uri; $user is signed in already"
	ask GET "$AUTHORIZE_URL?client_id=$PUBLIC_CLIENT_ID&request_uri=$(member request_uri)" browser || return 1
	expect "the answer" "$status" 303 || return 1
	ask GET "$location" browser || return 1
	expect "the consent page" "$status" 200 || return 1
	ask POST "$ISSUER/consent" browser header Origin "$ISSUER" field h "$(hidden h)" field t "$(hidden t)" \
		field csrf "$(hidden csrf)" field decision allow || return 1
	expect "the address of the redirect" "${location%%\?*}" "$PUBLIC_REDIRECT_URI" || return 1

	step "It exchanges the code; it has no secret, and proves itself by the verifier (RFC 7636)"
	ask POST "$TOKEN_URL" field grant_type authorization_code field code "$(returned code)" field client_id "$PUBLIC_CLIENT_ID" \
		field redirect_uri "$PUBLIC_REDIRECT_URI" field code_verifier "$verifier" || return 1
	expect "the answer" "$status" 200 || return 1
	access=$(member access_token) refresh=$(member refresh_token)
}

walk_refresh() {
	local first=$refresh
	step "It refreshes: a new access token, and the successor of its refresh token"
	ask POST "$TOKEN_URL" field grant_type refresh_token field refresh_token "$first" field client_id "$PUBLIC_CLIENT_ID" || return 1
	expect "the answer" "$status" 200 || return 1
	access=$(member access_token) refresh=$(member refresh_token)

	step "Was the answer lost?  The same again gives the same successor"
	ask POST "$TOKEN_URL" field grant_type refresh_token field refresh_token "$first" field client_id "$PUBLIC_CLIENT_ID" || return 1
	expect "the successor" "$(member refresh_token)" "$refresh"
}

introspect() {
	ask POST "$INTROSPECT_URL" header Authorization "Basic $(basic "$RESOURCE_SERVER_ID" "$RESOURCE_SERVER_SECRET")" \
		field token "$access"
}

walk_introspect() {
	step "A resource server that was sent this access token asks what it is worth (RFC 7662)"
	introspect || return 1
	expect "the answer" "$status" 200 || return 1
	expect "the client of the token" "$(member client_id)" "$PUBLIC_CLIENT_ID"
}

walk_revoke() {
	step "The application has no more use for it and revokes its refresh token, and so the grant (RFC 7009)"
	ask POST "$REVOKE_URL" field token "$refresh" field client_id "$PUBLIC_CLIENT_ID" || return 1
	expect "the answer" "$status" 200 || return 1
	step "The resource server asks again"
	introspect || return 1
	expect "the answer" "$body" '{"active":false}'
}

walk_machine() {
	step "A machine gets a token for itself (RFC 6749 4.4)"
	ask POST "$TOKEN_URL" header Authorization "Basic $(basic "$MACHINE_CLIENT_ID" "$MACHINE_CLIENT_SECRET")" \
		field grant_type client_credentials || return 1
	expect "the answer" "$status" 200 || return 1
	expect "its scope" "$(member scope)" reports
}

poll_device() { # DEVICE-CODE
	ask POST "$TOKEN_URL" field grant_type urn:ietf:params:oauth:grant-type:device_code field device_code "$1" field client_id "$PUBLIC_CLIENT_ID"
}

walk_device() { # USER
	local user=$1 device_code user_code
	step "The application on a television has no browser: it asks for a code, and shows it (RFC 8628)"
	ask POST "$DEVICE_URL" field client_id "$PUBLIC_CLIENT_ID" || return 1
	expect "the answer" "$status" 200 || return 1
	device_code=$(member device_code) user_code=$(member user_code)

	step "It asks for its tokens: nobody has decided yet"
	poll_device "$device_code" || return 1
	expect "the error" "$(member error)" authorization_pending || return 1

	step "$user opens the page on a telephone (the same browser here), and types the code"
	ask GET "$ISSUER/device" browser || return 1
	expect "the page" "$status" 200 || return 1
	ask POST "$ISSUER/device" browser header Origin "$ISSUER" field t "$(hidden t)" field csrf "$(hidden csrf)" \
		field user_code "$user_code" || return 1
	expect "the page that says who asks for what" "$status" 200 || return 1
	ask POST "$ISSUER/device" browser header Origin "$ISSUER" field h "$(hidden h)" field t "$(hidden t)" \
		field csrf "$(hidden csrf)" field decision allow || return 1
	expect "the answer" "$status" 200 || return 1

	step "The television asks once more"
	poll_device "$device_code" || return 1
	expect "the answer" "$status" 200
}
