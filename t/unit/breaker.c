/* SPDX-License-Identifier: ISC */
/* When a statement is asked, refused and probed. */
#include "config.h"

#include "db/breaker.h"

#include "tap.h"

enum { FIRST, SECOND, COUNT };

static struct breaker *b;
static int64_t now = 1000000;

static void
late(size_t statement)
{
	breaker_late(b, statement, "s", 0, false, now);
}

static void
answered(enum turn turn, bool well)
{
	breaker_answered(b, FIRST, "s", turn, well, now);
}

static void
open_it(void)
{
	b = breaker_new(COUNT);
	late(FIRST);
	late(FIRST);
	late(FIRST);
}

static void
opening(void)
{
	b = breaker_new(COUNT);
	ok(breaker_turn(b, FIRST, now) == TURN_ASK, "it is asked");
	late(FIRST);
	late(FIRST);
	ok(breaker_turn(b, FIRST, now) == TURN_ASK, "after two deadlines too");
	answered(TURN_ASK, true);
	late(FIRST);
	late(FIRST);
	ok(breaker_turn(b, FIRST, now) == TURN_ASK, "what did its work between them begins the count anew");
	answered(TURN_ASK, false);
	late(FIRST);
	ok(breaker_turn(b, FIRST, now) == TURN_REFUSE, "an answer without the work doesn't: after three in a row it is refused");
	ok(breaker_turn(b, SECOND, now) == TURN_ASK, "another statement is asked");
	b = breaker_new(COUNT);
	late(FIRST);
	late(FIRST);
	now += 11000;
	late(FIRST);
	ok(breaker_turn(b, FIRST, now) == TURN_ASK, "deadlines of long ago are forgotten");
}

static void
probing(void)
{
	open_it();
	ok(breaker_turn(b, FIRST, now + 299) == TURN_REFUSE, "no probe for 300 ms");
	now += 300;
	ok(breaker_turn(b, FIRST, now) == TURN_PROBE, "then one");
	ok(breaker_turn(b, FIRST, now) == TURN_REFUSE, "and only one at a time");
	ok(breaker_turn(b, FIRST, now + 999) == TURN_REFUSE, "for as long as it may take");
	now += 350;
	late(FIRST);
	ok(breaker_turn(b, FIRST, now + 299) == TURN_REFUSE, "it was late: the next one in 300 ms");
	now += 300;
	ok(breaker_turn(b, FIRST, now) == TURN_PROBE, "then another");
	ok(breaker_turn(b, FIRST, now + 1000) == TURN_PROBE, "the worker has died: another after a second");
	breaker_give_back(b, FIRST, false, now);
	ok(breaker_turn(b, FIRST, now) == TURN_PROBE, "one that could not be sent is given back");
	breaker_give_back(b, FIRST, true, now);
	ok(breaker_turn(b, FIRST, now + 299) == TURN_REFUSE && breaker_turn(b, FIRST, now + 300) == TURN_PROBE, "or for later");
	answered(TURN_ASK, true);
	ok(breaker_turn(b, FIRST, now + 301) == TURN_REFUSE, "what was sent before and answers now decides nothing");
	answered(TURN_PROBE, true);
	ok(breaker_turn(b, FIRST, now) == TURN_ASK, "the probe did its work: it is asked");
	late(FIRST);
	late(FIRST);
	ok(breaker_turn(b, FIRST, now) == TURN_ASK, "and may be late again");
	open_it();
	answered(TURN_PROBE, false);
	ok(breaker_turn(b, FIRST, now) == TURN_ASK, "the probe was answered without the work: it is asked");
	late(FIRST);
	ok(breaker_turn(b, FIRST, now) == TURN_REFUSE, "and refused after one deadline more");
}

/* Backends that hang for good. */
static void
hanging(void)
{
	int64_t wait;

	b = breaker_new(COUNT);
	ok(breaker_hanging(b) == 0, "no backend hangs");
	breaker_late(b, FIRST, "s", 100, false, now);
	ok(breaker_hanging(b) == 100 && breaker_turn(b, FIRST, now) == TURN_ASK, "one does");
	breaker_late(b, FIRST, "s", 101, true, now);
	ok(breaker_hanging(b) == 101 && breaker_turn(b, FIRST, now) == TURN_REFUSE, "a second one beside it: refused at once");
	breaker_late(b, SECOND, "t", 102, true, now);
	ok(breaker_turn(b, SECOND, now) == TURN_REFUSE, "so is another statement with its first one");
	breaker_freed(b, 101);
	ok(breaker_hanging(b) == 102, "an older one is free: nothing is changed");
	for (wait = 10000; wait < 100000; wait *= 2) {
		ok(!breaker_impatient(b, now + wait - 1), "patient for %d s", (int)wait / 1000);
		now += wait;
		ok(breaker_impatient(b, now) && !breaker_impatient(b, now), "then one may try");
	}
	breaker_freed(b, 102);
	ok(breaker_hanging(b) == 0, "it is free");
	breaker_late(b, FIRST, "s", 103, false, now);
	ok(!breaker_impatient(b, now + 9999) && breaker_impatient(b, now + 10000), "the next time begins with 10 s again");
}

/* The workers share it. */
static void
shared(void)
{
	pid_t pid;
	int status;

	b = breaker_new(COUNT);
	late(FIRST);
	late(FIRST);
	if ((pid = fork()) == 0) {
		late(FIRST);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	ok(breaker_turn(b, FIRST, now) == TURN_REFUSE, "another process's deadline counts");
}

int
main(void)
{
	/* What the breaker logs is no concern of this test; on the screen it would come after prove's last lines. */
	if (freopen("/dev/null", "w", stderr) == NULL)
		return 1;
	opening();
	probing();
	hanging();
	shared();
	return tap_end();
}
