# SPDX-License-Identifier: GPL-2.0-only
"""Stops a program of another machine, which qemu-user runs under gdb's control,
at random instants and records them. gdb-multiarch runs this file:

    SOCKET=S QEMU=PID ROOT=DIR OUT=FILE STOPS=N WHEREIS=TOOL \\
        gdb-multiarch -nx -batch -ex "file PROGRAM" -x gdb_record.py

A signal that the program never sees interrupts it between two blocks of
translated code; steps lead from there to any instruction, and for a share of
the stops into a prologue, an epilogue or a linkage stub. One thread only.
"""

import os
import random
import re
import subprocess
import sys

import gdb

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import stops  # noqa: E402

MAX_PAUSE_S = 0.02
MAX_STEPS = 30
MAX_SEEK_STEPS = 120
SEEK_PERCENT = 85
PAGE = 4096
REGISTERS = {
    stops.EM_AARCH64: [f"x{n}" for n in range(31)] + ["sp"],
    stops.EM_RISCV: [f"x{n}" for n in range(32)],
}


def run(command):
    return gdb.execute(command, to_string=True)


def value(name):
    return int(gdb.parse_and_eval(f"${name}")) & (2**64 - 1)


class Whereis:
    """Asks the tool of that name."""

    def __init__(self, program):
        self.tool = subprocess.Popen([program], stdin=subprocess.PIPE,
                                     stdout=subprocess.PIPE, text=True)

    def place(self, mappings, pc):
        mapping = stops.mapping_of(mappings, pc)
        if not mapping:
            return stops.PLACES[0]
        offset = pc - mapping.start + mapping.offset
        print(f"{offset:x} {mapping.path}", file=self.tool.stdin, flush=True)
        return stops.PLACES[int(self.tool.stdout.readline())]


def loaded_files():
    """[(path, what was added to its addresses)], the program first."""
    program = gdb.current_progspace().filename
    entry = int(re.search(r"Entry point: (0x[0-9a-f]+)", run("info files"))[1], 16)
    files = [(program, entry - stops.entry(program))]
    for line in run("info sharedlibrary").splitlines():
        match = re.match(r"(0x[0-9a-f]+) .* (/.*)", line)
        if match:
            files.append((match[2], int(match[1], 16) -
                          stops.section_address(match[2], ".text")))
    return files


def mappings():
    return sorted((stops.executable_mapping(path, bias)
                   for path, bias in loaded_files()), key=lambda m: m.start)


def read_stack(sp):
    """From below the stack pointer to where the memory ends."""
    inferior = gdb.selected_inferior()
    start = (sp - stops.RED_ZONE) & ~7
    data = b""
    while len(data) < stops.MAX_PIECE:
        at = start + len(data)
        try:
            data += bytes(inferior.read_memory(at, PAGE - at % PAGE))
        except gdb.error:
            break
    return start, data


def interrupt():
    """Lets it run for a while; false if it has ended."""
    pause = random.random() * MAX_PAUSE_S
    with subprocess.Popen(["sh", "-c", f"sleep {pause:.4f}; "
                           f"kill -USR1 {os.environ['QEMU']}"]):
        run("continue")
    return bool(gdb.selected_inferior().threads())


def seek(whereis, known):
    """To the next special place, and on for a few instructions within it."""
    inside = random.randrange(4)
    for _ in range(MAX_SEEK_STEPS):
        if whereis.place(known, value("pc")) in stops.SPECIAL_PLACES:
            if not inside:
                return
            inside -= 1
        run("stepi")


def take(machine, whereis, writer):
    run(f"stepi {random.randrange(MAX_STEPS) + 1}")
    known = mappings()
    if random.randrange(100) < SEEK_PERCENT:
        seek(whereis, known)
    pc = value("pc")
    regs = [value(name) for name in REGISTERS[machine]]
    sp = value("sp")
    writer.write(stops.Stop(known, 1, whereis.place(known, pc), pc, regs,
                            [read_stack(sp)]))


def main():
    for setting in ("confirm off", "pagination off", "height 0", "width 0",
                    f"sysroot {os.environ['ROOT']}",
                    "debug-file-directory /nonexistent",
                    "debuginfod enabled off", "auto-load libthread-db off"):
        run(f"set {setting}")
    run("handle SIGUSR1 stop nopass")
    run("handle SIGALRM nostop noprint pass")
    run(f"target remote {os.environ['SOCKET']}")
    machine = stops.machine(gdb.current_progspace().filename)
    whereis = Whereis(os.environ["WHEREIS"])
    with open(os.environ["OUT"], "ab") as file:
        writer = stops.Writer(file, machine, len(REGISTERS[machine]))
        for _ in range(int(os.environ["STOPS"])):
            if not interrupt():
                break
            take(machine, whereis, writer)
    run("kill")


main()
