/* SPDX-License-Identifier: ISC */
/* What a line of a log says of a request, and what can be done about it. */
#include "config.h"

#include <stdbool.h>
#include <string.h>

#include "admin/logline.h"
#include "admin/postern.h"
#include "admin/why.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/text.h"
#include "http/error.h"

/* The steps of why.def, by error. */
static const char *const steps[ERR_END] = {
#define WHY(name, step) [ERR_##name] = (step),
#include "admin/why.def"
#undef WHY
};

/* A step with its {client} and {parameter} filled in. */
static const char *
filled(const char *step, const struct logline *l)
{
	static const struct {
		const char *mark, *key, *otherwise;
	} marks[] = { { "{client}", "client", "ID" }, { "{parameter}", "parameter", "the parameter" } };
	struct buf out;
	const char *value;
	size_t i;

	buf_init(&out, tool_arena, 256);
	while (step != NULL && *step != '\0') {
		for (i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
			if (strncmp(step, marks[i].mark, strlen(marks[i].mark)) == 0)
				break;
		}
		if (i == sizeof(marks) / sizeof(marks[0])) {
			buf_char(&out, *step++);
			continue;
		}
		value = logline_get(l, marks[i].key);
		buf_str(&out, value == NULL ? marks[i].otherwise : value);
		step += strlen(marks[i].mark);
	}
	return out.data;
}

/* What was answered.  A line of another version may name an error that this one does not have. */
static void
add_error(struct finding *f, const struct logline *l)
{
	const char *name = logline_get(l, "error");
	enum err e = error_find(name);

	finding_add(f, "error", name);
	if (e == ERR_END)
		return;
	finding_add(f, "status", arena_printf(tool_arena, "%d", error_status(e)));
	finding_add(f, "code", error_code(e));
	finding_add(f, "sentence", error_sentence(e));
}

void
why_event(const struct logline *l)
{
	const char *event = logline_get(l, "event"), *method = logline_get(l, "method"), *path = logline_get(l, "path");
	bool refused = strcmp(event, "refused") == 0;
	struct finding *f = finding_new(refused ? "refusal" : "event", refused ? "Refused" : "An event");
	const char *reason = logline_get(l, "detail");
	enum err e = error_find(logline_get(l, "error"));

	finding_add(f, "time", l->time);
	finding_add(f, "program", logline_get(l, "program"));
	finding_add(f, "event", refused ? NULL : event);
	finding_add(f, "request", method == NULL ? path : arena_printf(tool_arena, "%s %s", method, path == NULL ? "" : path));
	finding_add(f, "address", logline_get(l, "address"));
	finding_add(f, "client", logline_get(l, "client"));
	add_error(f, l);
	finding_add(f, "parameter", logline_get(l, "parameter"));
	if (reason == NULL && e != ERR_END)
		reason = error_sentence(e); /* that is all: the name tells the whole reason */
	finding_add(f, "reason", reason);
	if (e != ERR_END)
		finding_add(f, "step", filled(steps[e], l));
}

/* nginx's own answers: the first that fits. */
static const struct {
	const char *status;
	bool reached; /* a worker had taken the request */
	const char *reason, *step;
} answers[] = {
	{ "502", false, "no worker took the request: the service is down, or nginx may not open its socket",
	    "systemctl status 'postern-*'; \"postern check\" looks at the sockets." },
	{ "502", true, "the worker ended in the middle of the request", "The service's log says why: event=worker_died." },
	{ "504", false, "no worker took the request in time: all are busy",
	    "Find out what keeps them: PostgreSQL, or more requests than workers." },
	{ "504", true, "the worker did not answer in time",
	    "A worker that hangs is a defect: the service's log around that time says more." },
	{ "499", false, "the client hung up before there was an answer", NULL },
	{ "499", true, "the client hung up before there was an answer", NULL },
	{ "400", false, "the request is no HTTP, or came by http where only https is spoken", NULL },
	{ "403", false, "nginx has a rule against it", "Look for deny and the like in nginx's configuration." },
	{ "404", false, "there is no such address: nginx passes on exact paths only",
	    "The README and nginx/README name those that there are." },
	{ "405", false, "nginx refuses this method everywhere", NULL },
	{ "408", false, "the client was too slow in sending its request", NULL },
	{ "411", false, "the body's length was not announced", NULL },
	{ "413", false, "the body is over 64 KiB (client_max_body_size)", NULL },
	{ "414", false, "the request line is longer than nginx reads (large_client_header_buffers)", NULL },
	{ "421", false, "the request is for another host than its TLS connection", NULL },
	{ "431", false, "a header is longer than nginx reads (large_client_header_buffers)",
	    "Often too many cookies of other services on this host name." },
	{ "497", false, "the request came by http where only https is spoken", NULL },
};

static bool
has_digit(const char *value)
{
	return value != NULL && strpbrk(value, "0123456789") != NULL;
}

/* A worker gave this very answer: the last of nginx's tries has the status. */
static bool
by_worker(const struct logline *l)
{
	const char *up = logline_get(l, "up"), *last = up == NULL ? NULL : strrchr(up, ' ');

	return up != NULL && strcmp(last == NULL ? up : last + 1, l->status) == 0 && has_digit(logline_get(l, "first"));
}

static void
add_reason(struct finding *f, const struct logline *l)
{
	const char *limit = logline_get(l, "lim");
	bool reached = has_digit(logline_get(l, "conn"));
	size_t i;

	if (limit != NULL && strcmp(limit, "REJECTED") == 0) {
		finding_add(f, "reason", "nginx's limit: more requests at once from this address than it lets through");
		finding_add(f, "step",
		    "Where many people share an address, raise the rate in postern-http.conf; behind a proxy, name it to "
		    "nginx's realip, or all of them have one address (nginx/README).");
		return;
	}
	if (by_worker(l) || *l->status < '4' || (logline_get(l, "up") == NULL && strcmp(l->status, "404") != 0)) {
		finding_add(
		    f, "reason", by_worker(l) ? "a worker answered this: its own log says why" : "this line tells no reason");
		return;
	}
	for (i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		if (strcmp(answers[i].status, l->status) != 0 || answers[i].reached != reached)
			continue;
		finding_add(f, "reason", answers[i].reason);
		finding_add(f, "step", answers[i].step);
		return;
	}
	finding_add(f, "reason", "nginx gave this answer by itself");
}

void
why_nginx(const struct logline *l)
{
	struct finding *f = finding_new("nginx", "In nginx's log");
	size_t i;

	finding_add(f, "time", l->time);
	finding_add(f, "request", l->request);
	finding_add(f, "status", l->status);
	for (i = 0; i < l->count; i++) {
		if (strcmp(l->pairs[i].key, "id") != 0)
			finding_add(f, strcmp(l->pairs[i].key, "addr") == 0 ? "address" : l->pairs[i].key, l->pairs[i].value);
	}
	add_reason(f, l);
}
