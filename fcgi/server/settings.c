/* SPDX-License-Identifier: ISC */
/* Reads settings.def's variables from the environment and checks each. */
#include "config.h"

#include "server/settings.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"

enum kind { KIND_ISSUER, KIND_URL, KIND_FILE, KIND_FOLDER, KIND_ROLE, KIND_NUMBER };

struct setting {
	void *field;               /* int64_t of a NUMBER, const char * of all others */
	unsigned int programs;
	enum kind kind;
	const char *name;
	const char *fallback;      /* NULL: required */
	int64_t least, most;
	const char *sentence;
};

static struct settings settings;

#define SETTING(field, programs, kind, ...) { &settings.field, programs, KIND_##kind, __VA_ARGS__ },
static const struct setting all[] = {
#include "server/settings.def"
};
#undef SETTING

enum { COUNT = sizeof(all) / sizeof(all[0]) };

static const char digits[] = "0123456789";
static const char host_set[] = "abcdefghijklmnopqrstuvwxyz0123456789.-";
static const char address_set[] = "0123456789abcdef:.";
static const char path_set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@%/";

/* The length of the host at the start of a text, 0 if there is no good one: a name of labels, or [an IPv6 address]. */
static size_t
host_len(const char *s)
{
	size_t i, n;

	if (*s == '[') {
		n = strspn(s + 1, address_set);
		return n >= 2 && s[n + 1] == ']' ? n + 2 : 0;
	}
	n = strspn(s, host_set);
	for (i = 0; i < n; i++) {
		/* A label neither begins nor ends with a hyphen, and none is empty. */
		if ((i == 0 || s[i - 1] == '.') && strchr(".-", s[i]) != NULL)
			return 0;
		if ((i + 1 == n || s[i + 1] == '.') && strchr(".-", s[i]) != NULL)
			return 0;
	}
	return n;
}

/* The length of ":PORT" at the start of a text, 0 where there is none or a wrong one. */
static size_t
port_len(const char *s)
{
	char port[8];
	int64_t n;
	size_t len;

	if (*s != ':' || s[1] == '0' || (len = strspn(s + 1, digits)) >= sizeof(port))
		return 0;
	memcpy(port, s + 1, len);
	port[len] = '\0';
	return text_number(port, 1, 65535, &n) ? len + 1 : 0;
}

/* The path of an https URL without userinfo, query and fragment, or NULL if it is no such URL. */
static const char *
url_path(const char *s)
{
	size_t n;

	if (strncmp(s, "https://", 8) != 0)
		return NULL;
	s += 8;
	if ((n = host_len(s)) == 0)
		return NULL;
	s += n;
	s += port_len(s);
	if (*s != '\0' && *s != '/')
		return NULL;
	/* "//", "/." and "/..": another spelling of the same, or of something else. */
	if (!text_only(s, path_set) || strstr(s, "//") != NULL || strstr(s, "/.") != NULL)
		return NULL;
	return s;
}

/* NULL if the value is good, else what is allowed. */
static const char *
judge(const struct setting *s, const char *value)
{
	static char range[64];
	const char *path;
	struct stat st;
	int64_t n;

	switch (s->kind) {
	case KIND_ISSUER:
		if ((path = url_path(value)) != NULL && *path == '\0')
			return NULL;
		return "https://HOST[:PORT], the host in lower case, no slash at the end, no path";
	case KIND_URL:
		if ((path = url_path(value)) != NULL && strcmp(path, "/contacts") == 0)
			return NULL;
		return "https://HOST[:PORT]/contacts, the host in lower case";
	case KIND_FILE:
		return stat(value, &st) == 0 && S_ISREG(st.st_mode) && access(value, R_OK) == 0 ? NULL : "a file that can be read";
	case KIND_FOLDER:
		return stat(value, &st) == 0 && S_ISDIR(st.st_mode) && access(value, X_OK) == 0 ? NULL : "a folder that exists";
	case KIND_ROLE:
		if (*value != '\0' && strlen(value) <= 48 && text_only(value, "abcdefghijklmnopqrstuvwxyz0123456789_-"))
			return NULL;
		return "1 to 48 of a-z, 0-9, _ and -";
	case KIND_NUMBER:
		if (text_number(value, s->least, s->most, &n))
			return NULL;
		snprintf(range, sizeof(range), "a whole number from %" PRId64 " to %" PRId64, s->least, s->most);
		return range;
	}
	return "nothing";
}

static void
store(const struct setting *s, const char *value)
{
	if (s->kind == KIND_NUMBER)
		text_number(value, s->least, s->most, s->field);
	else
		*(const char **)s->field = value;
}

static bool
read_one(const struct setting *s)
{
	const char *allowed, *value = getenv(s->name);
	bool set = value != NULL && *value != '\0';    /* "NAME=" in an EnvironmentFile is not set */

	if (!set)
		value = s->fallback;
	if (value == NULL) {
		log_event(LOG_ERROR, "setting_missing", "name", s->name, "meaning", s->sentence, NULL);
		return false;
	}
	if ((allowed = judge(s, value)) != NULL) {
		log_event(LOG_ERROR, "setting_wrong", "name", s->name, set ? "given" : "default", value, "allowed", allowed, NULL);
		return false;
	}
	store(s, value);
	return true;
}

/* Scheme, host and port; a browser leaves the default port out. */
static const char *
origin(const char *issuer)
{
	size_t host = strlen("https://") + host_len(issuer + strlen("https://"));
	size_t port = port_len(issuer + host);
	static char *text;

	if (port == strlen(":443") && memcmp(issuer + host, ":443", port) == 0)
		port = 0;
	free(text);    /* of an earlier reading */
	text = strndup(issuer, host + port);
	if (text == NULL)
		log_fatal(EX_OSERR, "out_of_memory", NULL);
	return text;
}

/* A misspelled name would leave its setting at the default in silence. */
static void
warn_of_unknown(void)
{
	char **variable, *name;

	for (variable = environ; *variable != NULL; variable++) {
		if (strncmp(*variable, "POSTERN_", strlen("POSTERN_")) != 0)
			continue;
		if ((name = strndup(*variable, strcspn(*variable, "="))) == NULL)
			log_fatal(EX_OSERR, "out_of_memory", NULL);
		if (!settings_known(name))
			log_event(LOG_WARN, "setting_unknown", "name", name, NULL);
		free(name);
	}
}

const struct settings *
settings_read(enum settings_program program)
{
	bool good = true;
	int i;

	warn_of_unknown();
	for (i = 0; i < COUNT; i++)
		if ((all[i].programs & program) != 0 && !read_one(&all[i]))
			good = false;
	if (!good)
		exit(EX_CONFIG);
	settings.issuer_origin = settings.issuer == NULL ? NULL : origin(settings.issuer);
	return &settings;
}

const struct settings *
settings_judge(enum settings_program program, void (*each)(const char *name, const char *wrong))
{
	const struct setting *s;
	const char *value, *wrong;

	for (s = all; s < all + COUNT; s++) {
		if ((value = getenv(s->name)) == NULL || *value == '\0') {
			if ((s->programs & program) == 0)
				continue;
			value = s->fallback;
		}
		wrong = value == NULL ? s->sentence : judge(s, value);
		if (wrong == NULL)
			store(s, value);
		each(s->name, wrong);
	}
	return &settings;
}

bool
settings_known(const char *name)
{
	const struct setting *s;

	for (s = all; s < all + COUNT; s++) {
		if (strcmp(s->name, name) == 0)
			return true;
	}
	return false;
}

void
settings_help(enum settings_program program)
{
	const struct setting *s;

	for (s = all; s < all + COUNT; s++) {
		if ((s->programs & program) == 0)
			continue;
		printf("  %s\n      %s\n      ", s->name, s->sentence);
		if (s->kind == KIND_NUMBER)
			printf("%" PRId64 " to %" PRId64 ", ", s->least, s->most);
		if (s->fallback != NULL)
			printf("default %s\n", s->fallback);
		else
			printf("must be set\n");
	}
}
