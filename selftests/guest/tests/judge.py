# SPDX-License-Identifier: GPL-2.0
"""What the .check parts of the guest tests share: TAP, profiles, facts.

A check is a program that prints TAP about what its topic's guest part left in
build/guest-tests/TOPIC. Every message says what was expected and what was got.
"""

import gzip
import json
import os
import re
import subprocess
import sys

TESTS = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.abspath(os.path.join(TESTS, "..", "..", ".."))
BUILD = os.environ.get("KPROF_BUILD", os.path.join(TOP, "build"))
KERNEL = os.environ.get("KERNEL", "")
RESULTS = os.path.join(BUILD, "guest-tests" + ("-" + KERNEL if KERNEL else ""))
KPROFCTL = os.path.join(BUILD, "kprofctl")
UNNAMED = re.compile(r"^\[.*\+0x[0-9a-f]+\]$|^\[maps changing\]$")


class Tap:
    """Prints "ok N - name"; end() prints the plan and gives the exit status."""

    def __init__(self):
        self.number = 0
        self.failed = 0

    def ok(self, is_ok, name, explanation=""):
        self.number += 1
        print(f"{'ok' if is_ok else 'not ok'} {self.number} - {name}")
        if not is_ok:
            self.failed += 1
            for line in str(explanation).splitlines():
                print(f"# {line}")
        sys.stdout.flush()
        return is_ok

    def equal(self, got, expected, name):
        return self.ok(got == expected, name,
                       f"expected {expected!r}, got {got!r}")

    def within(self, got, expected, tolerance, name, unit=""):
        """Also prints the numbers of a test that passes."""
        text = (f"expected {expected:.2f} +- {tolerance:.2f}{unit}, "
                f"got {got:.2f}{unit}")
        is_ok = self.ok(abs(got - expected) <= tolerance, name, text)
        if is_ok:
            self.note(f"{name}: {text}")
        return is_ok

    def at_least(self, got, least, name):
        return self.ok(got >= least, name, f"expected at least {least}, got {got}")

    def matches(self, text, pattern, name):
        return self.ok(re.search(pattern, text) is not None, name,
                       f"expected {pattern!r}\ngot {text!r}")

    def skip(self, name, reason):
        """In continuous integration everything is there, or it is an error."""
        if os.environ.get("CI") == "1":
            self.ok(False, name, f"expected no skip under CI=1, got: {reason}")
            return
        self.number += 1
        print(f"ok {self.number} - {name} # SKIP {reason}")

    def absent(self, name, what):
        """What this kernel or architecture does not have, nobody can supply."""
        self.number += 1
        print(f"ok {self.number} - {name} # SKIP {what} is absent")

    def note(self, text):
        for line in str(text).splitlines():
            print(f"# {line}")

    def replay(self, text, prefix):
        """Takes over the TAP that a program in the guest printed."""
        plan = None
        seen = 0
        lines = text.splitlines()
        for i, line in enumerate(lines):
            match = re.match(r"(not )?ok \d+ - (.*)", line)
            if match:
                seen += 1
                after = [x[2:] for x in lines[i + 1:i + 2] if x.startswith("# ")]
                self.ok(not match[1], f"{prefix}: {match[2]}", "\n".join(after))
            elif line.startswith("1.."):
                plan = int(line[3:])
        self.ok(plan == seen and seen > 0, f"{prefix}: ran to its end",
                f"expected a plan of {seen} tests, got {plan}")

    def end(self):
        print(f"1..{self.number}")
        return 1 if self.failed else 0


class Report:
    """A profile as "kprofctl report --json" shows it."""

    def __init__(self, data):
        self.data = data
        self.total = data["total"]
        self.stacks = data["stacks"]
        self.comments = data["comments"]
        self.period_ns = data["period_ns"]

    def comment(self, key):
        for comment in self.comments:
            if comment.startswith(key + ":"):
                return comment[len(key) + 1:].strip()
        return None

    def counts(self, key):
        """(samples, weight) of "key: N samples, weight W"."""
        match = re.match(r"(\d+) samples, weight (\d+)", self.comment(key) or "")
        return (int(match[1]), int(match[2])) if match else None

    def percent(self, key, what):
        """Share of "key: what A %, other B %"."""
        match = re.search(re.escape(what) + r" ([\d.]+) %",
                          self.comment(key) or "")
        return float(match[1]) if match else 0.0

    def select(self, **labels):
        return [s for s in self.stacks
                if all(s["labels"].get(k) == v for k, v in labels.items())]

    def with_frame(self, function):
        return [s for s in self.stacks if function in s["frames"]]


class Topic:
    """What the guest part of a topic left."""

    def __init__(self, name=None):
        name = name or os.path.splitext(os.path.basename(sys.argv[0]))[0]
        self.name = name
        self.folder = os.path.join(RESULTS, name)
        self.tap = Tap()
        if not os.path.isdir(self.folder):
            subprocess.run([os.path.join(TESTS, "boot"), name], check=False,
                           stdout=sys.stderr)
        absent = self.text("absent").strip()
        if absent:
            self.tap.absent(name, absent)
            sys.exit(self.tap.end())
        self.check_guest()

    def check_guest(self):
        """The guest's own status; without it nothing else means much."""
        status = self.text("guest-status").strip()
        self.tap.ok(status == "0", f"{self.name}: the guest ran to its end",
                    f"expected status 0, got {status}\n" +
                    self.text("guest-stderr")[-2000:])
        self.tap.ok(self.text("status").strip() == "0",
                    f"{self.name}: the guest part ran to its end",
                    f"expected status 0, got {self.text('status').strip()!r}\n" +
                    self.text("log")[-2000:])
        if not self.text("status"):
            sys.exit(self.tap.end())

    def replay_programs(self, *programs):
        """The TAP of programs that judged for themselves, and their notes."""
        for program in programs:
            text = self.text(program + ".out")
            self.tap.replay(text, program)
            self.tap.equal(self.text(program + ".err"), "",
                           f"{program}: had no trouble")
            lines = text.splitlines()
            for before, line in zip([""] + lines, lines):
                if line.startswith("# ") and not before.startswith("not ok"):
                    self.tap.note(line[2:])

    def nothing_held(self, name="counters"):
        left = [line for line in self.text(name).splitlines()
                if not line.endswith("=0")]
        self.tap.equal(left, [], "nothing is held when all is closed")

    def arch(self):
        return self.text("arch").strip()

    def is_foreign(self):
        """Whether the guest could not run this machine's programs."""
        host = subprocess.run(["dpkg", "--print-architecture"], check=True,
                              capture_output=True, text=True).stdout
        return self.arch() != host.strip()

    def programs(self):
        """The folder of the programs that the guest had."""
        arch = self.arch() if self.is_foreign() else ""
        return os.path.join(BUILD, arch, "guest-programs")

    def path(self, name):
        return os.path.join(self.folder, name)

    def text(self, name):
        try:
            with open(self.path(name), encoding="utf-8", errors="replace") as f:
                return f.read()
        except FileNotFoundError:
            return ""

    def facts(self, name="facts"):
        """{first word: [other words]} of the last line with that word."""
        return {words[0]: words[1:] for words in
                (line.split() for line in self.text(name).splitlines()) if words}

    def lines(self, name, key):
        return [line.split()[1:] for line in self.text(name).splitlines()
                if line.split()[:1] == [key]]

    def number(self, name, key):
        words = self.facts(name).get(key)
        return float(words[0]) if words else 0.0

    def report(self, name):
        """The profile NAME.pb.gz; None, and a failed test, if there is none."""
        run = subprocess.run([KPROFCTL, "report", self.path(name + ".pb.gz"),
                              "--json"], capture_output=True, text=True,
                             check=False)
        if run.returncode != 0:
            self.tap.ok(False, f"{name}: the profile can be read",
                        f"expected a report, got: {run.stderr}\n" +
                        "recording said: " + self.text(name + ".err"))
            return None
        return Report(json.loads(run.stdout))

    def recorded(self, name):
        """The same after a recording that must have ended well."""
        self.tap.ok(self.text(name + ".status").strip() == "0",
                    f"{name}: kprofctl ended well",
                    f"expected status 0, got "
                    f"{self.text(name + '.status').strip()!r}: " +
                    self.text(name + ".err"))
        return self.report(name)


def protobuf_fields(data):
    """(number, value) of a message: bytes, or a number."""
    at = 0

    def varint():
        nonlocal at
        value, shift = 0, 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 0x7f) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(data):
        key = varint()
        value = varint()
        if key & 7 == 2:
            value, at = data[at:at + value], at + value
        yield key >> 3, value


def named_offsets(path, binary):
    """{(offset in the file, name)} of what a profile says of one binary."""
    with gzip.open(path) as file:
        fields = list(protobuf_fields(file.read()))
    messages = {number: [dict(protobuf_fields(v)) for n, v in fields if n == number]
                for number in (3, 4, 5)}
    strings = [value.decode() for number, value in fields if number == 6]
    mappings = {m[1]: m for m in messages[3]
                if os.path.basename(strings[m.get(5, 0)]) == binary}
    names = {f[1]: strings[f.get(2, 0)] for f in messages[5]}
    found = set()
    for location in messages[4]:
        mapping = mappings.get(location.get(2))
        if mapping and 4 in location:
            line = dict(protobuf_fields(location[4]))
            found.add((location[3] - mapping[2] + mapping.get(4, 0),
                       names[line[1]]))
    return found


def leaf_share(function, stacks):
    """Percentage of the stacks' CPU time with this function innermost."""
    total = sum(s["cpu_ns"] for s in stacks)
    part = sum(s["cpu_ns"] for s in stacks
               if s["frames"] and s["frames"][0] == function)
    return 100.0 * part / total if total else 0.0


def is_named(frame):
    return not UNNAMED.match(frame)


def weight_ns(report):
    """CPU time that the delivered samples stand for, from their weights."""
    counts = report.counts("delivered")
    return counts[1] * report.period_ns if counts else 0
