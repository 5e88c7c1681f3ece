// SPDX-License-Identifier: GPL-2.0-only
/*
 * kprofctl report: where the names of functions are from.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * The library says it in a comment: "names: .symtab 71.3 %, none 28.7 %".
 */
#include "report.h"

#include <string.h>

static const char prefix[] = "names: ";

static const char *find_comment(const struct kprof_profile *profile)
{
	for (uint32_t i = 0; i < profile->nr_comments; i++)
		if (!strncmp(profile->comments[i], prefix, strlen(prefix)))
			return profile->comments[i] + strlen(prefix);
	return NULL;
}

static const char *meaning(const char *source, size_t len)
{
	static const char *const meanings[][2] = {
		{"none", "nobody knows a name"},
		{"given", "named before it was symbolized"},
	};

	for (size_t i = 0; i < sizeof(meanings) / sizeof(*meanings); i++)
		if (len == strlen(meanings[i][0]) &&
		    !strncmp(source, meanings[i][0], len))
			return meanings[i][1];
	return "";
}

/* "debug file 20.0 %": what is no number is the name. */
static void print_row(FILE *out, const char *share, size_t len)
{
	const char *end = share + len, *at;
	size_t name_len;

	if (len < 3 || strncmp(end - 2, " %", 2))
		return;
	for (at = end - 2; at > share && at[-1] != ' '; at--)
		;
	if (at == share)
		return;
	name_len = (size_t)(at - share - 1);
	fprintf(out, "%6.*s%%  %.*s", (int)(end - 2 - at), at, (int)name_len,
		share);
	if (*meaning(share, name_len))
		fprintf(out, "  (%s)", meaning(share, name_len));
	fputc('\n', out);
}

int kprof_report_sources(const struct kprof_report *report)
{
	const char *share = find_comment(report->profile);

	if (!share) {
		fputs("The profile does not say where its names are from.\n",
		      report->out);
		return 0;
	}
	fprintf(report->out, "%7s  %s\n", "frames", "named by");
	while (*share) {
		size_t len = strcspn(share, ",");

		print_row(report->out, share, len);
		share += len;
		share += strspn(share, ", ");
	}
	return 0;
}
