/* SPDX-License-Identifier: ISC */
/* Which form of an answer the client wants: the Accept header (RFC 9110 12.5.1).
 *
 *   Accept      = [ ( media-range [ weight ] ) *( OWS "," OWS ( media-range [ weight ] ) ) ]
 *   media-range = ( "*" "/" "*" / ( type "/" "*" ) / ( type "/" subtype ) ) parameters
 *   weight      = OWS ";" OWS "q=" qvalue
 *
 * What Java's HttpURLConnection sends is taken, too: "*" for any type, and a weight of ".2". */
#include "config.h"

#include "http/accept.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

enum { WEIGHT_MAX = 1000 };    /* weights in thousandths */

/* A part of the header. */
struct span {
	const char *start;
	size_t len;
};

/* The bytes up to a separator that does not stand in a quoted string. */
static size_t
until(const char *text, size_t len, char separator)
{
	bool quoted = false;
	size_t i;

	for (i = 0; i < len && (quoted || text[i] != separator); i++) {
		if (text[i] == '"')
			quoted = !quoted;
		else if (quoted && text[i] == '\\')
			i++;
	}
	return i < len ? i : len;
}

static struct span
trimmed(const char *start, size_t len)
{
	for (; len > 0 && (*start == ' ' || *start == '\t'); len--)
		start++;
	while (len > 0 && (start[len - 1] == ' ' || start[len - 1] == '\t'))
		len--;
	return (struct span) { start, len };
}

/* Cuts the next part off what is left; false when nothing is. */
static bool
next_part(struct span *left, char separator, struct span *ret)
{
	size_t n;

	if (left->len == 0)
		return false;
	n = until(left->start, left->len, separator);
	*ret = trimmed(left->start, n);
	n += n < left->len;
	left->start += n;
	left->len -= n;
	return true;
}

static bool
same(struct span a, const char *text, size_t len)
{
	return a.len == len && strncasecmp(a.start, text, len) == 0;
}

/* qvalue = ( "0" [ "." 0*3DIGIT ] ) / ( "1" [ "." 0*3("0") ] ); what is none counts as 1. */
static int
read_weight(struct span value)
{
	int weight, place = 100;
	size_t i = 0;

	if (value.len > 0 && value.start[0] == '1')
		return WEIGHT_MAX;
	if (value.len > 0 && value.start[0] == '0')
		i++;
	if (i == value.len && i > 0)
		return 0;
	if (i == value.len || value.start[i++] != '.')
		return WEIGHT_MAX;
	for (weight = 0; i < value.len; i++, place /= 10) {
		if (value.start[i] < '0' || value.start[i] > '9')
			return WEIGHT_MAX;
		weight += place * (value.start[i] - '0');
	}
	return weight;
}

/* The offer has this parameter, "name=value", of which the value may be quoted. */
static bool
offered(const char *parameters, struct span parameter)
{
	const char *equals = memchr(parameter.start, '=', parameter.len);
	struct span name, value, left = { parameters, strlen(parameters) }, one;

	if (equals == NULL)
		return false;
	name = trimmed(parameter.start, (size_t)(equals - parameter.start));
	value = trimmed(equals + 1, parameter.len - (size_t)(equals + 1 - parameter.start));
	if (value.len >= 2 && value.start[0] == '"' && value.start[value.len - 1] == '"')
		value = (struct span) { value.start + 1, value.len - 2 };
	while (next_part(&left, ';', &one)) {
		equals = memchr(one.start, '=', one.len);
		if (equals != NULL && same(name, one.start, (size_t)(equals - one.start)) &&
		    same(value, equals + 1, one.len - (size_t)(equals + 1 - one.start)))
			return true;
	}
	return false;
}

/* How exactly a range names the offer: 0 not at all, 1 for any type, 2 for any subtype, 3 by name, and one more for each
 * parameter. */
static int
match(struct span range, const char *offer, int *ret_weight)
{
	size_t type = strcspn(offer, "/"), whole = strcspn(offer, ";");
	struct span part;
	int exact;

	*ret_weight = WEIGHT_MAX;
	if (!next_part(&range, ';', &part))
		return 0;
	if (same(part, "*", 1) || same(part, "*/*", 3))
		exact = 1;
	else if (part.len == type + 2 && strncasecmp(part.start, offer, type + 1) == 0 && part.start[type + 1] == '*')
		exact = 2;
	else if (same(part, offer, whole))
		exact = 3;
	else
		return 0;
	while (next_part(&range, ';', &part)) {
		if (part.len >= 2 && strncasecmp(part.start, "q=", 2) == 0) {
			*ret_weight = read_weight((struct span) { part.start + 2, part.len - 2 });
			break;
		}
		if (part.len > 0 && !offered(offer + whole, part))
			return 0;
		exact += part.len > 0;
	}
	return exact;
}

/* The weight of the range that names the offer most exactly (12.5.1). */
static int
weight_of(const char *header, const char *offer)
{
	struct span left = { header, strlen(header) }, range;
	int best = 0, chosen = 0, exact, weight;

	while (next_part(&left, ',', &range)) {
		exact = match(range, offer, &weight);
		if (exact > best || (exact == best && exact > 0 && weight > chosen)) {
			best = exact;
			chosen = weight;
		}
	}
	return chosen;
}

int
accept_choose(const char *header, const char *const *offers, size_t n)
{
	int best = 0, chosen = -1, weight;
	size_t i;

	for (i = 0; i < n; i++) {
		weight = header == NULL ? WEIGHT_MAX : weight_of(header, offers[i]);
		if (weight > best) {
			best = weight;
			chosen = (int)i;
		}
	}
	return chosen;
}
