/* SPDX-License-Identifier: ISC */
/* postern user add, passwd: the people of the shipped directory. */
#include "config.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "admin/database.h"
#include "admin/postern.h"
#include "admin/secret_input.h"
#include "admin_sql.h"
#include "crypto/password.h"

static void
new_hash(char out[PASSWORD_HASH_SIZE])
{
	if (!password_hash(out, secret_input_new()))
		tool_fail(EX_OSERR, "the password could not be hashed");
}

static const char *
checked_text(const char *text, const char *what)
{
	if (!tool_readable(text, 255))
		tool_usage("%s has 1 to 255 bytes of UTF-8, without control characters and without spaces at its ends", what);
	return text;
}

void
user_need_shipped(void)
{
	const PGresult *directory = database_execute(SQL_CHECK_DIRECTORY, NULL, 0);

	if (!database_is(directory, 0, "shipped"))
		tool_fail(EX_DATAERR, "directory.account does not show directory.person: the people are in a table of your own");
}

int
user_add(int argc, char **argv)
{
	static const struct option known[] = {
		{ "name", required_argument, NULL, 'n' },
		{ "email", required_argument, NULL, 'e' },
		{ 0 },
	};
	const char *username, *name = NULL, *email = NULL, *id;
	char hash[PASSWORD_HASH_SIZE];
	int option;

	while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (option == 'n')
			name = checked_text(optarg, "--name");
		else if (option == 'e')
			email = checked_text(optarg, "--email");
		else
			tool_usage("an option is wrong");
	}
	username = checked_text(tool_last_argument(argc, argv, "the user name"), "a user name");
	user_need_shipped();
	new_hash(hash);
	if ((id = database_get(database_run(SQL_USER_ADD, username, hash, name, email, tool_operator()), 0, "id")) == NULL)
		tool_fail(EX_DATAERR, "the user name %s is taken", username);
	printf("Added %s with id %s.\n", username, id);
	return 0;
}

int
user_passwd(int argc, char **argv)
{
	const char *username = tool_last_argument(argc, argv, "the user name");
	char hash[PASSWORD_HASH_SIZE];

	user_need_shipped();
	new_hash(hash);
	if (database_get(database_run(SQL_USER_PASSWD, username, hash, tool_operator()), 0, "id") == NULL)
		tool_fail(EX_DATAERR, "nobody has the user name %s", username);
	printf("Changed the password of %s; sessions and tokens of the old one are refused from now on.\n", username);
	return 0;
}
