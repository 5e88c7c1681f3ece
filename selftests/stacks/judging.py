# SPDX-License-Identifier: GPL-2.0
"""What is asked of the recorded stops of a program, on every machine."""

import collections
import os
import time

import chains

STOPS = int(os.environ.get("STOPS", "300"))
LEAST_SPECIAL = 25
LEAST_COMPLETE = 99
MOST_WRONG = 2
MOST_SHOWN = 5


def judge_equal(tap, name, result, oracle, least):
    share = result.percent_equal
    what = f"{name}: frames are those of {oracle}"
    tap.ok(share >= least, what,
           f"expected at least {least} % of {result.frames} frames to be "
           f"equal, got {share:.3f} %")
    tap.note(f"{name}: {result.stops} stops, {result.frames} frames, "
             f"{share:.3f} % equal {oracle}'s")
    for line in result.differences(MOST_SHOWN):
        tap.note(f"  {line}")


def judge_complete(tap, name, all_stops, ours, gdb):
    """Where an exception is on its way even gdb does not always get out: the
    unwinder writes over the registers that its own frames have saved."""
    possible = all_stops.complete(gdb)
    reached = all_stops.complete(ours)
    share = 100 * len(reached & possible) / max(len(possible), 1)
    tap.ok(share >= LEAST_COMPLETE,
           f"{name}: stacks reach the start of the thread if gdb's do",
           f"expected {LEAST_COMPLETE} % of {len(possible)}, got {share:.2f} %")
    tap.note(f"{name}: whole stacks: {len(reached)} of {all_stops.count}, "
             f"{len(possible)} by gdb; others end in "
             f"{all_stops.other_ends(ours)}")


def judge_wrong(tap, name, all_stops, ours, gdb):
    """Of code without unwind information frames may be missing, if that is said,
    but not wrong."""
    result = all_stops.compare(ours, gdb, left_out=())
    ends = collections.Counter(end for end, _ in ours.values())
    tap.ok(result.percent_wrong <= MOST_WRONG, f"{name}: frames are not wrong",
           f"expected at most {MOST_WRONG} % of {result.got} frames, got "
           f"{result.percent_wrong:.2f} %")
    tap.note(f"{name}: {result.stops} stops, gdb has {result.frames} frames, of "
             f"these {result.percent_equal:.1f} % are there; of the "
             f"{result.got} that are there {result.percent_wrong:.2f} % are "
             f"others than gdb's; they end {dict(ends)}")
    for line in result.differences(MOST_SHOWN):
        tap.note(f"  {line}")


def note_libdw(tap, name, all_stops, ours, gdb):
    """Which of two is wrong"""
    libdw = all_stops.chains("libdw")
    for got, expected, what in ((ours, libdw, "ours and libdw"),
                                (libdw, gdb, "libdw and gdb")):
        between = all_stops.compare(got, expected)
        tap.note(f"{name}: {what} agree on {between.percent_equal:.3f} %")
        for line in between.differences(MOST_SHOWN):
            tap.note(f"  {line}")


def record_stops(tap, name, record):
    """None if that does not work. record(name) returns what went wrong, "" if
    nothing did."""
    problem = record(name)
    if not tap.ok(not problem, f"{name}: stops are recorded", problem):
        return None
    all_stops = chains.Recording(name)
    tap.at_least(all_stops.count, STOPS, f"{name}: as many as asked for")
    return all_stops


def judge_program(tap, name, record, least_equal):
    started = time.monotonic()
    all_stops = record_stops(tap, name, record)
    if not all_stops:
        return
    tap.ok(all_stops.percent_special >= LEAST_SPECIAL,
           f"{name}: enough are in prologues, epilogues and linkage stubs",
           f"expected {LEAST_SPECIAL} %, got {all_stops.places}")
    tap.note(f"{name}: {all_stops.places}; the unknown are in code without "
             f"unwind information, and not compared")
    ours, gdb = all_stops.chains("ours"), all_stops.chains("gdb")
    judge_equal(tap, name, all_stops.compare(ours, gdb), "gdb", least_equal)
    if all_stops.machine in chains.OF_LIBDW:
        note_libdw(tap, name, all_stops, ours, gdb)
    judge_complete(tap, name, all_stops, ours, gdb)
    tap.note(f"{name}: {time.monotonic() - started:.0f} s")


def judge_undescribed(tap, name, record):
    """A program most of whose code has no unwind information."""
    started = time.monotonic()
    all_stops = record_stops(tap, name, record)
    if not all_stops:
        return
    judge_wrong(tap, name, all_stops, all_stops.chains("ours"),
                all_stops.chains("gdb"))
    tap.note(f"{name}: {time.monotonic() - started:.0f} s")
