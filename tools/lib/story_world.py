"""The processes of a small Muster world: a server, the command line, devices. Each is a child of
this program, listens on this machine only, and is gone when this program is, however it ends."""

import json
import os
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path


class Failed(Exception):
    """Something did not happen as it should; the text says what, and what was seen instead."""


def free_port():
    """A port of this machine that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(condition, what, deadline_s=20.0):
    """Waits until `condition()` is true and returns what it returned. Failed after `deadline_s`."""
    end = time.monotonic() + deadline_s
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > end:
            raise Failed(f"not within {deadline_s:g} s: {what}")
        time.sleep(0.01)


class Child:
    """A program whose lines are kept and given to `on_line` as they come. `setpriv` ties its life
    to ours, also if we are killed: start one from the main thread, which lives as long as we do."""

    def __init__(self, arguments, on_line=None, log=None, environment=None):
        self.arguments = [str(each) for each in arguments]
        self.lines = []
        self._on_line = on_line or (lambda line: None)
        self._log = open(log, "ab") if log else None
        self.process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "--", *self.arguments], env=environment,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=self._log or subprocess.DEVNULL, start_new_session=True, text=True,
            errors="replace")
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))
            self._on_line(self.lines[-1])

    @property
    def pid(self):
        return self.process.pid

    def is_running(self):
        return self.process.poll() is None

    def kill(self):
        """What a power cut does to it."""
        self._end(signal.SIGKILL, deadline_s=20)

    def stop(self, deadline_s=20):
        """Asks it to end and returns its exit code; Failed if it takes too long."""
        return self._end(signal.SIGTERM, deadline_s)

    def _end(self, how, deadline_s):
        if self.is_running():
            self.process.send_signal(how)
        try:
            return self.process.wait(deadline_s)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise Failed(f"{self.arguments[0]} did not end within {deadline_s} s") from None
        finally:
            self._close()

    def _close(self):
        self._reader.join(5)
        self.process.stdout.close()
        if self._log:
            self._log.close()
            self._log = None


class Server:
    """`muster serve` on a data folder. Started again, it has the addresses it had before."""

    def __init__(self, binary, data, http="127.0.0.1:0", mqtt_listen="127.0.0.1:0", options=()):
        self.binary = str(binary)
        self.data = Path(data)
        self.http = http
        self.mqtt = mqtt_listen
        self.options = list(options)
        self.log = self.data.with_name(self.data.name + ".log")
        self.child = None

    def command(self):
        arguments = ["serve", "--data", str(self.data), "--http", self.http]
        if "--mqtt" not in self.options:
            arguments += ["--mqtt-listen", self.mqtt]
        return [*arguments, *self.options]

    def start(self, deadline_s=20):
        """Returns when it serves."""
        self.data.parent.mkdir(parents=True, exist_ok=True)
        self.child = Child([self.binary, *self.command()], log=self.log)
        line = wait_until(lambda: self._ready_line() or not self.child.is_running(),
                          f"the server serves (its log is {self.log})", deadline_s)
        if line is True:
            raise Failed(f"the server ended with code {self.child.process.returncode}:\n"
                         f"{self.last_words()}")
        addresses = dict(word.split("=", 1) for word in line.split()[1:])
        self.http, self.mqtt = addresses["http"], addresses["mqtt"]
        return self

    def _ready_line(self):
        return next((line for line in self.child.lines if line.startswith("ready ")), None)

    def last_words(self, count=8):
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-count:])

    @property
    def url(self):
        return f"http://{self.http}"

    @property
    def token(self):
        return (self.data / "admin.token").read_text().strip()

    @property
    def bridge_login(self):
        """With what the server itself connects to its own broker; None where that is another's."""
        secret = self.data / "broker" / "bridge.secret"
        if "--mqtt" in self.options or not secret.exists():
            return None
        return "muster-bridge", secret.read_text().strip()

    def kill(self):
        if self.child:
            self.child.kill()

    def stop(self):
        return self.child.stop() if self.child else None


class Answer:
    """How one command ended: `code`, `out` and `err` as text, `json` if `out` is JSON."""

    def __init__(self, done):
        self.code, self.out, self.err = done.returncode, done.stdout, done.stderr

    @property
    def json(self):
        return json.loads(self.out)

    @property
    def problem(self):
        """The problem that `--json` prints on stderr."""
        return json.loads(self.err)


class Cli:
    """The `muster` command line, told by its environment where the server is and who asks."""

    def __init__(self, binary, url, token, home):
        self.binary = str(binary)
        self.environment = {"PATH": os.environ.get("PATH", ""), "HOME": str(home)}
        if url:
            self.environment["MUSTER_URL"] = url
        if token:
            self.environment["MUSTER_TOKEN"] = token

    def run(self, *arguments, stdin="", deadline_s=60):
        """Runs it to its end, whatever that is."""
        return Answer(subprocess.run(
            [self.binary, *map(str, arguments)], input=stdin, capture_output=True, text=True,
            env=self.environment, timeout=deadline_s))

    def json(self, *arguments):
        """What it answers with --json; Failed if it refuses."""
        answer = self.run(*arguments, "--json")
        if answer.code != 0:
            raise Failed(f"muster {' '.join(map(str, arguments))}: {answer.err.strip()}")
        return answer.json


class Agent:
    """`muster agent run`: devices, and what they say they were told and do."""

    def __init__(self, binary, mqtt, folder, credentials, on_event=None, step_ms=20,
                 options=()):
        self.events = []
        self._on_event = on_event or (lambda event: None)
        self._changed = threading.Condition()
        folder = Path(folder)
        folder.parent.mkdir(parents=True, exist_ok=True)
        self.child = Child(
            [binary, "agent", "run", "--dir", folder, "--mqtt", mqtt, "--step-ms", step_ms,
             "--json", *options, "--device", *credentials],
            on_line=self._take, log=folder.with_name(folder.name + ".log"))

    def _take(self, line):
        event = json.loads(line)
        with self._changed:
            self.events.append(event)
            self._changed.notify_all()
        self._on_event(event)

    def of(self, device, kind=None, since=0):
        """What this device said, optionally of one kind only, after the first `since` events."""
        return [event for event in self.events[since:]
                if event["device"] == device and kind in (None, event["event"])]

    def last(self, device, kind):
        return next(iter(reversed(self.of(device, kind))), None)

    def wait(self, condition, what, deadline_s=20.0):
        """Waits for `condition()`, which is asked again after every event."""
        with self._changed:
            if not self._changed.wait_for(condition, deadline_s):
                raise Failed(f"not within {deadline_s:g} s: {what}")

    def stop(self):
        return self.child.stop()
