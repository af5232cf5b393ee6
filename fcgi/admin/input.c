/* SPDX-License-Identifier: ISC */
/* A file, or a pipe, as a stream of bytes and lines, in a buffer of fixed size. */
#include "config.h"

#include "admin/input.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Reads on behind what is there; false at the end. */
static bool
fill(struct input *in)
{
	ssize_t n;

	do {
		n = read(in->fd, in->bytes + in->len, sizeof(in->bytes) - in->len);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		in->error = errno;
	if (n <= 0)
		return false;
	in->len += (size_t)n;
	return true;
}

void
input_begin(struct input *in, int fd)
{
	struct stat st;

	memset(in, 0, offsetof(struct input, bytes));
	in->fd = fd;
	in->line = 1;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		in->total = st.st_size;
	while (in->len < 3 && fill(in))
		continue;
	if (in->len >= 3 && memcmp(in->bytes, "\xef\xbb\xbf", 3) == 0)
		in->at = 3;
	in->wide = in->len >= 2 && (memcmp(in->bytes, "\xff\xfe", 2) == 0 || memcmp(in->bytes, "\xfe\xff", 2) == 0);
}

int
input_peek(struct input *in)
{
	if (in->at == in->len) {
		in->at = in->len = 0;
		if (!fill(in))
			return INPUT_END;
	}
	return in->bytes[in->at];
}

int
input_get(struct input *in)
{
	int c = input_peek(in);

	if (c == INPUT_END)
		return c;
	in->at++;
	in->taken++;
	in->line += c == '\n';
	return c;
}

void
input_skip_line(struct input *in)
{
	int c;

	do {
		c = input_get(in);
	} while (c != '\n' && c != INPUT_END);
}

bool
input_line(struct input *in, char *out, size_t size, size_t *ret_len)
{
	size_t len = 0;
	int c, last = 0;

	if (input_peek(in) == INPUT_END)
		return false;
	while ((c = input_get(in)) != '\n' && c != INPUT_END) {
		if (len < size - 1)
			out[len] = (char)c;
		len++;
		last = c;
	}
	if (last == '\r')
		len--;
	out[len < size ? len : size - 1] = '\0';
	*ret_len = len;
	return true;
}
