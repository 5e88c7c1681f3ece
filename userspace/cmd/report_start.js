// SPDX-License-Identifier: GPL-2.0-only
//
// Starts the page that report_html.c writes: its data stands in it.
//
// Copyright (C) 2026 The kprof authors

kprofPage(JSON.parse(document.getElementById("kprof-data").textContent),
	  document.body.appendChild(document.createElement("div")));
