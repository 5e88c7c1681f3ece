// SPDX-License-Identifier: GPL-2.0-only
//
// The page that report_html.c writes: flame graph, icicle graph, table of
// functions, and for each function its callers and callees. Names come from
// programs that nobody has to trust: they become text, never markup.
//
// Copyright (C) 2026 The kprof authors

// Drawings

const kprofLayout = { width: 1200, pad: 10, row: 17, head: 30, foot: 12 };

function kprofElement(name, attributes, ...children) {
	const isSvg = /^(svg|g|rect|text|title)$/.test(name) &&
		attributes && attributes.svg;
	const element = isSvg ?
		document.createElementNS("http://www.w3.org/2000/svg", name) :
		document.createElement(name);

	for (const [key, value] of Object.entries(attributes || {}))
		if (key === "on")
			for (const [event, handler] of Object.entries(value))
				element.addEventListener(event, handler);
		else if (key !== "svg")
			element.setAttribute(key, value);
	element.append(...children);
	return element;
}

function kprofSvg(name, attributes, ...children) {
	return kprofElement(name, { svg: true, ...attributes }, ...children);
}

function kprofPercent(part, whole) {
	return (whole ? 100 * part / whole : 0).toFixed(2) + " %";
}

// The same units as in the table of "kprofctl report".
function kprofFormat(unit, value) {
	const steps = {
		nanoseconds: [[1e9, "s"], [1e6, "ms"], [1e3, "us"], [1, "ns"]],
		bytes: [[2 ** 30, "GB"], [2 ** 20, "MB"], [2 ** 10, "kB"], [1, "B"]],
	}[unit];

	if (!steps || !value)
		return String(value);
	const [size, suffix] = steps.find((s) => Math.abs(value) >= s[0]) ||
		steps[3];
	return (value / size).toFixed(size > 1 ? 2 : 0) + suffix;
}

// A tree: {frame, value, children}; frame null is the root. Callers come before
// what they call, the largest at the left, as flame.js wants them.
function kprofPlace(root) {
	const { width, pad } = kprofLayout;
	const placed = [];

	(function place(node, left, depth) {
		placed.push({ node, left, depth });
		let at = left;
		const children = [...node.children.values()].sort(
			(a, b) => b.value - a.value);
		for (const child of children) {
			place(child, at, depth + 1);
			at += child.value / root.value * (width - 2 * pad);
		}
	})(root, pad, 0);
	// What would be too narrow to be seen makes the page slow.
	return placed.filter(
		(p) => p.node.value / root.value * (width - 2 * pad) >= 0.05);
}

function kprofDrawFrame(data, root, place, y) {
	const { width, pad, row } = kprofLayout;
	const frame = place.node.frame === null ?
		{ name: root.name || "all", binary: "", colour: "#c3bec8" } :
		data.frames[place.node.frame];
	const words = [frame.name, frame.binary,
		kprofFormat(data.unit, place.node.value) + ", " +
			kprofPercent(place.node.value, data.total)];
	const box = {
		x: place.left, y, height: row - 1, fill: frame.colour,
		width: place.node.value / root.value * (width - 2 * pad),
	};

	return kprofSvg("g", { class: "f" },
		kprofSvg("title", {}, words.filter((w) => w).join("\n")),
		kprofSvg("rect", box));
}

// Draws a tree into a box; returns what lets go of the window.
function kprofDraw(data, root, box, options) {
	const { width, row, head, foot } = kprofLayout;
	const placed = kprofPlace(root);
	const depth = Math.max(...placed.map((p) => p.depth)) + 1;
	const height = head + row * depth + foot;
	const svg = kprofSvg("svg", { width, height, role: "img",
				      viewBox: `0 0 ${width} ${height}` });

	if (options.down)
		svg.dataset.down = "";
	if (options.nokeys)
		svg.dataset.nokeys = "";
	svg.append(kprofSvg("g", { id: "kprof-head" },
		kprofSvg("text", { id: "kprof-details", x: 10, y: 18 }, " ")));
	for (const place of placed)
		svg.append(kprofDrawFrame(data, root, place, options.down ?
			head + row * place.depth :
			height - foot - row * (place.depth + 1)));
	const text = (id, x, words) => kprofSvg("text", {
		id: "kprof-" + id, class: "button", x, y: 18,
		"text-anchor": "end" }, words);
	svg.append(kprofSvg("g", { id: "kprof-tools" },
		text("found", 900, ""),
		text("reset", 1060, "reset zoom (Esc)"),
		text("search", 1190, options.nokeys ? "" : "search (/)")));
	box.replaceChildren(svg);
	return kprofFlame(svg);
}

// Trees

function kprofNode(frame) {
	return { frame, value: 0, children: new Map() };
}

function kprofChild(node, frame) {
	let child = node.children.get(frame);

	if (!child)
		node.children.set(frame, child = kprofNode(frame));
	return child;
}

// data.nodes are [parent, frame, value, self], callers first.
function kprofTree(data) {
	const nodes = [];

	for (const [parent, frame, value] of data.nodes) {
		const node = parent < 0 ? kprofNode(null) :
			kprofChild(nodes[parent], frame);

		node.value += value;
		nodes.push(node);
	}
	return nodes[0];
}

// Adds what @from calls to @to.
function kprofAddCallees(data, calls, from, to) {
	for (const nr of calls[from]) {
		const child = kprofChild(to, data.nodes[nr][1]);

		child.value += data.nodes[nr][2];
		kprofAddCallees(data, calls, nr, child);
	}
}

// Both trees of a function: what it calls, and who calls it. Below itself it is
// not looked for again: a recursion counts once.
function kprofSandwich(data, func) {
	const isIt = (nr) => nr > 0 &&
		data.frames[data.nodes[nr][1]].func === func;
	const callees = kprofNode(null), callers = kprofNode(null);
	const calls = data.nodes.map(() => []);
	const inside = [];

	data.nodes.forEach(([parent], nr) => {
		if (parent >= 0)
			calls[parent].push(nr);
	});
	data.nodes.forEach(([parent, , value], nr) => {
		inside[nr] = isIt(nr) || (parent >= 0 && inside[parent]);
		if (!isIt(nr) || inside[parent])
			return;
		callees.value += value;
		callers.value += value;
		kprofAddCallees(data, calls, nr, callees);
		let node = callers;
		for (let up = parent; up > 0; up = data.nodes[up][0]) {
			node = kprofChild(node, data.nodes[up][1]);
			node.value += value;
		}
	});
	return { callees, callers };
}

// Views

function kprofTable(data, box, open) {
	const columns = [["flat", 1], ["flat%", 1], ["cum", 2], ["cum%", 2],
			 ["function", 0]];
	const filter = kprofElement("input", {
		placeholder: "part of a name", "aria-label": "filter",
		id: "kprof-filter" });
	const body = kprofElement("tbody");
	const rest = kprofElement("p");
	let sortBy = 1, limit = 200;

	function row([func, flat, cum]) {
		const frame = data.frames[func];
		const cells = [kprofFormat(data.unit, flat),
			       kprofPercent(flat, data.total),
			       kprofFormat(data.unit, cum),
			       kprofPercent(cum, data.total)];
		const name = kprofElement("button", {
			type: "button", title: frame.binary,
			on: { click: () => open(frame.func) } }, frame.name);

		return kprofElement("tr", {},
			...cells.map((c) => kprofElement("td", {}, c)),
			kprofElement("td", { class: "name" }, name));
	}

	function fill() {
		const words = filter.value.toLowerCase();
		const found = data.functions.filter(([func]) =>
			data.frames[func].name.toLowerCase().includes(words));

		found.sort((a, b) => sortBy ? b[sortBy] - a[sortBy] :
			data.frames[a[0]].name < data.frames[b[0]].name ? -1 : 1);
		body.replaceChildren(...found.slice(0, limit).map(row));
		rest.replaceChildren();
		if (found.length > limit)
			rest.append(kprofElement("button", {
				type: "button", class: "more",
				on: { click: () => { limit = Infinity; fill(); } },
			}, `show ${found.length - limit} more`));
	}

	filter.addEventListener("input", fill);
	box.replaceChildren(kprofElement("p", {}, filter),
		kprofElement("div", { class: "scroll" },
			kprofElement("table", {}, kprofElement("thead", {},
				kprofElement("tr", {}, ...columns.map(
					([name, key]) => kprofElement("th", {
						class: key ? "" : "name",
						on: { click: () => {
							sortBy = key;
							fill();
						} } }, name)))), body)),
		rest);
	fill();
	return Object.assign(() => {}, {
		state: () => ({ words: filter.value, sortBy, limit }),
		restore: (state) => {
			filter.value = state.words;
			sortBy = state.sortBy;
			limit = state.limit;
			fill();
		},
	});
}

function kprofSandwichView(data, box, func) {
	const names = kprofElement("select", { "aria-label": "function" });
	const above = kprofElement("div"), below = kprofElement("div");
	let stops = [];

	for (const [frame] of data.functions)
		names.append(kprofElement("option",
			{ value: data.frames[frame].func },
			data.frames[frame].name));
	names.value = func;

	function fill() {
		const func = Number(names.value);
		const name = names.selectedOptions[0].textContent;
		const { callees, callers } = kprofSandwich(data, func);

		stops.forEach((stop) => stop());
		stops = [];
		callees.name = callers.name = name;
		if (!callees.value) {
			above.replaceChildren("It is too small to be in the tree.");
			below.replaceChildren();
			return;
		}
		stops = [kprofDraw(data, callers, above, {}),
			 kprofDraw(data, callees, below,
				   { down: true, nokeys: true })];
	}

	names.addEventListener("change", fill);
	box.replaceChildren(kprofElement("p", {}, names),
		kprofElement("h2", {}, "Callers"), above,
		kprofElement("h2", {}, "Callees"), below);
	fill();
	return () => stops.forEach((stop) => stop());
}

// The page

function kprofFacts(data) {
	const facts = kprofElement("dl");

	for (const [name, value] of data.facts)
		facts.append(kprofElement("dt", {}, name),
			     kprofElement("dd", {}, value));
	return kprofElement("details", {},
		kprofElement("summary", {}, "How it was taken"), facts,
		...data.comments.map((c) => kprofElement("div", {}, c)));
}

// Draws it into an element. Returns what lets go of the window and tells how far
// somebody has looked, so that another page can be shown likewise: @like.
function kprofPage(data, page, like = {}) {
	const tree = kprofTree(data);
	const box = kprofElement("main");
	const nav = kprofElement("nav", { role: "tablist" });
	let stop = () => {};
	let shown = "";

	function show(name, draw) {
		stop();
		shown = name;
		for (const button of nav.children)
			button.setAttribute("aria-selected",
					    button.textContent === name);
		stop = draw();
	}

	const sandwich = (func) => show("Sandwich",
		() => kprofSandwichView(data, box, func));
	const views = {
		"Flame graph": () => kprofDraw(data, tree, box, {}),
		"Icicle": () => kprofDraw(data, tree, box, { down: true }),
		"Table": () => kprofTable(data, box, sandwich),
	};

	for (const [name, draw] of Object.entries(views))
		nav.append(kprofElement("button", { type: "button", role: "tab",
			on: { click: () => show(name, draw) } }, name));
	nav.append(kprofElement("button", { type: "button", role: "tab", on: {
		click: () => sandwich(data.frames[data.functions[0][0]].func),
	} }, "Sandwich"));
	page.replaceChildren(kprofElement("h1", {}, data.title),
		kprofElement("p", { class: "hint" }, data.summary),
		kprofElement("p", { class: data.isWhole ? "fine" : "loss" },
			     data.loss),
		kprofFacts(data), nav, box);
	const view = views[like.view] ? like.view : "Flame graph";

	show(view, views[view]);
	if (view === like.view && stop.restore)
		stop.restore(like.inner);
	return {
		stop: () => stop(),
		state: () => ({ view: shown, inner: stop.state && stop.state() }),
	};
}
