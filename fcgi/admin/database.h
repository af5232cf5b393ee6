/* SPDX-License-Identifier: ISC */
/* The tool's own connection: no deadlines but for locks; an error ends the tool with PostgreSQL's words. */
#ifndef POSTERN_DATABASE_H
#define POSTERN_DATABASE_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_object;

/* Connects as PG* say, once. */
PGconn *database_open(void);

/* The same, but NULL and PostgreSQL's words where it can't be. */
PGconn *database_try(const char **ret_why);

/* Executes a statement of admin_statements[]; the result lives as long as the tool. */
#define database_run(statement, ...)                                                                                               \
	database_execute(                                                                                                          \
	    statement, (const char *const[]){ __VA_ARGS__ }, sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(const char *))
PGresult *database_execute(int statement, const char *const *values, size_t n);

/* The same, but NULL and what to tell where it can't be. */
PGresult *database_ask(int statement, const char *const *values, size_t n, const char **ret_why);

/* Runs a text of many statements; what names it in the message of an error. */
void database_script(const char *sql, const char *what);

/* The same for what is executed very often: the first row's column, as a number; the result is given back at once. */
int64_t database_number(int statement, const char *column, const char *const *values, size_t n);

/* A statement that is a script: it has neither parameters nor a result. */
void database_run_script(int statement);

/* A script that is a COPY from here: these are its rows, in PostgreSQL's text format. */
void database_copy(int statement, const char *rows, size_t len);

/* Executes a statement whose result may be of any size: row after row, each the row 0 of a result that lives until the next call.
 * NULL after the last one. */
void database_stream(int statement, const char *const *values, size_t n);
const PGresult *database_next(void);

/* A column's text in a row, NULL for NULL. */
const char *database_get(const PGresult *, int row, const char *column);

/* A column that is true; NULL is not. */
bool database_is(const PGresult *, int row, const char *column);

/* A column's JSON, as an object that lives as long as the tool. */
struct json_object *database_json(const PGresult *, int row, const char *column);

#endif
