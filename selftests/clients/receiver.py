# SPDX-License-Identifier: GPL-2.0
"""A store of profiles for tests: it checks of what is sent to it what Pyroscope
and Parca check, refuses as they do, and keeps what it took. What it answers
beside that, and how slowly it reads, can be set."""

import base64
import gzip
import http.server
import json
import os
import sys
import threading
import time
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "guest", "tests"))

from judge import protobuf_fields  # noqa: E402

# Pyroscope's defaults
MAX_SAMPLES = 16000
MAX_BYTES = 4 << 20
MAX_LABELS = 30


class Refused(Exception):
    """What is wrong with a request, in words."""


def require(is_ok, what):
    if not is_ok:
        raise Refused(what)


def message(data):
    """{field: [values]}"""
    fields = {}
    for number, value in protobuf_fields(data):
        fields.setdefault(number, []).append(value)
    return fields


def one(fields, number):
    return fields.get(number, [0])[-1]


def packed(values):
    """Numbers, written one by one or together."""
    found = []
    for value in values:
        if isinstance(value, int):
            found.append(value)
            continue
        number = shift = 0
        for byte in value:
            number |= (byte & 0x7f) << shift
            shift += 7
            if byte < 0x80:
                found.append(number)
                number = shift = 0
    return found


class Profile:
    """A profile that was found good."""

    def __init__(self, data):
        require(data[:2] == b"\x1f\x8b", "the profile is not gzip")
        plain = gzip.decompress(data)
        require(len(plain) <= MAX_BYTES,
                f"the profile has {len(plain)} bytes, at most {MAX_BYTES}")
        fields = message(plain)
        self.strings = self.check_strings(fields.get(6, []))
        self.types = [self.check_type(message(t)) for t in fields.get(1, [])]
        require(self.types, "there is no sample type")
        self.time_nanos = one(fields, 9)
        require(self.time_nanos, "it has no time")
        self.duration_nanos = one(fields, 10)
        self.comments = [self.string(i) for i in packed(fields.get(13, []))]
        self.mappings = self.check_ids(fields.get(3, []), "mapping")
        self.functions = self.check_ids(fields.get(5, []), "function")
        self.names = {one(f, 1): self.string(one(f, 2)) for f in self.functions}
        self.locations = self.check_ids(fields.get(4, []), "location")
        for location in self.locations:
            self.check_location(location)
        require(len(fields.get(2, [])) <= MAX_SAMPLES,
                f"it has {len(fields.get(2, []))} samples, at most {MAX_SAMPLES}")
        self.samples = [self.check_sample(message(s)) for s in fields.get(2, [])]

    @staticmethod
    def check_strings(strings):
        require(strings and strings[0] == b"", "the first string is not empty")
        try:
            return [s.decode("utf-8") for s in strings]
        except UnicodeDecodeError as error:
            raise Refused("a string is no UTF-8") from error

    def string(self, index):
        require(0 <= index < len(self.strings), f"there is no string {index}")
        return self.strings[index]

    def check_type(self, fields):
        name = self.string(one(fields, 1))
        require(name and "-" not in name, f"a sample type is called '{name}'")
        return name

    @staticmethod
    def check_ids(all_bytes, what):
        """Parca takes 1 to n, in this order."""
        found = [message(data) for data in all_bytes]
        for i, fields in enumerate(found):
            require(one(fields, 1) == i + 1, f"{what} id is not sequential")
        return found

    def check_location(self, fields):
        require(0 <= one(fields, 2) <= len(self.mappings),
                "a location has no such mapping")
        lines = [message(line) for line in fields.get(4, [])]
        for line in lines:
            require(1 <= one(line, 1) <= len(self.functions),
                    "a line has no such function")
        mapping = self.mappings[one(fields, 2) - 1] if one(fields, 2) else {}
        require(lines or not one(mapping, 7),
                "a location without a name in a mapping that has names")

    def check_sample(self, fields):
        values = packed(fields.get(2, []))
        require(len(values) == len(self.types), "a sample has too few values")
        stack = packed(fields.get(1, []))
        for location in stack:
            require(1 <= location <= len(self.locations),
                    "a sample has no such location")
        labels = []
        for label in fields.get(3, []):
            label = message(label)
            require(one(label, 1), "a label has no key")
            labels.append((self.string(one(label, 1)), self.string(one(label, 2)),
                           one(label, 3)))
        return self.stack_of(stack), tuple(labels), values

    def stack_of(self, stack):
        names = []
        for location in stack:
            for line in self.locations[location - 1].get(4, []):
                names.append(self.names[one(message(line), 1)])
        return tuple(names)

    def totals(self):
        """{(stack, labels): values}"""
        sums = {}
        for stack, labels, values in self.samples:
            old = sums.get((stack, labels), [0] * len(values))
            sums[stack, labels] = [a + b for a, b in zip(old, values)]
        return sums


def check_labels(pairs):
    require(len(pairs) <= MAX_LABELS, "there are too many labels")
    labels = {}
    for pair in pairs:
        require(set(pair) == {"name", "value"}, f"a label is {pair}")
        require(pair["name"] not in labels, f"two labels are called {pair['name']}")
        require(pair["value"], f"the label {pair['name']} is empty")
        labels[pair["name"]] = pair["value"]
    for name in ("__name__", "service_name"):
        require(name in labels, f"there is no label {name}")
    return labels


def check_json(headers, body):
    require(headers["Content-Type"] == "application/json",
            f"the content type is {headers['Content-Type']}")
    series = json.loads(body)["series"]
    require(len(series) == 1 and len(series[0]["samples"]) == 1, "one at a time")
    return series[0]


def push_v1(headers, _query, body):
    series = check_json(headers, body)
    sample = series["samples"][0]
    require(set(sample) == {"ID", "rawProfile"}, f"a sample has {set(sample)}")
    return check_labels(series["labels"]), base64.b64decode(sample["rawProfile"],
                                                            validate=True)


def write_raw(headers, _query, body):
    series = check_json(headers, body)
    sample = series["samples"][0]
    require(set(sample) == {"raw_profile"}, f"a sample has {set(sample)}")
    return (check_labels(series["labels"]["labels"]),
            base64.b64decode(sample["raw_profile"], validate=True))


def ingest(headers, query, body):
    require(headers["Content-Type"] == "application/octet-stream",
            f"the content type is {headers['Content-Type']}")
    require(query.get("format") == "pprof", f"the format is {query.get('format')}")
    for key in ("from", "until"):
        require(query.get(key, "").isdigit(), f"{key} is {query.get(key)}")
    name, _, rest = query["name"].partition("{")
    require(rest.endswith("}"), f"the name is {query['name']}")
    labels = dict(pair.split("=") for pair in rest[:-1].split(",") if pair)
    return dict(labels, service_name=name), body


PATHS = {
    "/push.v1.PusherService/Push": (push_v1, "application/json"),
    "/profiles/writeraw": (write_raw, "application/json"),
    "/ingest": (ingest, "text/plain"),
}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def read_slowly(self, length):
        data = b""
        while len(data) < length:
            data += self.rfile.read(min(length - len(data), self.server.piece))
            if self.server.pause:
                time.sleep(self.server.pause)
        return data

    def answer(self, status, body, kind="text/plain", **headers):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        store = self.server
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        body = self.read_slowly(int(self.headers["Content-Length"]))
        store.requests.append((time.monotonic(), dict(self.headers)))
        if store.answers:
            status, headers, text = store.answers.pop(0)
            return self.answer(status, text, **headers)
        if url.path not in PATHS:
            # As Parca does with what is no part of its interface
            return self.answer(200, b"<html>", kind="text/html")
        read, kind = PATHS[url.path]
        try:
            labels, data = read(self.headers, query, body)
            profile = Profile(data)
        except (Refused, KeyError, ValueError) as error:
            store.refused.append(str(error))
            return self.answer(400, str(error).encode())
        store.taken.append((labels, profile))
        return self.answer(200, b"{}" if kind == "application/json" else b"",
                           kind=kind)


class Store(http.server.ThreadingHTTPServer):
    """Listens until closed; on @port, or any."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, port=0):
        super().__init__(("127.0.0.1", port), Handler)
        self.requests = []
        self.answers = []
        self.taken = []
        self.refused = []
        self.piece = 1 << 20
        self.pause = 0
        self.port = self.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self.serve_forever, args=(0.05,),
                         daemon=True).start()

    def close(self):
        self.shutdown()
        self.server_close()

    def totals(self):
        """Of everything that was taken, as Profile.totals()."""
        sums = {}
        for _, profile in self.taken:
            for key, values in profile.totals().items():
                old = sums.get(key, [0] * len(values))
                sums[key] = [a + b for a, b in zip(old, values)]
        return sums
