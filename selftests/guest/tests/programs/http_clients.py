# SPDX-License-Identifier: GPL-2.0
"""Clients of a web server that are many, slow, or not what they seem.

    http_clients.py together N PORT PATH      N at once: status and hash of each
    http_clients.py hang-up PORT PATH SECONDS asks, and closes
    http_clients.py slow-reader PORT PATH     reads a byte a second: how long it may
    http_clients.py slow-writer PORT          sends a byte a second
    http_clients.py load SECONDS N PORT PATH...  N connections, one request after
                                              the other: how many of which status
    http_clients.py mutate SECONDS PORT SEED  requests that are damaged
    http_clients.py systemd SOCKET COMMAND... runs it with a socket of ours, and
                                              prints what it notifies
"""

import collections
import hashlib
import os
import random
import socket
import sys
import threading
import time

PATIENCE_S = 120


def connect(port):
    return socket.create_connection(("127.0.0.1", port), PATIENCE_S)


def ask(connection, path, close=True):
    end = "Connection: close\r\n" if close else ""
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{end}\r\n"
                       .encode())


def read_answer(file):
    """(status, body); status 0 if there is none."""
    words = file.readline().split()
    if len(words) < 2:
        return 0, b""
    length = 0
    while line := file.readline().strip():
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    return int(words[1]), file.read(length)


def get(port, path):
    with connect(port) as connection:
        ask(connection, path)
        with connection.makefile("rb") as file:
            return read_answer(file)


def run_threads(number, work):
    threads = [threading.Thread(target=work, args=(i,)) for i in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def together(number, port, path):
    answers = [None] * number

    def one(i):
        answers[i] = get(port, path)

    run_threads(number, one)
    for status, body in answers:
        print(status, len(body), hashlib.sha256(body).hexdigest()[:16])


def hang_up(port, path, seconds):
    with connect(port) as connection:
        ask(connection, path)
        time.sleep(seconds)


def slow_reader(port, path):
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        connection.connect(("127.0.0.1", port))
        ask(connection, path)
        started = time.monotonic()
        received = 0
        try:
            while time.monotonic() - started < PATIENCE_S:
                # It is not ours to say when it is over: the server closes
                if wait_for_end(connection):
                    break
                received += len(connection.recv(1))
        except OSError:
            pass
        print("bytes", received)
        print("seconds", time.monotonic() - started)


def wait_for_end(connection):
    """Whether the other end closes within a second (TCP_INFO: not established)."""
    time.sleep(1)
    return connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] != 1


def slow_writer(port):
    started = time.monotonic()
    with connect(port) as connection:
        try:
            for byte in b"GET /healthz HTTP/1.1\r\n" + b"X: " + b"y" * 1000:
                connection.sendall(bytes([byte]))
                if wait_for_end(connection):
                    break
        except OSError:
            pass
    print("seconds", time.monotonic() - started)


def load(seconds, number, port, paths):
    statuses = collections.Counter()
    slowest_busy = [0.0] * number
    quick = [0, 0]
    lock = threading.Lock()
    end = time.monotonic() + seconds

    def one(i):
        n = i
        while time.monotonic() < end:
            started = time.monotonic()
            try:
                status, _ = get(port, paths[n % len(paths)])
            except OSError as error:
                status = type(error).__name__
            took = time.monotonic() - started
            n += 1
            with lock:
                statuses[status] += 1
                if status == 503:
                    quick[took < 1] += 1
                    slowest_busy[i] = max(slowest_busy[i], took)

    run_threads(number, one)
    for status, count in sorted(statuses.items(), key=str):
        print("status", status, count)
    print("quick", quick[1])
    print("late", quick[0])
    print("slowest", max(slowest_busy))


SEEDS = [
    b"GET /debug/pprof/profile?seconds=1&hz=99&pid=1 HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"POST /debug/pprof/symbol HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n"
    b"0x12+0x34",
    b"GET /buildid/0123456789abcdef/debuginfo HTTP/1.0\r\n\r\n",
    b"GET /symbolz?0xffffffff81000000 HTTP/1.1\r\nHost: [::1]:6060\r\n"
    b"Authorization: Basic dXNlcjp0b2tlbg==\r\n\r\n",
    b"GET /ui/profile/1?x=%41%zz&cgroup=../.. HTTP/1.1\r\nHost: localhost\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
]


def damage(data, chance):
    data = bytearray(data)
    for _ in range(chance.randrange(1, 6)):
        at = chance.randrange(len(data))
        what = chance.randrange(4)
        if what == 0:
            data[at] = chance.randrange(256)
        elif what == 1:
            data[at:at] = bytes([chance.randrange(256)]) * chance.choice((1, 30, 3000))
        elif what == 2:
            del data[at:at + chance.randrange(1, 20)]
        else:
            other = chance.choice(SEEDS)
            data[at:at] = other[chance.randrange(len(other)):]
        if not data:
            return b"\0"
    return bytes(data)


def mutate(seconds, port, seed):
    chance = random.Random(seed)
    end = time.monotonic() + seconds
    number = 0
    while time.monotonic() < end:
        number += 1
        with connect(port) as connection:
            try:
                connection.sendall(damage(chance.choice(SEEDS), chance))
                connection.settimeout(0.05)
                connection.recv(4096)
            except OSError:
                pass
    print("requests", number)


def systemd(path, command):
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen()
    notified = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    notified.bind(path + ".notify")
    # As systemd's is: the server has another user by then
    os.chmod(path + ".notify", 0o777)
    pid = os.fork()
    if not pid:
        os.dup2(listener.fileno(), 3)
        os.set_inheritable(3, True)
        os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1",
                          NOTIFY_SOCKET=path + ".notify")
        os.execvp(command[0], command)
    listener.close()
    print("pid", pid, flush=True)
    while True:
        notified.settimeout(0.2)
        try:
            print(notified.recv(4096).decode().splitlines()[0], flush=True)
        except TimeoutError:
            if os.waitpid(pid, os.WNOHANG)[0]:
                return


def main(command, *args):
    if command == "together":
        together(int(args[0]), int(args[1]), args[2])
    elif command == "hang-up":
        hang_up(int(args[0]), args[1], float(args[2]))
    elif command == "slow-reader":
        slow_reader(int(args[0]), args[1])
    elif command == "slow-writer":
        slow_writer(int(args[0]))
    elif command == "load":
        load(float(args[0]), int(args[1]), int(args[2]), args[3:])
    elif command == "mutate":
        mutate(float(args[0]), int(args[1]), int(args[2]))
    elif command == "systemd":
        systemd(args[0], args[1:])
    else:
        sys.exit(__doc__)


main(*sys.argv[1:])
