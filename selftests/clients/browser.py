# SPDX-License-Identifier: GPL-2.0
"""A headless Chromium, driven over its debugging pipe: messages are JSON with a
NUL behind, our requests on its descriptor 3, everything else on its 4."""

import json
import os
import select
import shutil
import signal
import subprocess
import tempfile
import time

PATIENCE_S = 60


def find_browser():
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if shutil.which(name):
            return name
    return None


class Browser:
    """One page. What went wrong in it is in self.errors."""

    def __init__(self, program):
        self.folder = tempfile.TemporaryDirectory(prefix="kprof-browser.")
        there, self.requests = os.pipe()
        self.answers, back = os.pipe()
        # By a shell, because Python cannot say which descriptor is which.
        self.process = subprocess.Popen(
            ["sh", "-c", f'exec "$0" "$@" 3<&{there} 4>&{back}', program,
             "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
             "--disable-dev-shm-usage", "--disable-background-networking",
             "--disable-breakpad", "--disable-crash-reporter",
             "--window-size=1200,800", "--remote-debugging-pipe",
             f"--user-data-dir={self.folder.name}", "about:blank"],
            pass_fds=(there, back), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True)
        os.close(there)
        os.close(back)
        self.errors = []
        self.allowed = ("file:", "data:", "about:")
        self.buffer = b""
        self.number = 0
        self.events = []
        targets = self.call("Target.getTargets", session=None)["targetInfos"]
        page = next(t["targetId"] for t in targets if t["type"] == "page")
        self.session = None
        self.session = self.call("Target.attachToTarget", targetId=page,
                                 flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(domain + ".enable")

    def receive(self):
        while b"\0" not in self.buffer:
            if not select.select([self.answers], [], [], PATIENCE_S)[0]:
                raise TimeoutError("the browser does not answer")
            data = os.read(self.answers, 65536)
            if not data:
                raise EOFError("the browser has ended")
            self.buffer += data
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def note_event(self, message):
        method, params = message.get("method"), message.get("params", {})
        self.events.append(method)
        if method == "Runtime.exceptionThrown":
            details = params["exceptionDetails"]
            self.errors.append(details.get("exception", {}).get("description")
                               or details["text"])
        elif method == "Log.entryAdded":
            self.errors.append(params["entry"]["text"])
        elif method == "Runtime.consoleAPICalled" and params["type"] in (
                "error", "warning", "assert"):
            self.errors.append(str(params["args"]))
        elif method == "Network.requestWillBeSent":
            url = params["request"]["url"]
            if not url.startswith(self.allowed):
                self.errors.append("asks the network for " + url)

    def call(self, method, session="", **params):
        self.number += 1
        request = {"id": self.number, "method": method, "params": params}
        session = getattr(self, "session", None) if session == "" else session
        if session:
            request["sessionId"] = session
        data = json.dumps(request).encode() + b"\0"
        while data:
            data = data[os.write(self.requests, data):]
        while True:
            message = self.receive()
            if message.get("id") != self.number:
                self.note_event(message)
            elif "error" in message:
                raise RuntimeError(f"{method}: {message['error']}")
            else:
                return message["result"]

    def open(self, path):
        self.open_url("file://" + os.path.abspath(path))

    def open_url(self, url):
        self.events.clear()
        self.call("Page.navigate", url=url)
        while "Page.loadEventFired" not in self.events:
            self.note_event(self.receive())

    def evaluate(self, expression):
        answer = self.call("Runtime.evaluate", expression=expression,
                           returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"])
        return answer["result"].get("value")

    def click(self, x, y):
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y,
                      button="left", clickCount=1)

    def type(self, text):
        for letter in text:
            self.call("Input.dispatchKeyEvent", type="char", text=letter)

    def is_alive(self):
        """Whether any of its processes, which share a group, still runs."""
        for process in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{process}/stat", encoding="utf-8") as stat:
                    state, _, group = stat.read().rpartition(")")[2].split()[:3]
            except OSError:
                continue
            if int(group) == self.process.pid and state not in "ZX":
                return True
        return False

    def close(self):
        """Its other processes write to the folder as long as they live."""
        give_up = time.monotonic() + PATIENCE_S
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        while self.is_alive() and time.monotonic() < give_up:
            time.sleep(0.02)
        os.close(self.requests)
        os.close(self.answers)
        self.folder.cleanup()
