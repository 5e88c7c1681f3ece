# SPDX-License-Identifier: GPL-2.0
"""Stops a program of another machine, which an emulator runs, at random instants
and records them.

A signal that the program never sees interrupts it between two blocks of
translated code; steps lead from there to any instruction, and for a share of
the stops into a prologue, an epilogue or a linkage stub. Of several threads
only one may run at a time, and get no signals: the emulator does not stop the
others.
"""

import os
import random

import remote
import stops
from whereis import Whereis

MAX_PAUSE_S = 0.02
MAX_STEPS = 30
MAX_SEEK_STEPS = 400
SEEK_PERCENT = 70
# So much the emulator sends at a time; it divides a page.
CHUNK = 1024
# All that is sent takes time.
MAX_STACK = 128 << 10
NR_REGS = {stops.EM_ARM: 17, stops.EM_AARCH64: 32, stops.EM_RISCV: 32}


class Recorder:
    """Of one run of the program."""

    def __init__(self, emulator, program, whereis):
        self.emulator = emulator
        self.machine = emulator.machine
        self.program = os.path.realpath(program)
        self.entry = emulator.entry()
        self.whereis = whereis

    def read_stack(self, sp):
        """From below the stack pointer to where the memory ends."""
        start = (sp - stops.RED_ZONE) & ~7
        data = b""
        while len(data) < MAX_STACK:
            at = start + len(data)
            more = self.emulator.memory(at, CHUNK - at % CHUNK)
            if more is None:
                break
            data += more
        return start, data

    def seek(self, known):
        """To the next place of a special kind, and on for a few instructions
        within it."""
        inside = random.randrange(4)
        wanted = random.choice(stops.SPECIAL_PLACES)
        for _ in range(MAX_SEEK_STEPS):
            if self.whereis.place(known, self.emulator.registers()[0]) == wanted:
                if not inside:
                    return
                inside -= 1
            self.emulator.step()

    def take(self):
        """The next stop."""
        self.emulator.interrupt(random.random() * MAX_PAUSE_S)
        for _ in range(random.randrange(MAX_STEPS) + 1):
            self.emulator.step()
        known = self.emulator.mappings(self.program, self.entry)
        if random.randrange(100) < SEEK_PERCENT:
            self.seek(known)
        pc, regs = self.emulator.registers()
        sp = regs[stops.SP_NUMBER[self.machine]]
        return stops.Stop(known, 1, self.whereis.place(known, pc), pc, regs,
                          [self.read_stack(sp)])


def record(address, pid, program, out, counts, wanted):
    """Until there are so many stops that count, or the program ends. Returns
    how many there are still to come."""
    machine = stops.elf(program).machine
    whereis = Whereis()
    try:
        recorder = Recorder(remote.Remote(address, pid, machine), program,
                            whereis)
        with open(out, "ab+") as file:
            writer = stops.Writer(file, machine, NR_REGS[machine])
            while wanted > 0:
                stop = recorder.take()
                writer.write(stop)
                wanted -= counts(stop)
    except (remote.Ended, ConnectionError):
        pass
    finally:
        whereis.end()
    return wanted
