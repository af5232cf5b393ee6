/* SPDX-License-Identifier: ISC */
/* How far a long run is: a bar on the terminal with count, rate and the time that remains; elsewhere a line a minute. */
#include "config.h"

#include "admin/progress.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"

/* Milliseconds: between two drawings, between two lines where there is no terminal, and the time that the rate is of. */
enum { DRAW_EVERY = 200, SAY_EVERY = 60000, RATE_OVER = 5000 };
enum { WIDTH = 79, WIDTH_MAX = 250, BAR_MAX = 40, BAR_MIN = 8, FIGURES_MAX = 160 };

static struct {
	struct progress_state state;
	int64_t began, next;     /* moments of clock_ms */
	int64_t rated_at, rated; /* the rate is of what came since then, when the count was so much */
	bool terminal, shown;
} bar;

void
progress_begin(const char *what, int64_t total)
{
	const char *term = getenv("TERM");

	memset(&bar, 0, sizeof(bar));
	bar.state.what = what;
	bar.state.total = total;
	bar.began = bar.rated_at = clock_ms();
	bar.terminal = isatty(STDERR_FILENO) && term != NULL && strcmp(term, "dumb") != 0;
	bar.next = bar.began + (bar.terminal ? DRAW_EVERY : SAY_EVERY);
}

/* 1234567 as 1,234,567. */
static const char *
grouped(char out[32], int64_t n)
{
	char digits[24];
	size_t i, len, at = 0;

	snprintf(digits, sizeof(digits), "%" PRId64, n);
	len = strlen(digits);
	for (i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			out[at++] = ',';
		out[at++] = digits[i];
	}
	out[at] = '\0';
	return out;
}

/* 3661000 as 1:01:01. */
static const char *
duration(char out[32], int64_t milliseconds)
{
	int64_t s = (milliseconds + 500) / 1000;

	if (s >= 3600)
		snprintf(out, 32, "%" PRId64 ":%02d:%02d", s / 3600, (int)(s / 60 % 60), (int)(s % 60));
	else
		snprintf(out, 32, "%d:%02d", (int)(s / 60), (int)(s % 60));
	return out;
}

static int
percent(const struct progress_state *p)
{
	return p->done >= p->total ? 100 : (int)((double)p->done * 100 / (double)p->total);
}

/* What stands behind the bar, and alone where there is no room for one. */
static void
figures(char out[FIGURES_MAX], const struct progress_state *p)
{
	char count[32], rate[32], time[32], share[8] = "";

	if (p->total > 0)
		snprintf(share, sizeof(share), "%3d %%  ", percent(p));
	snprintf(out, FIGURES_MAX, "%s%s %.40s  %s/s  %s%s", share, grouped(count, p->count), p->what, grouped(rate, p->rate),
	    duration(time, p->left >= 0 ? p->left : p->elapsed), p->left >= 0 ? " left" : "");
}

void
progress_line(char *out, size_t width, const struct progress_state *p)
{
	char text[FIGURES_MAX];
	size_t len, room, done;

	figures(text, p);
	len = strlen(text);
	if (p->total <= 0 || width < len + 3 + BAR_MIN) {
		snprintf(out, width + 1, "%s", text);
		return;
	}
	room = width - len - 3;
	if (room > BAR_MAX)
		room = BAR_MAX;
	done = room * (size_t)percent(p) / 100;
	out[0] = '[';
	memset(out + 1, '#', done);
	memset(out + 1 + done, '.', room - done);
	snprintf(out + 1 + room, width - room, "] %s", text);
}

static size_t
terminal_width(void)
{
	struct winsize size;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
		return WIDTH;
	return size.ws_col > WIDTH_MAX ? WIDTH_MAX : size.ws_col - 1U;
}

/* The rate is that of the last seconds: so is what remains, by what the run does now. */
static void
reckon(int64_t now)
{
	struct progress_state *p = &bar.state;
	int64_t over = now - bar.rated_at;

	p->elapsed = now - bar.began;
	if (over > 0)
		p->rate = (p->count - bar.rated) * 1000 / over;
	p->left = p->total <= 0 || p->done <= 0 ? -1 :
	    p->done >= p->total                 ? 0 :
	                                          (int64_t)((double)p->elapsed / (double)p->done * (double)(p->total - p->done));
	if (over >= RATE_OVER) {
		bar.rated_at = now;
		bar.rated = p->count;
	}
}

static void
draw(void)
{
	char line[WIDTH_MAX + 1];

	progress_line(line, terminal_width(), &bar.state);
	fprintf(stderr, "\r%s\033[K", line);
	fflush(stderr);
	bar.shown = true;
}

void
progress_at(int64_t done, int64_t count)
{
	int64_t now = clock_ms();
	char text[FIGURES_MAX];

	bar.state.done = done;
	bar.state.count = count;
	if (bar.state.what == NULL || now < bar.next)
		return;
	reckon(now);
	if (bar.terminal)
		draw();
	else {
		figures(text, &bar.state);
		fprintf(stderr, "%s\n", text + strspn(text, " "));
	}
	bar.next = now + (bar.terminal ? DRAW_EVERY : SAY_EVERY);
}

void
progress_clear(void)
{
	if (bar.shown)
		fputs("\r\033[K", stderr);
	bar.shown = false;
}

void
progress_end(void)
{
	progress_clear();
	bar.state.what = NULL;
}
