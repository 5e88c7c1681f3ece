# SPDX-License-Identifier: GPL-2.0
#
# Facts to figures: reads "name value" lines, prints the table, and writes it to
# the file TSV, too. Exits 1 when a limit is missed, 2 when a fact is missing.
#
# Copyright (C) 2026 The kprof authors

# Of repeated measurements the smallest: whatever else a guest does adds to it.
{
	name = $1
	sub(/^[^ ]+ */, "")
	if (!(name in facts) || $0 + 0 < facts[name] + 0)
		facts[name] = $0
}

function get(name)
{
	if (facts[name] ~ /^[0-9]+$/)
		return facts[name] + 0
	printf "bench: no fact '%s'\n", name >"/dev/stderr"
	status = 2
	return 0
}

function ratio(a, b) { return b ? a / b : 0 }
function larger(a, b) { return a > b ? a : b }

# Instructions that a run took above the one without, for each of @count
function cost(name, count)
{
	return ratio(get(name ".elapsed_ns") - get("without.elapsed_ns"), count)
}

function cost_above(name, without)
{
	return ratio(get(name ".elapsed_ns") - get(without ".elapsed_ns"),
		     get(name ".samples"))
}

function cost_per_sample(name) { return cost(name, get(name ".samples")) }

# A timer that is not told what to sample counts other programs, too.
function cost_per_tick(name)
{
	return cost(name, get(name ".elapsed_ns") * get("rate_hz") / 1e9)
}

function bytes_per_sample(name)
{
	return ratio(get(name ".bytes"), get(name ".samples"))
}

function shown(value)
{
	return sprintf(value < 100 && value % 1 ? "%.1f" : "%.0f", value)
}

function line(a, b, c, d, e, f)
{
	printf "%-47s %8s  %-14s  %-36s %8s  %s\n", a, b, c, d, e, f
}

# A limit of 0 is none.
function figure(name, value, most)
{
	metric = name
	own = value
	first = name
	limit = ""
	if (most)
		limit = "<= " shown(most)
	if (most && value > most)
		miss()
}

function miss()
{
	limit = limit " MISSED"
	status = larger(status, 1)
}

# The same with a lower limit
function rate(name, value, least)
{
	figure(name, value, 0)
	limit = ">= " shown(least)
	if (value < least)
		miss()
}

function row(peer, value, share)
{
	line(first, first ? shown(own) : "", first ? limit : "", peer, value,
	     share)
	printf "%s\t%s\t%s\t%s\t%s\n", metric, shown(own), peer ? peer : "-",
	       value ? value : "-", share ? share : "-" >TSV
	first = ""
}

function peer(name, value)
{
	row(name, shown(value), sprintf("%.2g", ratio(own, value)))
}

function cost_rows()
{
	figure("instructions/sample, 30 frames, with collector",
	       cost_per_sample("kprof"), 1900)
	peer("perf record", cost_per_sample("perf_none"))
	peer("perf record --call-graph fp", cost_per_sample("perf_fp"))
	peer("perf record --call-graph dwarf", cost_per_sample("perf_dwarf"))
	if ("bpftrace.error" in facts)
		row("bpftrace: " facts["bpftrace.error"])
	else
		peer("bpftrace, @[ustack] = count()", cost_per_tick("bpftrace"))

	figure("instructions/sample, 30 frames, by unwind tables",
	       cost_above("rows_kprof", "rows_without"), 4000)
	peer("perf record --call-graph fp", cost_per_sample("perf_fp"))
	peer("perf record --call-graph dwarf", cost_per_sample("perf_dwarf"))
	figure("the same, 2,000 functions at random",
	       cost_above("tree_kprof", "tree_without"))
	row()
	figure("instructions/interrupt, redis, by unwind tables",
	       get("redis_rows.handler_ns"))
	row()
	figure("instructions/interrupt, CPython, by unwind tables",
	       get("python_rows.handler_ns"))
	row()

	figure("instructions/sample, 30 frames, interrupts only",
	       cost_per_sample("kprof_late"))
	peer("kprof's interrupt, nothing to sample",
	     cost("kprof_floor", get("kprof_floor.interrupts")))

	figure("instructions more per million, no target runs",
	       1e6 * cost("kprof_parked", get("without.elapsed_ns")), 1000)
	row()

	figure("instructions, longest interrupt, 127 frames",
	       larger(get("gap_kprof.longest_gap_ns"),
		      get("gap_kprof.handler_max_ns")), 25000)
	peer("perf record --call-graph fp", get("gap_perf.longest_gap_ns"))
	peer("no profiler, the kernel's own tick",
	     get("gap_without.longest_gap_ns"))
}

function bytes_rows()
{
	figure("bytes/sample, stack seen before",
	       ratio(get("kprof_late.repeated_bytes"),
		     get("kprof_late.repeated_samples")), 40)
	peer("perf record --call-graph fp", bytes_per_sample("perf_fp"))
	peer("perf record --call-graph dwarf", bytes_per_sample("perf_dwarf"))

	figure("bytes/sample, redis, definitions included",
	       bytes_per_sample("redis_kprof"))
	peer("perf record --call-graph fp", bytes_per_sample("redis_perf"))
}

function memory_rows()
{
	figure("collector, KiB, 4 CPUs, before symbolizing",
	       larger(get("program_addresses.peak_kib"),
		      get("redis_addresses.peak_kib")), 10 * 1024)
	row()
	figure("collector, KiB, 4 CPUs, at the end",
	       larger(get("program_names.peak_kib"),
		      get("redis_names.peak_kib")), 32 * 1024)
	row()
	figure("kprof.ko, bytes of text", get("module.text_bytes"), 64 * 1024)
	row()
}

# Milliseconds of CPU time
function ms(name) { return get("symbols." name "_us") / 1000 }

# Answers that differ from those of others, of 100,000
function same(name)
{
	figure("answers of 100,000 that differ from it", get("symbols." name "_different"), 100)
	row()
}

function dwarf_rows()
{
	figure("ms, 100,000 names of the kernel, from DWARF",
	       ms("names"), ms("addr2line") / 20)
	peer("addr2line -f", ms("addr2line"))
	figure("", ms("names"), ms("llvm"))
	peer("llvm-symbolizer", ms("llvm"))
	same("names")

	figure("ms, 100,000 lines and inlined functions",
	       ms("lines"), ms("llvm"))
	peer("llvm-symbolizer", ms("llvm"))
	figure("", ms("lines"), ms("eu_some"))
	peer("eu-addr2line -i, 5,000 of them", ms("eu_some"))
	same("lines")
}

function map_rows()
{
	rate("look-ups/s in a symbol map, with lines",
	     get("symbols.random_per_second"), 1000000)
	row("in ascending order", shown(get("symbols.ascending_per_second")))
	figure("ms, 100,000 look-ups, kprofctl symmap lookup",
	       ms("map_lookups"), ms("gsymutil_lookups"))
	peer("llvm-gsymutil, the same map", ms("gsymutil_lookups"))
	same("map")
	figure("instructions/look-up, reading the address", get("symbols.map_instructions"), 0)
	row()
	figure("ms to the first answer, from exec", ms("first"), 5)
	peer("the system's, to main()", ms("start"))
	figure("KiB of own memory after all look-ups",
	       get("symbols.private_kib"), 16 * 1024)
	row()
	figure("ms, building the kernel's map, with lines",
	       ms("build"), 2 * ms("gsymutil_build"))
	peer("llvm-gsymutil --convert", ms("gsymutil_build"))
	figure("KiB, that map", get("symbols.map_bytes") / 1024,
	       get("symbols.dwarf_bytes") / 4096)
	peer("its DWARF", get("symbols.dwarf_bytes") / 1024)
}

function report_rows()
{
	figure("ms, report of 1,000,000 distinct stacks",
	       get("report.kprofctl_us") / 1000, get("report.pprof_us") / 1000)
	peer("go tool pprof -top", get("report.pprof_us") / 1000)
	figure("KiB at most, the same", get("report.kprofctl_kib"),
	       get("report.pprof_kib") / 2)
	peer("go tool pprof -top", get("report.pprof_kib"))
}

END {
	printf "metric\tkprof\tpeer name\tpeer\tratio\n" >TSV
	line("metric", "kprof", "limit", "peer", "peer's", "ratio")
	cost_rows()
	bytes_rows()
	memory_rows()
	dwarf_rows()
	map_rows()
	report_rows()
	exit status
}
