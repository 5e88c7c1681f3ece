/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Debug files from the servers that DEBUGINFOD_URLS names.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * elfutils' library asks them, and keeps what they give in the user's cache. It
 * is loaded when it is needed: it brings a client for HTTP with it.
 */
#ifndef LIB_DEBUGINFOD_H
#define LIB_DEBUGINFOD_H

/*
 * The path of the debug file with this build-id, for the caller to free.
 * -ENOENT if no server has it, or there is none to ask; why is said.
 */
int kprof_debuginfod_find(const char *build_id, char **path_ret);

#endif /* LIB_DEBUGINFOD_H */
