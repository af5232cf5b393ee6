/* SPDX-License-Identifier: ISC */
/* What a client's machine reads of this server before it asks (RFC 8414, RFC 9728): all that is named works, and nothing else does.
 *
 * The one thing left out is a token in the URI's query: few clients are registered for that, and whoever is knows it. */
#include "config.h"

#include "oauth/metadata.h"

#include "base/arena.h"
#include "base/json.h"
#include "http/request.h"
#include "oauth/answer.h"
#include "oauth/resource.h"
#include "server/settings.h"

static void
endpoint(struct json *json, const struct request *rq, const char *key, const char *path)
{
	json_member(json, key, arena_printf(rq->arena, "%s%s", rq->settings->issuer, path));
}

static void
flag(struct json *json, const char *key, const char *value)
{
	json_key(json, key);
	json_raw(json, value);
}

void
metadata_reply_server(struct request *rq, const struct metadata *metadata)
{
	struct json json;

	json_begin(&json, &rq->out);
	json_object(&json);
	json_member(&json, "issuer", rq->settings->issuer);
	endpoint(&json, rq, "authorization_endpoint", "/authorize");
	endpoint(&json, rq, "token_endpoint", "/token");
	endpoint(&json, rq, "device_authorization_endpoint", "/device_authorization");
	json_words(&json, "scopes_supported", metadata->scopes);
	json_words(&json, "response_types_supported", "code");
	json_words(&json, "response_modes_supported", "query");
	json_words(&json, "grant_types_supported", metadata->grant_types);
	json_words(&json, "token_endpoint_auth_methods_supported", "none client_secret_basic client_secret_post");
	endpoint(&json, rq, "pushed_authorization_request_endpoint", "/par");
	endpoint(&json, rq, "revocation_endpoint", "/revoke");
	json_words(&json, "revocation_endpoint_auth_methods_supported", "none client_secret_basic client_secret_post");
	endpoint(&json, rq, "introspection_endpoint", "/introspect");
	json_words(&json, "introspection_endpoint_auth_methods_supported", "client_secret_basic client_secret_post");
	json_words(&json, "code_challenge_methods_supported", "S256");
	flag(&json, "authorization_response_iss_parameter_supported", "true");
	flag(&json, "request_parameter_supported", "false");
	flag(&json, "request_uri_parameter_supported", "false");
	json_words(&json, "protected_resources", resource_uris(rq, metadata->resources));
	json_object_end(&json);
	answer_document(rq);
}

void
metadata_reply_resource(struct request *rq, const char *resource, const char *scopes, const char *bearer_methods,
    const char *documentation)
{
	struct json json;

	json_begin(&json, &rq->out);
	json_object(&json);
	json_member(&json, "resource", resource_uri(rq, resource));
	json_words(&json, "authorization_servers", rq->settings->issuer);
	json_words(&json, "scopes_supported", scopes);
	json_words(&json, "bearer_methods_supported", bearer_methods);
	json_member(&json, "resource_documentation", documentation);
	json_object_end(&json);
	answer_document(rq);
}
