# SPDX-License-Identifier: GPL-2.0
"""Chains of recorded stops by several unwinders, and how they compare."""

import collections
import dataclasses
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "guest", "tests"))

import stops  # noqa: E402
from judge import BUILD  # noqa: E402
from whereis import Whereis  # noqa: E402

OUT = os.path.join(BUILD, "stacks")
LOOKUP = os.path.join(BUILD, "clients", "lookup")
# e_machine: which gdb, and the walker's name of it
MACHINES = {stops.EM_X86_64: ("gdb", "x86"),
            stops.EM_AARCH64: ("gdb-multiarch", "arm64"),
            stops.EM_RISCV: ("gdb-multiarch", "riscv"),
            stops.EM_ARM: ("gdb-multiarch", "arm")}
# libdw knows no registers of others.
OF_LIBDW = (stops.EM_X86_64, stops.EM_AARCH64)
# Where threads begin. Of the entry of a file, nearly always stripped, _start.
OUTERMOST = {"_start", "clone", "clone3", "__clone", "__clone3", "start_thread"}
ENTRY_BYTES = 48


def stops_file(name):
    return os.path.join(OUT, f"{name}.stops")


def command(unwinder, path):
    gdb, machine = MACHINES[stops.read(path)[0]]
    if unwinder == "gdb":
        return [gdb, "-nx", "-batch", "-x", os.path.join(HERE, "gdb_chain.py")]
    program = f"our_chain-{machine}" if unwinder == "ours" else "libdw_chain"
    return [os.path.join(OUT, program), path]


def run_once(unwinder, path, first):
    """What it printed, and whether it came to the end."""
    output = subprocess.run(command(unwinder, path), stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True, check=False,
                            env=dict(os.environ, STOPS=path, FIRST=str(first)))
    return output.stdout.splitlines(), output.returncode == 0


def run(unwinder, path, count):
    """{number of stop: (how the walk ended, [pc])}. gdb for riscv64 has internal
    errors where it takes data for instructions: such a stop has no chain."""
    found, first, lines = {}, 0, []
    while first < count:
        more, is_done = run_once(unwinder, path, first)
        if not is_done and unwinder != "gdb":
            raise RuntimeError(f"{path}: {unwinder} failed")
        lines += more
        for line in more:
            number, end, *pcs = line.split()
            found[int(number)] = (end, [int(pc, 16) for pc in pcs])
        # The one behind the last
        first = count if is_done else max([first - 1, *found]) + 2
    with open(f"{path}.{unwinder}", "w", encoding="utf-8") as kept:
        kept.write("\n".join(lines))
    return found


class Comparison:
    """One unwinder's chains beside another's."""

    def __init__(self):
        self.stops = self.frames = self.equal = self.wrong = self.got = 0
        self.parted = collections.Counter()
        self.example = {}

    def add(self, stop, number, got, expected, end):
        self.stops += 1
        self.frames += max(len(got), len(expected))
        self.equal += sum(a == b for a, b in zip(got, expected))
        self.got += len(got)
        self.wrong += sum(a != b for a, b in zip(got, expected))
        if got != expected:
            self.add_difference(stop, number, got, expected, end)

    def add_difference(self, stop, number, got, expected, end):
        same = 0
        while got[same:same + 1] == expected[same:same + 1]:
            same += 1

        def name(chain, at):
            if not 0 <= at < len(chain):
                return "the end"
            return stops.place_of(stop.mappings, chain[at])
        key = (name(expected, same - 1), name(expected, same),
               name(got, same), end)
        self.parted[key] += 1
        self.example.setdefault(key, (number, same, stop.place))

    @property
    def percent_equal(self):
        return 100 * self.equal / max(self.frames, 1)

    @property
    def percent_wrong(self):
        """Of those that were got; one that is missing is not wrong."""
        return 100 * self.wrong / max(self.got, 1)

    def differences(self, most):
        for key, count in self.parted.most_common(most):
            inner, expected, got, end = key
            number, same, place = self.example[key]
            yield (f"{count} times, first at stop {number}, frame {same}, leaf in "
                   f"{place}: the caller of {inner}: expected {expected}, got "
                   f"{got} ({end})")


class Recording:
    """All stops of a program."""

    def __init__(self, name):
        self.path = stops_file(name)
        self.machine = stops.read(self.path)[0]
        # Stacks are for the unwinders only, and large.
        self.stops = [dataclasses.replace(stop, pieces=None)
                      for stop in stops.read(self.path)[1]]
        self.by_place = collections.Counter(s.place for s in self.stops)

    @property
    def count(self):
        return len(self.stops)

    @property
    def percent_special(self):
        special = sum(self.by_place[p] for p in stops.SPECIAL_PLACES)
        return 100 * special / max(self.count, 1)

    @property
    def places(self):
        return ", ".join(f"{100 * count / self.count:.1f} % {place}"
                         for place, count in self.by_place.most_common())

    def chains(self, unwinder):
        """Up to the first pc that is no code: there nobody knows a caller."""
        found = run(unwinder, self.path, self.count)
        for number, stop in enumerate(self.stops):
            end, pcs = found.get(number, ("missing", []))
            known = [stops.mapping_of(stop.mappings, pc) for pc in pcs] + [None]
            # The leaf may be anywhere.
            found[number] = (end, pcs[:max(known.index(None), 1)])
        return found

    def described(self, chain, stop, places):
        """Of a chain, up to the first frame whose caller only unwind information
        that is not there would tell. On other machines than 32-bit ARM such
        code is rare, and gdb's guess good."""
        if self.machine != stops.EM_ARM:
            return chain
        for number, pc in enumerate(chain):
            if places.place(stop.mappings, pc - (number > 0)) == stops.PLACES[0]:
                return chain[:number + 1]
        return chain

    @property
    def undescribed(self):
        """Stops in code without unwind information: there all unwinders guess,
        gdb by what looks like a prologue."""
        return {number for number, stop in enumerate(self.stops)
                if stop.place == stops.PLACES[0]}

    def compare(self, got, expected, left_out=None):
        result = Comparison()
        places = Whereis()
        left_out = self.undescribed if left_out is None else left_out
        for number, stop in enumerate(self.stops):
            if number in left_out or not expected[number][1]:
                continue
            known = self.described(expected[number][1], stop, places)
            of_ours = got[number][1]
            if known != expected[number][1]:
                of_ours = of_ours[:len(known)]
            result.add(stop, number, of_ours, known, got[number][0])
        places.end()
        return result

    def end_names(self, found):
        """[name of the outermost function], one for each stop."""
        places = []
        for number, stop in enumerate(self.stops):
            # Of none nobody knows the end.
            pc = (found[number][1] or [0])[-1]
            mapping = stops.mapping_of(stop.mappings, pc)
            places.append((mapping.path, pc - stops.load_bias(mapping) - 1)
                          if mapping else (None, pc))
        names = outermost_names(set(places))
        return [names[place] for place in places]

    def complete(self, found):
        """Numbers of the stops whose stacks begin where threads do."""
        return {number for number, name in enumerate(self.end_names(found))
                if name in OUTERMOST}

    def other_ends(self, found):
        ends = collections.Counter(self.end_names(found))
        return {name: count for name, count in ends.most_common()
                if name not in OUTERMOST}


def outermost_names(places):
    """{(path, address): name}."""
    names = {}
    for path, address in places:
        if path is None:
            names[path, address] = f"{address:#x}"
        elif 0 <= address - stops.elf(path).entry < ENTRY_BYTES:
            names[path, address] = "_start"
        else:
            found = subprocess.run([LOOKUP, path], input=f"{address:x}\n",
                                   stdout=subprocess.PIPE, text=True, check=True)
            names[path, address] = found.stdout.split("|")[0]
    return names
