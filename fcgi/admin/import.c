/* SPDX-License-Identifier: ISC */
/* postern import people, contacts: a file's lines into the shipped directory. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "admin/database.h"
#include "admin/exchange.h"
#include "admin/postern.h"
#include "admin/progress.h"
#include "admin/reader.h"
#include "admin/staging.h"
#include "admin_sql.h"
#include "base/arena.h"

/* So many bad lines are told; the others are counted. */
enum { TOLD = 20 };

struct call {
	struct exchange exchange;
	const char *file;
	bool whole, check, json;
};

static struct reader reader;

static int64_t bad;
static struct json_object *lines; /* the bad ones that were told */

static struct call
read_call(int argc, char **argv, bool contacts)
{
	static const struct option known[] = {
		{ "format", required_argument, NULL, 'f' },
		{ "owner", required_argument, NULL, 'o' },
		{ "all-or-nothing", no_argument, NULL, 'a' },
		{ "check", no_argument, NULL, 'c' },
		{ "json", no_argument, NULL, 'j' },
		{ 0 },
	};
	struct call call = { .exchange.contacts = contacts };
	int option;

	while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (option == '?')
			tool_usage("an option is wrong");
		else if (option == 'f')
			call.exchange.format = exchange_format(optarg);
		else if (option == 'o')
			call.exchange.owner = optarg;
		call.whole = call.whole || option == 'a';
		call.check = call.check || option == 'c';
		call.json = call.json || option == 'j';
	}
	call.file = tool_last_argument(argc, argv, "the file");
	if (call.exchange.format == NULL && (call.exchange.format = exchange_format_of_file(call.file)) == NULL)
		tool_usage("--format is missing: the name %s does not tell it", call.file);
	exchange_check(&call.exchange);
	return call;
}

static void
tell_bad(int64_t line, const char *why)
{
	struct json_object *one;

	if (bad++ >= TOLD)
		return;
	progress_clear();
	fprintf(stderr, "line %" PRId64 ": %s\n", line, why);
	one = json_object_new_object();
	json_object_object_add(one, "line", json_object_new_int64(line));
	json_object_object_add(one, "reason", json_object_new_string(why));
	json_object_array_add(lines, one);
}

static void
open_file(const char *file)
{
	int fd = strcmp(file, "-") == 0 ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		tool_fail(EX_NOINPUT, "%s: %s", file, strerror(errno));
	input_begin(&reader.in, fd);
	if (reader.in.error != 0)
		tool_fail(EX_NOINPUT, "%s: %s", file, strerror(reader.in.error));
	if (reader.in.wide)
		tool_fail(EX_DATAERR, "%s is UTF-16: save it as UTF-8", file);
}

/* Every line of the file into the staging table, or told as a bad one. */
static void
stage_file(const struct call *call)
{
	const struct exchange *x = &call->exchange;
	struct record record;
	enum found found;
	int64_t n = 0;
	char why[512];

	open_file(call->file);
	if (x->format->read == csv_read && !csv_header(&reader, why, sizeof(why)))
		tool_fail(EX_DATAERR, "%s: %s", call->file, why);
	progress_begin("lines", reader.in.total);
	while ((found = x->format->read(&reader, &record)) == FOUND_RECORD || found == FOUND_BAD) {
		if (found == FOUND_RECORD)
			staging_add(&record, x->owner_id);
		else
			tell_bad(record.line, record.why);
		progress_at(reader.in.taken, ++n);
	}
	progress_end();
	if (reader.in.error != 0)
		tool_fail(EX_NOINPUT, "%s: %s: nothing was imported", call->file, strerror(reader.in.error));
	if (found == FOUND_BROKEN)
		tool_fail(EX_DATAERR, "line %" PRId64 ": %s: nothing was imported", record.line, record.why);
}

static void
print_json(const struct staging_counts *c, bool written)
{
	struct json_object *all = json_object_new_object();

	json_object_object_add(all, "imported", json_object_new_boolean(written));
	json_object_object_add(all, "new", json_object_new_int64(c->fresh));
	json_object_object_add(all, "changed", json_object_new_int64(c->changed));
	json_object_object_add(all, "unchanged", json_object_new_int64(c->same));
	json_object_object_add(all, "bad", json_object_new_int64(bad));
	json_object_object_add(all, "bad_lines", json_object_get(lines));
	tool_print_json(all);
}

static void
print(const struct call *call, const struct staging_counts *c, bool written)
{
	if (call->json) {
		print_json(c, written);
		return;
	}
	printf("%s %s: %" PRId64 " new, %" PRId64 " changed, %" PRId64 " unchanged", written ? "Imported" : "Would import",
	    reader.shape->what, c->fresh, c->changed, c->same);
	if (bad > 0)
		printf("; %" PRId64 " bad line%s left out", bad, bad == 1 ? "" : "s");
	printf(".\n");
}

static void
write_all(const struct call *call, const struct staging_counts *c)
{
	const char *detail;
	int64_t written;

	detail = arena_printf(tool_arena, "%s: %" PRId64 " new, %" PRId64 " changed, %" PRId64 " unchanged, %" PRId64 " left out",
	    tool_operator(), c->fresh, c->changed, c->same, bad);
	written = staging_write(c, call->whole, call->exchange.owner_id, detail);
	if (written != c->fresh + c->changed)
		tool_fail(EX_TEMPFAIL,
		    "somebody else changed some of the %s meanwhile, %" PRId64 " were left as they are: run it again",
		    reader.shape->what, c->fresh + c->changed - written);
}

/* Adds to the bad lines those that only the database could tell. */
static void
add_bad(int64_t count)
{
	int64_t before = bad;

	if (count > 0 && before < TOLD)
		staging_bad(TOLD - before, tell_bad);
	bad = before + count;
	if (bad > TOLD)
		fprintf(stderr, "and %" PRId64 " more bad lines\n", bad - TOLD);
}

static int
import_file(int argc, char **argv, bool contacts)
{
	struct call call = read_call(argc, argv, contacts);
	struct shape shape = exchange_shape(&call.exchange);
	struct staging_counts counts;
	bool refused;

	lines = json_object_new_array();
	reader.shape = &shape;
	staging_begin(contacts);
	stage_file(&call);
	counts = staging_judge();
	add_bad(counts.bad);
	refused = call.whole && bad > 0;
	if (refused && !call.json)
		tool_fail(EX_DATAERR, "%" PRId64 " bad line%s: nothing was imported", bad, bad == 1 ? "" : "s");
	if (!refused && !call.check)
		write_all(&call, &counts);
	print(&call, &counts, !refused && !call.check);
	json_object_put(lines);
	return refused ? EX_DATAERR : bad > 0;
}

int
import_people(int argc, char **argv)
{
	return import_file(argc, argv, false);
}

int
import_contacts(int argc, char **argv)
{
	return import_file(argc, argv, true);
}
