// SPDX-License-Identifier: GPL-2.0-only
//
// Makes a flame graph that flame.c draws interactive: zoom, search,
// details. Without it the drawing is a picture that says the same.
//
// Copyright (C) 2026 The kprof authors
"use strict";

// The roots are at the bottom, or at the top if the drawing says data-down.
// Returns what makes it let go of the window.
function kprofFlame(svg) {
	const stop = new AbortController();
	const life = { signal: stop.signal };
	const sign = "down" in svg.dataset ? -1 : 1;
	const isDocument = svg === document.documentElement;
	const PAD = 10, BASE = 1200 - 2 * PAD, MIN_WIDTH = 400;
	const TINY = 1e-7;
	const byId = (id) => svg.querySelector("#kprof-" + id);
	const details = byId("details"), found = byId("found");
	const head = byId("head"), searchBox = byId("search");
	const idle = details.textContent;

	// A frame: its element and its place, as fractions of the whole.
	const frames = Array.from(svg.querySelectorAll("g.f"), (g) => {
		const rect = g.querySelector("rect");
		const lines = g.querySelector("title").textContent.split("\n");
		return {
			g, rect,
			text: g.querySelector("text"),
			name: lines[0],
			words: lines.join("  "),
			left: (rect.getAttribute("x") - PAD) / BASE,
			width: rect.getAttribute("width") / BASE,
			y: Number(rect.getAttribute("y")),
		};
	});
	const byElement = new Map(frames.map((f) => [f.g, f]));
	const root = frames[0];
	let zoomed = root;
	let input = null;
	let sought = "";

	const probe = svg.appendChild(
		document.createElementNS(svg.namespaceURI, "text"));
	probe.textContent = "0123456789";
	const charWidth = probe.getComputedTextLength() / 10 || 7.2;
	probe.remove();

	const isInside = (a, b) => a.left >= b.left - TINY &&
		a.left + a.width <= b.left + b.width + TINY;

	function label(frame, width) {
		const room = Math.floor((width - 6) / charWidth);
		const chars = Array.from(frame.name);

		if (room < 3)
			return "";
		if (chars.length <= room)
			return frame.name;
		return chars.slice(0, room - 1).join("") + "\u2026";
	}

	function setText(frame, x, width) {
		const words = label(frame, width);

		if (!frame.text && !words)
			return;
		if (!frame.text) {
			frame.text = document.createElementNS(
				svg.namespaceURI, "text");
			frame.text.setAttribute("y", frame.y + 13);
			frame.g.appendChild(frame.text);
		}
		frame.text.setAttribute("x", x + 3);
		frame.text.textContent = words;
	}

	function place(frame, x, width) {
		frame.g.style.display = "";
		frame.rect.setAttribute("x", x);
		frame.rect.setAttribute("width", width);
		setText(frame, x, width);
	}

	function layOut() {
		// Unlike innerWidth, it leaves out the scroll bar.
		const view = window.visualViewport || { width: 1200 };
		const size = isDocument ? view.width :
					  svg.parentNode.clientWidth;
		const whole = Math.max(size, MIN_WIDTH);
		const room = whole - 2 * PAD;

		svg.setAttribute("width", whole);
		svg.setAttribute("viewBox",
				 `0 0 ${whole} ${svg.getAttribute("height")}`);
		byId("tools").setAttribute("transform",
					   `translate(${whole - 1200} 0)`);
		for (const f of frames) {
			const above = sign * (zoomed.y - f.y);
			const isBelow = above < 0 && isInside(zoomed, f);
			const scale = room / zoomed.width;

			f.g.classList.toggle("below", isBelow);
			if (isBelow)
				place(f, PAD, room);
			else if (above >= 0 && isInside(f, zoomed))
				place(f, PAD + (f.left - zoomed.left) * scale,
				      f.width * scale);
			else
				f.g.style.display = "none";
		}
		byId("reset").style.display = zoomed === root ? "none" : "";
	}

	function zoom(frame) {
		zoomed = frame;
		layOut();
	}

	// An invalid regular expression is taken as it stands.
	function matcher(words) {
		try {
			return new RegExp(words, "i");
		} catch (e) {
			return new RegExp(
				words.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"),
				"i");
		}
	}

	// Frames come callers first, from left to right: what lies left of the
	// end of the last one that counted lies in it.
	function search(words) {
		sought = words;
		const expression = matcher(words);
		let share = 0, end = -1, nr = 0;

		for (const f of frames) {
			const isMatch = words !== "" && f !== root &&
				expression.test(f.name);

			f.g.classList.toggle("match", isMatch);
			if (!isMatch)
				continue;
			nr++;
			if (f.left < end - TINY)
				continue;
			share += f.width;
			end = f.left + f.width;
		}
		found.textContent = words === "" ? "" :
			`${(100 * share).toFixed(2)} % in ${nr} ` +
			`frame${nr === 1 ? "" : "s"} with ${words}`;
	}

	function closeSearch() {
		if (input)
			input.parentNode.remove();
		input = null;
	}

	// The drawing has no input field; one is put over the search button.
	function openSearch() {
		const html = "http://www.w3.org/1999/xhtml";
		const holder = document.createElementNS(svg.namespaceURI,
							"foreignObject");

		if (input) {
			input.focus();
			return;
		}
		for (const [key, value] of
		     Object.entries({ x: 930, y: 4, width: 260, height: 28 }))
			holder.setAttribute(key, value);
		input = document.createElementNS(html, "input");
		input.setAttribute("placeholder", "search: part of a name");
		input.setAttribute("aria-label", "search");
		input.style.cssText = "width:250px;font:12px monospace";
		input.addEventListener("input", () => search(input.value));
		holder.appendChild(input);
		byId("tools").appendChild(holder);
		input.focus();
	}

	function onKey(event) {
		const field = event.target.localName === "input";
		const isFind = (event.ctrlKey || event.metaKey) &&
			event.key === "f";

		if (field && event.target !== input)
			return;
		if (event.key === "Escape") {
			if (input || found.textContent) {
				closeSearch();
				search("");
			} else {
				zoom(root);
			}
		} else if (event.key === "Enter" && input) {
			closeSearch();
		} else if (isFind || (event.key === "/" && !input)) {
			event.preventDefault();
			openSearch();
		}
	}

	function frameOf(event) {
		const g = event.target.closest && event.target.closest("g.f");

		return g && byElement.get(g);
	}

	svg.addEventListener("mouseover", (event) => {
		const frame = frameOf(event);

		details.textContent = frame ? frame.words : idle;
	});
	svg.addEventListener("click", (event) => {
		const frame = frameOf(event);

		if (frame)
			zoom(frame);
	});
	byId("reset").addEventListener("click", () => zoom(root));
	searchBox.addEventListener("click", openSearch);
	if (!("nokeys" in svg.dataset))
		window.addEventListener("keydown", onKey, life);
	window.addEventListener("resize", layOut, life);
	byId("tools").style.display = "";
	layOut();
	if (isDocument) {
		// The roots are at the bottom; the head goes with the window.
		window.addEventListener("scroll", () => head.setAttribute(
			"transform", `translate(0 ${window.scrollY})`));
		window.scrollTo(0, svg.getAttribute("height"));
	}

	// Where a frame is: the names from the root to it.
	function path(frame) {
		return frames.filter((f) => isInside(frame, f) &&
				     sign * (frame.y - f.y) <= 0)
			.map((f) => f.name).join("\n");
	}

	return Object.assign(() => stop.abort(), {
		state: () => ({ zoomed: path(zoomed), sought }),
		restore: (state) => {
			zoom(frames.find((f) => f.name ===
					 state.zoomed.split("\n").pop() &&
					 path(f) === state.zoomed) || root);
			search(state.sought);
		},
	});
}
