# SPDX-License-Identifier: GPL-2.0-only
"""Reads and writes files of recorded stops: stops.h says what is in them."""

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

EM_X86_64, EM_AARCH64, EM_RISCV = 62, 183, 243
PT_LOAD, PF_X = 1, 1


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


def executable_segments(path):
    """(offset, vaddr, bytes in the file, alignment) of a file of 64 bits."""
    with open(path, "rb") as file:
        header = file.read(64)
        table, = struct.unpack_from("<Q", header, 32)
        size, count = struct.unpack_from("<2H", header, 54)
        file.seek(table)
        for _ in range(count):
            kind, flags, offset, vaddr, _, filesz, _, align = \
                struct.unpack_from("<2I6Q", file.read(size))
            if kind == PT_LOAD and flags & PF_X:
                yield offset, vaddr, filesz, align


def load_bias(mapping):
    """What was added to the addresses of the file there."""
    for offset, vaddr, filesz, align in executable_segments(mapping.path):
        if offset // align * align <= mapping.offset < offset + filesz:
            return mapping.start - mapping.offset + offset - vaddr
    raise ValueError(f"{mapping.path}: nothing is loaded from there")


def executable_mapping(path, bias):
    """The mapping of a file whose addresses have that added."""
    offset, vaddr, filesz, _ = next(executable_segments(path))
    before = offset % PAGE_BYTES
    end = -(-(vaddr + filesz) // PAGE_BYTES) * PAGE_BYTES
    return Mapping(vaddr - before + bias, end + bias, offset - before, path)


def machine(path):
    with open(path, "rb") as file:
        return struct.unpack_from("<H", file.read(20), 18)[0]


def section_address(path, name):
    """Address of a section, in the file."""
    with open(path, "rb") as file:
        header = file.read(64)
        table, = struct.unpack_from("<Q", header, 40)
        size, count, names = struct.unpack_from("<3H", header, 58)
        file.seek(table)
        sections = [struct.unpack_from("<2I4Q", file.read(size))
                    for _ in range(count)]
        file.seek(sections[names][4])
        text = file.read(sections[names][5])
    for section in sections:
        if text[section[0]:].split(b"\0")[0].decode() == name:
            return section[3]
    raise ValueError(f"{path}: there is no {name}")


def entry(path):
    """Where the file, of 64 bits, begins to run."""
    with open(path, "rb") as file:
        return struct.unpack_from("<Q", file.read(64), 24)[0]


def mapping_of(mappings, pc):
    return next((m for m in mappings if m.start <= pc < m.end), None)


def place_of(mappings, pc):
    """"libc.so.6+0x1234", an offset in the file."""
    mapping = mapping_of(mappings, pc)
    if not mapping:
        return f"{pc:#x}"
    offset = pc - mapping.start + mapping.offset
    return f"{os.path.basename(mapping.path)}+{offset:#x}"
