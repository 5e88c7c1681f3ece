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

OUT = os.path.join(BUILD, "stacks")
LOOKUP = os.path.join(BUILD, "clients", "lookup")
UNWINDERS = ("ours", "gdb", "libdw")
# e_machine: which gdb, and the walker's name of it
MACHINES = {stops.EM_X86_64: ("gdb", "x86"),
            stops.EM_AARCH64: ("gdb-multiarch", "arm64")}
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


def run(unwinder, path):
    """{number of stop: (how the walk ended, [pc])}."""
    output = subprocess.run(command(unwinder, path), stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True, check=True,
                            env=dict(os.environ, STOPS=path, EVERY="1"))
    with open(f"{path}.{unwinder}", "w", encoding="utf-8") as kept:
        kept.write(output.stdout)
    found = {}
    for line in output.stdout.splitlines():
        number, end, *pcs = line.split()
        found[int(number)] = (end, [int(pc, 16) for pc in pcs])
    return found


class Comparison:
    """One unwinder's chains beside another's."""

    def __init__(self):
        self.stops = self.frames = self.equal = 0
        self.parted = collections.Counter()
        self.example = {}

    def add(self, stop, number, got, expected, end):
        self.stops += 1
        self.frames += max(len(got), len(expected))
        self.equal += sum(a == b for a, b in zip(got, expected))
        if got != expected:
            self.add_difference(stop, number, got, expected, end)

    def add_difference(self, stop, number, got, expected, end):
        same = 0
        while got[same:same + 1] == expected[same:same + 1]:
            same += 1

        def name(chain, at):
            return (stops.place_of(stop.mappings, chain[at])
                    if at < len(chain) else "the end")
        key = (name(expected, same - 1), name(expected, same),
               name(got, same), end)
        self.parted[key] += 1
        self.example.setdefault(key, (number, same, stop.place))

    @property
    def percent_equal(self):
        return 100 * self.equal / max(self.frames, 1)

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
        found = run(unwinder, self.path)
        for number, stop in enumerate(self.stops):
            end, pcs = found.get(number, ("missing", []))
            known = [stops.mapping_of(stop.mappings, pc) for pc in pcs] + [None]
            # The leaf may be anywhere.
            found[number] = (end, pcs[:max(known.index(None), 1)])
        return found

    @property
    def undescribed(self):
        """Stops in code without unwind information: there all unwinders guess,
        gdb by what looks like a prologue."""
        return {number for number, stop in enumerate(self.stops)
                if stop.place == stops.PLACES[0]}

    def compare(self, got, expected):
        result = Comparison()
        left_out = self.undescribed
        for number, stop in enumerate(self.stops):
            if number in left_out:
                continue
            result.add(stop, number, got[number][1], expected[number][1],
                       got[number][0])
        return result

    def end_names(self, found):
        """[name of the outermost function], one for each stop."""
        places = []
        for number, stop in enumerate(self.stops):
            pc = found[number][1][-1]
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
        elif 0 <= address - stops.entry(path) < ENTRY_BYTES:
            names[path, address] = "_start"
        else:
            found = subprocess.run([LOOKUP, path], input=f"{address:x}\n",
                                   stdout=subprocess.PIPE, text=True, check=True)
            names[path, address] = found.stdout.split("|")[0]
    return names
