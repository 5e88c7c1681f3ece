# SPDX-License-Identifier: GPL-2.0
"""A redis server that is busy."""

import contextlib
import os
import shlex
import subprocess

from judge import BUILD

OUT = os.path.join(BUILD, "stacks")
SOCKET = os.path.join(OUT, "redis.sock")
OPTIONS = ["--save", "", "--appendonly", "no", "--port", "0", "--unixsocket",
           SOCKET, "--loglevel", "warning"]
LOADS = [
    ["-n", "20000", "-t", "set,get,lpush,zadd,hset,spop,lrange_100,mset"],
    ["-n", "3000", "-r", "1000", "zadd", "z", "__rand_int__", "m:__rand_int__"],
    ["-n", "2000", "eval", "for i=1,20 do redis.call('zadd','z',i,"
     "tostring(i*7%13)) end return #redis.call('zrange','z',0,-1)", "0"],
    ["-n", "1000", "sort", "mylist", "alpha", "limit", "0", "10"],
]


def server_of(path, name):
    """redis-check-rdb is the server, if it is called so."""
    server = os.path.join(OUT, name)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(server)
    os.symlink(path, server)
    return server


@contextlib.contextmanager
def under_load():
    """Runs redis-benchmark until the recording is done."""
    loads = "; ".join(
        shlex.join(["redis-benchmark", "-s", SOCKET, "-q", "-c", "20", "-P", "4",
                    *load]) for load in LOADS)
    with subprocess.Popen(["bash", "-c", f"while :; do {loads}; done"],
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                          start_new_session=True) as clients:
        try:
            yield
        finally:
            os.killpg(clients.pid, 9)
