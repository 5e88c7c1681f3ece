# SPDX-License-Identifier: GPL-2.0-only
"""Reads and writes files of recorded stops: stops.h says what is in them."""

import functools
import os
import struct
from dataclasses import dataclass

MAGIC = b"kprofst1"
MAPS, STOP = 1, 2
MAX_REGS = 40
MAX_PIECE = 1 << 20
RED_ZONE = 128
PAGE_BYTES = 4096
PLACES = ("unknown", "body", "prologue or epilogue", "linkage stub")

SPECIAL_PLACES = PLACES[2:]

EM_ARM, EM_X86_64, EM_AARCH64, EM_RISCV = 40, 62, 183, 243
# Number of the stack pointer in the registers of a stop
SP_NUMBER = {EM_ARM: 13, EM_X86_64: 7, EM_AARCH64: 31, EM_RISCV: 2}
PT_LOAD, PF_X = 1, 1

# Of ELF files of 32 and 64 bits: where the header has the entry and the tables
# of segments and sections, and what is in an entry of these.
ELF_ENTRY, ELF_SEGMENTS, ELF_SECTIONS = 24, {1: (28, 42), 2: (32, 54)}, \
    {1: (32, 46), 2: (40, 58)}
ELF_WORD = {1: "I", 2: "Q"}


@dataclass
class Mapping:
    start: int
    end: int
    offset: int
    path: str


@dataclass
class Stop:
    mappings: list
    tid: int
    place: str
    pc: int
    regs: list
    # [(address, bytes)]
    pieces: list


def parse_maps(body):
    mappings = []
    for line in body.rstrip(b"\0").decode().splitlines():
        start, end, offset, _, path = line.split(" ", 4)
        mappings.append(Mapping(int(start, 16), int(end, 16), int(offset, 16),
                                path))
    return mappings


def parse_stop(body, nr_regs, mappings):
    tid, place, nr_pieces, _, pc = struct.unpack_from("<4IQ", body)
    regs = struct.unpack_from(f"<{MAX_REGS}Q", body, 24)
    at = 24 + 8 * MAX_REGS
    pieces = []
    for _ in range(nr_pieces):
        address, size = struct.unpack_from("<2Q", body, at)
        pieces.append((address, body[at + 16:at + 16 + size]))
        at += 16 + size
    return Stop(mappings, tid, PLACES[place], pc, regs[:nr_regs], pieces)


def read(path):
    """(e_machine, generator of all stops)."""
    file = open(path, "rb")
    magic, machine, nr_regs = struct.unpack("<8s2I", file.read(16))
    if magic != MAGIC:
        raise ValueError(f"{path}: not a file of stops")

    def stops():
        mappings = []
        with file:
            while head := file.read(8):
                kind, size = struct.unpack("<2I", head)
                body = file.read(size)
                if kind == MAPS:
                    mappings = parse_maps(body)
                elif kind == STOP:
                    yield parse_stop(body, nr_regs, mappings)
    return machine, stops()


class Writer:
    """Writes stops behind those that the file has already."""

    def __init__(self, file, machine, nr_regs):
        self.file = file
        self.mappings = None
        if file.seek(0, os.SEEK_END) == 0:
            file.write(struct.pack("<8s2I", MAGIC, machine, nr_regs))

    def record(self, kind, body):
        body += bytes(-len(body) % 8)
        self.file.write(struct.pack("<2I", kind, len(body)) + body)

    def write(self, stop):
        if stop.mappings != self.mappings:
            self.mappings = stop.mappings
            self.record(MAPS, "".join(
                f"{m.start:x} {m.end:x} {m.offset:x} - {m.path}\n"
                for m in stop.mappings).encode())
        body = struct.pack("<4IQ", stop.tid, PLACES.index(stop.place),
                           len(stop.pieces), 0, stop.pc)
        body += struct.pack(f"<{MAX_REGS}Q", *stop.regs,
                            *[0] * (MAX_REGS - len(stop.regs)))
        for address, data in stop.pieces:
            body += struct.pack("<2Q", address, len(data)) + data
        self.record(STOP, body)


class Elf:
    """What is needed here of a file: little endian, of 32 or 64 bits."""

    def __init__(self, path):
        self.path = path
        with open(path, "rb") as file:
            self.data = file.read()
        self.kind = self.data[4]

    @property
    def word(self):
        return ELF_WORD[self.kind]

    @property
    def machine(self):
        return struct.unpack_from("<H", self.data, 18)[0]

    @property
    def entry(self):
        """Where it begins to run."""
        return struct.unpack_from(f"<{self.word}", self.data, ELF_ENTRY)[0]

    def table(self, places):
        """(bytes of each entry in order, what the header says behind)."""
        at, counts = places[self.kind]
        start, = struct.unpack_from(f"<{self.word}", self.data, at)
        size, count, more = struct.unpack_from("<3H", self.data, counts)
        return [self.data[start + i * size:start + (i + 1) * size]
                for i in range(count)], more

    def executable_segments(self):
        """(offset, vaddr, bytes in the file, alignment)."""
        for entry in self.table(ELF_SEGMENTS)[0]:
            if self.kind == 1:
                kind, offset, vaddr, _, filesz, _, flags, align = \
                    struct.unpack_from("<8I", entry)
            else:
                kind, flags, offset, vaddr, _, filesz, _, align = \
                    struct.unpack_from("<2I6Q", entry)
            if kind == PT_LOAD and flags & PF_X:
                yield offset, vaddr, filesz, align

    def section_address(self, name):
        sections, names = self.table(ELF_SECTIONS)
        # name, type, flags, address, offset, bytes
        form = f"<2I4{self.word}"
        heads = [struct.unpack_from(form, entry) for entry in sections]
        text = self.data[heads[names][4]:][:heads[names][5]]
        for head in heads:
            if text[head[0]:].split(b"\0")[0].decode() == name:
                return head[3]
        raise ValueError(f"{self.path}: there is no {name}")


@functools.lru_cache(maxsize=None)
def elf(path):
    return Elf(path)


def load_bias(mapping):
    """What was added to the addresses of the file there."""
    for offset, vaddr, filesz, align in elf(mapping.path).executable_segments():
        if offset // align * align <= mapping.offset < offset + filesz:
            return mapping.start - mapping.offset + offset - vaddr
    raise ValueError(f"{mapping.path}: nothing is loaded from there")


def executable_mapping(path, bias):
    """The mapping of a file whose addresses have that added."""
    offset, vaddr, filesz, _ = next(elf(path).executable_segments())
    before = offset % PAGE_BYTES
    end = -(-(vaddr + filesz) // PAGE_BYTES) * PAGE_BYTES
    return Mapping(vaddr - before + bias, end + bias, offset - before, path)


def mapping_of(mappings, pc):
    return next((m for m in mappings if m.start <= pc < m.end), None)


def place_of(mappings, pc):
    """"libc.so.6+0x1234", an offset in the file."""
    mapping = mapping_of(mappings, pc)
    if not mapping:
        return f"{pc:#x}"
    offset = pc - mapping.start + mapping.offset
    return f"{os.path.basename(mapping.path)}+{offset:#x}"
