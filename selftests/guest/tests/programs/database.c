// SPDX-License-Identifier: GPL-2.0
/*
 * Works on a database in memory, with SQLite linked in: a large program whose
 * functions call each other through tables of pointers.
 *
 *	database ROUNDS
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "sqlite3.h"

#include <stdio.h>
#include <stdlib.h>

enum {
	ROWS = 4000,
};

static const char make_tables[] =
	"create table words(id integer primary key, word text, weight real);"
	"create table links(a integer, b integer);";

static const char fill_tables[] =
	"insert into words(word, weight) values "
	"(printf('%x-%s', ?1 * 2654435761 % 1000003, hex(randomblob(6))),"
	" abs(random()) % 1000 / 7.0)";

static const char *const questions[] = {
	"insert into links select id, (id * 31) % 4000 from words",
	"create index by_word on words(word)",
	"select count(*) from words where word like '%ab%'",
	"select substr(word, 1, 1) as c, avg(weight), group_concat(id) "
	"from words group by c order by 2",
	"with recursive walk(n, at) as (select 0, 1 union all "
	"select n + 1, (at * 31) % 4000 from walk where n < 2000) "
	"select sum(weight) from walk join words on words.id = at",
	"select a.word, b.word from links join words a on a.id = links.a "
	"join words b on b.id = links.b where a.weight > b.weight "
	"order by a.word desc limit 100",
	"update words set word = upper(word) || lower(word) where id % 3 = 0",
	"pragma integrity_check",
	"drop index by_word",
	"delete from links",
	"delete from words where id % 5 = 0",
};

static int die(sqlite3 *database, const char *what)
{
	fprintf(stderr, "database: %s: %s\n", what, sqlite3_errmsg(database));
	exit(1);
}

static void fill(sqlite3 *database)
{
	sqlite3_stmt *statement;

	if (sqlite3_prepare_v2(database, fill_tables, -1, &statement, NULL))
		die(database, "prepare");
	for (int i = 0; i < ROWS; i++) {
		sqlite3_bind_int(statement, 1, i);
		if (sqlite3_step(statement) != SQLITE_DONE)
			die(database, "insert");
		sqlite3_reset(statement);
	}
	sqlite3_finalize(statement);
}

int main(int argc, char **argv)
{
	long rounds = argc > 1 ? strtol(argv[1], NULL, 10) : 1;
	sqlite3 *database;

	if (sqlite3_open(":memory:", &database) ||
	    sqlite3_exec(database, make_tables, NULL, NULL, NULL))
		die(database, "open");
	for (long i = 0; i < rounds; i++) {
		fill(database);
		for (size_t j = 0; j < sizeof(questions) / sizeof(*questions);
		     j++)
			if (sqlite3_exec(database, questions[j], NULL, NULL,
					 NULL))
				die(database, questions[j]);
	}
	sqlite3_close(database);
	return 0;
}
