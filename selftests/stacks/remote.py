# SPDX-License-Identifier: GPL-2.0
"""A program in an emulator that speaks gdb's remote protocol: only what is
needed to stop it, step it and read it."""

import ctypes
import glob
import signal
import socket
import struct
import threading
import time

import stops

AT_ENTRY = 9
# Nothing takes so long: two threads that stop at once both read what is sent.
STUCK_SECONDS = 60
# Signals have the numbers of gdb's own.
GDB_TRAP, GDB_PROF = 5, 27
# Of the registers that the emulator sends in one piece: (format of those that
# stops have, where the pc is, what else there is: offset and format)
REGISTERS = {
    stops.EM_ARM: ("<16I", 60, (164, "<I")),
    stops.EM_AARCH64: ("<32Q", 256, None),
    stops.EM_RISCV: ("<32Q", 256, None),
}


class Ended(Exception):
    """The program has, or is stuck."""


def running_thread(pid):
    """Of none, any: it may be on its way into a system call."""
    tids = []
    for path in glob.glob(f"/proc/{pid}/task/*/stat"):
        with open(path, encoding="utf-8") as file:
            state = file.read().rpartition(")")[2].split()[0]
        tids.append((state != "R", int(path.split("/")[-2])))
    return min(tids)[1]


class Remote:
    """The emulator's end is at that address."""

    def __init__(self, address, pid, machine):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(STUCK_SECONDS)
        self.socket.connect(address)
        self.pid = pid
        self.machine = machine
        self.buffer = b""
        self.thread = "p1.1"
        self.ask("qSupported:multiprocess+;vContSupported+")

    def receive(self):
        """The next packet."""
        while True:
            start, hash_at = self.buffer.find(b"$"), self.buffer.find(b"#")
            if 0 <= start < hash_at and len(self.buffer) >= hash_at + 3:
                packet = self.buffer[start + 1:hash_at]
                self.buffer = self.buffer[hash_at + 3:]
                self.socket.sendall(b"+")
                return packet
            try:
                data = self.socket.recv(65536)
            except TimeoutError:
                data = b""
            if not data:
                raise Ended
            self.buffer += data

    def ask(self, command):
        data = command.encode()
        self.socket.sendall(b"$%s#%02x" % (data, sum(data) % 256))
        answer = self.receive()
        if answer[:1] in (b"W", b"X"):
            raise Ended
        return answer

    def go(self, how):
        """Until it stops; returns the signal. Others are the program's."""
        action = how
        while True:
            answer = self.ask(f"vCont;{action}").decode()
            if answer[0] != "T":
                raise Ended
            number = int(answer[1:3], 16)
            for field in answer[3:].split(";"):
                if field.startswith("thread:"):
                    self.thread = field[7:]
            if number in (GDB_TRAP, GDB_PROF):
                return number
            action = how.replace("s:", f"S{number:02x}:", 1) if how[0] == "s" \
                else f"C{number:02x}"

    def interrupt(self, seconds):
        """Lets it run for so long."""
        def send():
            time.sleep(seconds)
            try:
                ctypes.CDLL(None).tgkill(self.pid, running_thread(self.pid),
                                         signal.SIGPROF)
            except (OSError, ValueError):
                # It has ended.
                pass
        thread = threading.Thread(target=send)
        thread.start()
        try:
            while self.go("c") != GDB_PROF:
                pass
        finally:
            thread.join()

    def step(self):
        self.go(f"s:{self.thread}")

    def registers(self):
        """(pc, [register])"""
        self.ask(f"Hg{self.thread}")
        answer = self.ask("g").decode()
        while answer[0] in "TS":
            # Another thread has stopped, too.
            answer = self.receive().decode()
        data = bytes.fromhex(answer.replace("x", "0"))
        form, pc_at, more = REGISTERS[self.machine]
        regs = list(struct.unpack_from(form, data))
        pc, = struct.unpack_from(f"<{form[-1]}", data, pc_at)
        if more:
            regs += struct.unpack_from(more[1], data, more[0])
        return pc, regs

    def memory(self, address, size):
        """None if it cannot be read."""
        answer = self.ask(f"m{address:x},{size:x}")
        return None if answer[:1] == b"E" else bytes.fromhex(answer.decode())

    def entry(self):
        """Where the program begins to run."""
        answer = self.ask("qXfer:auxv:read::0,1000")[1:]
        data = unescape(answer)
        word = stops.ELF_WORD[1 if self.machine == stops.EM_ARM else 2]
        size = struct.calcsize(f"<2{word}")
        pairs = struct.iter_unpack(f"<2{word}", data[:len(data) // size * size])
        return dict(pairs)[AT_ENTRY]

    def executable_lines(self):
        """{path: [(start, offset)]} of files of the program's machine, where
        the emulator has them."""
        found = {}
        with open(f"/proc/{self.pid}/maps", encoding="utf-8") as file:
            lines = [line.split(None, 5) for line in file]
        for fields in lines:
            path = fields[5].strip() if len(fields) > 5 else ""
            if path[:1] == "/" and stops.elf(path).machine == self.machine:
                found.setdefault(path, []).append(
                    (int(fields[0].split("-")[0], 16), int(fields[2], 16)))
        return found

    def mappings(self, program, entry):
        """Executable segments of files. The emulator may have all memory at
        some distance, which follows from where the program's entry is."""
        biases = {}
        for path, lines in self.executable_lines().items():
            offset, vaddr, _, _ = next(stops.elf(path).executable_segments())
            start, at = max((line for line in lines if line[1] <= offset),
                            key=lambda line: (line[1], -line[0]))
            biases[path] = start - at + offset - vaddr
        distance = biases[program] + stops.elf(program).entry - entry
        found = [stops.executable_mapping(path, bias - distance)
                 for path, bias in biases.items()]
        # The program first
        return sorted(found, key=lambda m: (m.path != program, m.start))


def unescape(data):
    parts = data.split(b"}")
    return parts[0] + b"".join(bytes([part[0] ^ 0x20]) + part[1:]
                               for part in parts[1:])
