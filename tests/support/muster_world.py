"""A small world for tests of the finished program: a server in a temporary folder, its API and
command line, brokers, and foreign MQTT clients as devices. All of it is gone after the test."""

import http.client
import json
import os
import secrets
import shutil
import socket
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools/lib"))

from story_world import Agent, Child, Cli, Failed, Server, free_port, wait_until  # noqa: E402

__all__ = ["Agent", "Broker", "Case", "Child", "Cli", "Failed", "Http", "Publisher", "Server",
           "Subscriber", "World", "binary", "free_port", "new_commit", "wait_until"]


def binary():
    """The program under test."""
    path = os.environ.get("MUSTER_BIN", "")
    if not os.access(path, os.X_OK):
        raise Failed("MUSTER_BIN must name the muster program, such as build/dev/bin/muster")
    return path


def new_commit():
    return secrets.token_hex(20)


class Reply:
    """An HTTP answer."""

    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def code(self):
        """The problem's code; None if it is none."""
        is_problem = self.headers.get_content_type() == "application/problem+json"
        return self.json["code"] if is_problem else None


class Http:
    """The HTTP API, one connection a request."""

    def __init__(self, address, token):
        self.address = address
        self.token = token

    def send(self, method, path, body=None, headers=None, token=None):
        """`body`: bytes go as they are, anything else as JSON."""
        fields = {"Authorization": f"Bearer {self.token if token is None else token}"}
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        if body is not None:
            fields["Content-Type"] = "application/json"
        fields.update(headers or {})
        connection = http.client.HTTPConnection(self.address, timeout=30)
        try:
            sent = {name: value for name, value in fields.items() if value is not None}
            connection.request(method, path, body, sent)
            return Reply(connection.getresponse())
        finally:
            connection.close()

    def get(self, path):
        """What is there; Failed if it is not."""
        return self._good("GET", path, self.send("GET", path))

    def post(self, path, body=None, **headers):
        """The answer to a command that must succeed; `_` in header names stands for `-`."""
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._good("POST", path, self.send("POST", path, body or {}, fields))

    @staticmethod
    def _good(method, path, reply):
        if reply.status != 200:
            raise Failed(f"{method} {path}: {reply.status} {reply.body[:500]!r}")
        return reply.json

    def head(self):
        """The sequence of the last event."""
        return self.get("/v1/status")["log"]["head"]


class Broker:
    """A mosquitto of our own, as an operator may run one: with or without persistence. `options`
    are more lines of its configuration, which may be changed before a start."""

    def __init__(self, folder, persistence=False, port=None, options=()):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = port or free_port()
        self.persistence = persistence
        self.options = options
        self.child = None

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def start(self):
        config = self.folder / "mosquitto.conf"
        # autosave: every change is written at once, so that kill -9 loses little.
        config.write_text(f"listener {self.port} 127.0.0.1\nallow_anonymous true\nuser root\n"
                          f"persistence {'true' if self.persistence else 'false'}\n"
                          f"persistence_location {self.folder}/\n"
                          "autosave_on_changes true\nautosave_interval 1\n"
                          + "".join(f"{line}\n" for line in self.options))
        program = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
        self.child = Child([program, "-c", config], log=self.folder / "mosquitto.log")
        wait_until(self._answers, f"the broker at {self.address} answers")
        return self

    def _answers(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def kill(self):
        self.child.kill()

    def stop(self):
        return self.child.stop() if self.child else None


class Subscriber:
    """mosquitto_sub; `messages` are what came, in order: topic, payload as text, retain."""

    def __init__(self, mqtt, topic, options=()):
        host, _, port = mqtt.rpartition(":")
        self.messages = []
        self.child = Child(["mosquitto_sub", "-h", host, "-p", port, "-q", "1", "-F", "%j",
                            "-i", f"sub-{new_commit()[:12]}", "-t", topic, *options],
                           on_line=lambda line: self.messages.append(json.loads(line)))

    def wait(self, condition, what, deadline_s=20):
        """Waits for a message that `condition` accepts and returns it."""
        return wait_until(lambda: next(filter(condition, list(self.messages)), None), what,
                          deadline_s)

    def stop(self):
        self.child.kill()  # Without its broker, mosquitto_sub may wait for it whatever it is asked.


class Publisher:
    """mosquitto_pub, once."""

    def __init__(self, mqtt):
        self.host, _, self.port = mqtt.rpartition(":")

    def send(self, topic, payload, *options):
        text = payload if isinstance(payload, str) else json.dumps(payload)
        child = Child(["mosquitto_pub", "-h", self.host, "-p", self.port, "-q", "1", "-t", topic,
                       "-i", f"pub-{new_commit()[:12]}", "-m", text, *options])
        code = child.process.wait(20)
        child.kill()  # Nothing is left to kill: it lets go of what it held.
        if code != 0:
            raise Failed(f"mosquitto_pub to {topic} ended with {code}")


class World:
    """A folder, a server, its API and command line. Ends what was started in it."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="muster-test-"))
        self.server = None
        self._ends = []

    def keep(self, started):
        """Stops `started`, if it is still there, when the world ends; returns it."""
        self._ends.append(started)
        return started

    def serve(self, options=("--spread-s", "1"), **where):
        self.server = self.keep(Server(binary(), self.folder / "server", options=options, **where))
        self.server.start()
        return self

    def connections(self):
        """How often the server has connected to its broker."""
        return self.http.get("/v1/status")["broker"]["connections"]

    def wait_bridge(self, after=0):
        """Waits until the server hears what devices say (it serves before that), by a connection
        that is not one of the first `after`."""
        def is_connected():
            broker = self.http.get("/v1/status")["broker"]
            return broker["connected"] and broker["connections"] > after
        wait_until(is_connected, "the bridge is connected")
        return self

    def wait_told(self, deadline_s=30):
        """Waits until the broker has confirmed every target there is."""
        def is_told():
            status = self.http.get("/v1/status")
            broker = status["broker"]
            return broker["connected"] and broker["low_water"] >= status["log"]["head"]
        wait_until(is_told, "the broker has confirmed every target", deadline_s)

    @property
    def http(self):
        return Http(self.server.http, self.server.token)

    @property
    def cli(self):
        return Cli(binary(), self.server.url, self.server.token, self.folder)

    @property
    def mqtt(self):
        return self.server.mqtt

    def fleet(self, slug="acme/thermo", devices=0, device_type="raspberrypi4-64"):
        """Makes a fleet (and its organisation) and returns the uuids of its devices."""
        handle = slug.split("/")[0]
        if self.http.send("GET", f"/v1/organisations/{handle}").status == 404:
            self.http.post("/v1/organisations", {"handle": handle})
        self.http.post("/v1/fleets", {"slug": slug, "device_type": device_type})
        return [self.register(slug)["uuid"] for _ in range(devices)]

    def register(self, slug="acme/thermo", **fields):
        return self.http.post(f"/v1/fleets/{slug}/devices", fields)

    def release(self, slug="acme/thermo", commit=None, status="success", **fields):
        """Makes a release and returns its commit."""
        commit = commit or new_commit()
        self.http.post(f"/v1/fleets/{slug}/releases",
                       {"commit": commit, "status": status, **fields})
        return commit

    def device(self, uuid):
        return self.http.get(f"/v1/devices/{uuid}")

    def target(self, uuid):
        return self.http.get(f"/v1/devices/{uuid}/target")

    def login(self, options):
        """`options` of a mosquitto client; without a user in them, with those of the bridge: only
        it may listen to, and speak for, all devices."""
        login = self.server.bridge_login
        if login is None or "-u" in options:
            return list(options)
        return ["-u", login[0], "-P", login[1], *options]

    def subscribe(self, topic="muster/v1/d/+/target", options=(), mqtt=None):
        return self.keep(Subscriber(mqtt or self.mqtt, topic, self.login(options)))

    def publish(self, topic, payload, *options):
        Publisher(self.mqtt).send(topic, payload, *self.login(options))

    def agent(self, devices, on_event=None, mqtt=None, options=()):
        """`devices`: answers to their registration."""
        files = []
        for device in devices:
            files.append(self.folder / f"{device['uuid']}.json")
            files[-1].write_text(json.dumps(device))
        return self.keep(Agent(binary(), mqtt or self.mqtt, self.folder / "agent", files, on_event,
                               options=options))

    def close(self):
        for started in reversed(self._ends):
            child = getattr(started, "child", started)
            if child is not None:
                child.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


class Case(unittest.TestCase):
    """A test in a world of its own; a failure shows the server's last words."""

    def setUp(self):
        self.world = World()
        self.addCleanup(self.world.close)
        self.addCleanup(self._show_log)

    def _show_log(self):
        outcome = getattr(self._outcome, "result", None)
        failed = outcome and any(test is self for test, _ in outcome.failures + outcome.errors)
        server = self.world.server
        if failed and server and server.log.exists():
            print(f"--- {server.log}\n{server.last_words(20)}", file=sys.stderr)

    def assert_refused(self, reply, status, code):
        self.assertEqual((reply.status, reply.code), (status, code), reply.body[:500])
