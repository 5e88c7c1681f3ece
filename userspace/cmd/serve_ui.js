// SPDX-License-Identifier: GPL-2.0-only
//
// The page at /ui/: choose, record, look. What it shows is drawn by the same
// functions as the page of "kprofctl report --html". Names of processes become
// text, never markup.
//
// Copyright (C) 2026 The kprof authors

// The processes that can be chosen; nothing chosen is everything.
function kprofProcesses() {
	const summary = kprofElement("summary", {}, "All processes");
	const filter = kprofElement("input", { id: "kprof-process-filter",
		placeholder: "part of a name or a number",
		"aria-label": "filter processes" });
	const list = kprofElement("div", { class: "processes",
		id: "kprof-processes" });
	const chosen = new Map();
	let all = [];

	function row(process) {
		const box = kprofElement("input", { type: "checkbox",
			value: process.pid, on: { change: () => {
				if (box.checked)
					chosen.set(process.pid, process.comm);
				else
					chosen.delete(process.pid);
				tell();
			} } });
		box.checked = chosen.has(process.pid);
		return kprofElement("label", { class: "inline" }, box,
			`${process.pid} ${process.comm} ` +
			`(${(process.cpuMs / 1000).toFixed(1)} s)`);
	}

	function tell() {
		const words = Array.from(chosen, ([pid, comm]) => `${comm} ${pid}`);

		summary.textContent = words.length ? words.join(", ") :
						     "All processes";
	}

	function fill() {
		const words = filter.value.toLowerCase();

		list.replaceChildren(...all.filter((p) => chosen.has(p.pid) ||
			`${p.pid} ${p.comm}`.toLowerCase().includes(words))
			.slice(0, 500).map(row));
	}

	async function load() {
		const answer = await fetch("processes");

		if (!answer.ok) {
			list.replaceChildren(await answer.text());
			return;
		}
		all = await answer.json();
		fill();
	}

	const refresh = kprofElement("button", { type: "button",
		class: "second", on: { click: load } }, "Look again");
	const box = kprofElement("details", { on: { toggle: () => {
		if (box.open)
			load();
	} } }, summary, kprofElement("p", {}, filter, " ", refresh), list);

	filter.addEventListener("input", fill);
	return { box, pids: () => Array.from(chosen.keys()) };
}

function kprofNumber(id, words, value, max) {
	const input = kprofElement("input", { type: "number", id, value, max,
		min: 1, required: "" });

	return [input, kprofElement("label", { for: id }, words, input)];
}

function kprofCheckbox(id, words) {
	const input = kprofElement("input", { type: "checkbox", id });

	return [input, kprofElement("label", { for: id, class: "inline" },
				    input, words)];
}

function kprofUi(place) {
	const processes = kprofProcesses();
	const [seconds, secondsLabel] =
		kprofNumber("kprof-seconds", "Seconds", 5, 3600);
	const [rate, rateLabel] = kprofNumber("kprof-rate", "Hz", 99, 100000);
	const [kernel, kernelLabel] =
		kprofCheckbox("kprof-kernel", "with the kernel");
	const [live, liveLabel] = kprofCheckbox("kprof-live", "again and again");
	const button = kprofElement("button", { id: "kprof-record" }, "Record");
	const status = kprofElement("p", { id: "kprof-status", role: "status" });
	const progress = kprofElement("progress", { hidden: "", max: 1 });
	const page = kprofElement("div", { id: "kprof-page" });
	let running = null, drawn = null;

	function query() {
		const words = new URLSearchParams({ seconds: seconds.value,
						    hz: rate.value });

		if (processes.pids().length)
			words.set("pid", processes.pids().join(","));
		if (kernel.checked)
			words.set("kernel", 1);
		return words.toString();
	}

	function showProgress(duration) {
		const started = performance.now();

		progress.hidden = false;
		const timer = setInterval(() => {
			progress.value = Math.min(1,
				(performance.now() - started) / duration);
		}, 200);
		return () => {
			clearInterval(timer);
			progress.hidden = true;
		};
	}

	function show(data, id) {
		const like = drawn ? drawn.state() : {};

		if (drawn)
			drawn.stop();
		drawn = null;
		if (data.empty) {
			page.replaceChildren(kprofElement("p",
				{ class: "loss" }, "There is no sample in it."),
				...data.empty.map((c) =>
					kprofElement("div", {}, c)));
			return;
		}
		drawn = kprofPage(data, page, like);
		page.append(kprofElement("p", {}, kprofElement("a", {
			href: "profile/" + encodeURIComponent(id),
			download: "kprof.pb.gz", id: "kprof-download",
		}, "Download kprof.pb.gz")));
	}

	async function record(signal) {
		const stop = showProgress(seconds.value * 1000);

		try {
			const answer = await fetch("data?" + query(), { signal });

			if (!answer.ok)
				throw new Error(await answer.text());
			show(await answer.json(),
			     answer.headers.get("X-Kprof-Profile"));
		} finally {
			stop();
		}
	}

	async function run() {
		running = new AbortController();
		button.textContent = "Stop";
		status.replaceChildren();
		try {
			do
				await record(running.signal);
			while (live.checked);
		} catch (error) {
			if (error.name !== "AbortError")
				status.replaceChildren(error.message);
		}
		button.textContent = "Record";
		running = null;
	}

	place.append(kprofElement("form", { on: { submit: (event) => {
		event.preventDefault();
		if (running)
			running.abort();
		else
			run();
	} } }, processes.box, secondsLabel, rateLabel, kernelLabel, liveLabel,
		button), progress, status, page);
}

kprofUi(document.body);
