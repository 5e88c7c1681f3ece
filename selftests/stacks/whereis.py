# SPDX-License-Identifier: GPL-2.0
"""Where in their functions addresses are."""

import os
import subprocess

import stops
from judge import BUILD


class Whereis:
    """Asks the tool of that name."""

    def __init__(self):
        program = os.path.join(BUILD, "stacks", "whereis")
        self.tool = subprocess.Popen([program], stdin=subprocess.PIPE,
                                     stdout=subprocess.PIPE, text=True)

    def place(self, mappings, pc):
        mapping = stops.mapping_of(mappings, pc)
        if not mapping:
            return stops.PLACES[0]
        offset = pc - mapping.start + mapping.offset
        print(f"{offset:x} {mapping.path}", file=self.tool.stdin, flush=True)
        return stops.PLACES[int(self.tool.stdout.readline())]

    def end(self):
        self.tool.stdin.close()
        self.tool.wait()
