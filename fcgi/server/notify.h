/* SPDX-License-Identifier: ISC */
/* Tells the service manager how we are (sd_notify(3)); nothing happens without one. */
#ifndef POSTERN_NOTIFY_H
#define POSTERN_NOTIFY_H

/* state: "READY=1", "STOPPING=1", "STATUS=..." */
void notify(const char *state);

#endif
