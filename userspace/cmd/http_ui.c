// SPDX-License-Identifier: GPL-2.0-only
/*
 * The server of kprofctl serve: the page at /ui/.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * Names come from programs that nobody has to trust: the page's policy lets
 * nothing run but the script whose hash it has, nothing be fetched but from us,
 * and nobody put it into a frame.
 */
#include "cmd/http_server.h"

#include <string.h>

static const char script[] =
#include "serve_page.js.inc"
	;

static const char style[] =
#include "serve_page.css.inc"
	;

static const char policy[] =
	"default-src 'none'; base-uri 'none'; form-action 'none'; "
	"frame-ancestors 'none'; connect-src 'self'; script-src '"
#include "serve_page.js.hash.inc"
	"'; style-src '"
#include "serve_page.css.hash.inc"
	"'";

enum MHD_Result kprof_http_page(struct kprof_request *request)
{
	_cleanup_strbuf_ struct kprof_strbuf text = {};
	struct MHD_Response *response;

	/* What it fetches is relative to it. */
	if (!strcmp(request->path, "/ui"))
		return kprof_http_redirect(request, "/ui/");
	kprof_strbuf_appendf(
		&text,
		"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
		"<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
		"content=\"width=device-width\">\n"
		"<title>kprof</title>\n<style>%s</style>\n</head>\n"
		"<body>\n<noscript>This page is drawn by a script "
		"in it.</noscript>\n<script>%s</script>\n"
		"</body>\n</html>\n",
		style, script);
	if (text.err)
		return MHD_NO;
	response = kprof_response_text(request, "text/html; charset=utf-8",
				       kprof_strbuf_str(&text), text.len);
	kprof_response_header(response, "Content-Security-Policy", policy);
	kprof_response_header(response, "Referrer-Policy", "no-referrer");
	return kprof_request_answer(request, MHD_HTTP_OK, response);
}
