"""Load on a server that may be killed at any moment, and an outside record of what it promised."""

import http.client
import json
import os
import random
import sys
import threading
import time
import uuid
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

from muster_world import Case, Failed, wait_until  # noqa: E402

__all__ = ["FLEET", "CrashCase", "OrderWatch", "rounds"]

FLEET = "acme/thermo"
DEVICES = 12
RELEASES = 4


def rounds(default):
    """How often to kill; MUSTER_CRASH_ROUNDS asks for more than what is quick."""
    return int(os.environ.get("MUSTER_CRASH_ROUNDS", default))


class Client(threading.Thread):
    """Sends commands one after the other. A command whose answer was lost is sent again with its
    key until there is one, so each is done exactly once, whenever the server died."""

    def __init__(self, http, seed, devices, releases):
        super().__init__(daemon=True)
        self.http = http
        self.devices = devices
        self.releases = releases
        self.acknowledged = []  # (key, sequences, (method, path, body), answer)
        self.refused = []
        self.retries = 0
        self._random = random.Random(seed)
        self._ended = threading.Event()

    def run(self):
        while not self._ended.is_set():
            self._one_command()

    def finish(self):
        """Ends after the command that is under way has its answer."""
        self._ended.set()
        self.join(60)
        if self.is_alive():
            raise Failed("a client is still waiting for its answer")

    def _command(self):
        device = self._random.choice(self.devices)
        release = self._random.choice(self.releases)
        what = self._random.randrange(10)
        if what < 4:
            return "POST", f"/v1/devices/{device}/pin", {"release": release}
        if what < 6:
            return "POST", f"/v1/devices/{device}/track-fleet", {}
        if what == 6:
            return "POST", f"/v1/fleets/{FLEET}/pin", {"release": release}
        if what == 7:
            return "POST", f"/v1/fleets/{FLEET}/track-latest", {}
        if what == 8:
            both = self._random.sample(self.devices, 3)
            return "POST", "/v1/devices/pin", {"devices": both, "release": release}
        return "POST", f"/v1/fleets/{FLEET}/releases", {
            "commit": f"{self._random.getrandbits(160):040x}", "status": "success", "draft": True}

    def _one_command(self):
        method, path, body = self._command()
        key = str(uuid.UUID(int=self._random.getrandbits(128)))
        while True:
            reply = self._try(method, path, body, key)
            if reply is not None and reply.status != 503:
                break
            self.retries += 1
            time.sleep(0.02)
        if reply.status != 200:
            self.refused.append((path, body, reply.status, reply.body[:300]))
            return
        sequences = [change["sequence"] for change in reply.json["changes"]]
        self.acknowledged.append((key, sequences, (method, path, body), reply.json))

    def _try(self, method, path, body, key):
        try:
            reply = self.http.send(method, path, body, {"Idempotency-Key": key})
            reply.json  # An answer that broke off is no answer.
            return reply
        except (OSError, ValueError, http.client.HTTPException):
            return None


def disorder(messages):
    """The first older target that came after a newer one, in words; None if there is none. A
    broker that comes back may tell the same one again."""
    newest = {}
    for message in messages:
        payload = json.loads(message["payload"])
        position = (payload["epoch"], payload["seq"])
        topic = message["topic"]
        if position < newest.get(topic, (0, 0)):
            return f"{topic}: {position} after {newest[topic]}"
        newest[topic] = position
    return None


class OrderWatch:
    """What a subscriber saw: targets, in the order in which they came."""

    def __init__(self, subscriber):
        self.subscriber = subscriber

    @property
    def messages(self):
        return list(self.subscriber.messages)

    def last(self):
        """{topic: payload} of the last target of each device."""
        return {message["topic"]: json.loads(message["payload"])
                for message in self.messages}


class CrashCase(Case):
    """A fleet with devices and releases, and clients that keep changing its policy."""

    def setUp(self):
        super().setUp()
        self.seed = int(os.environ.get("MUSTER_CRASH_SEED", time.time_ns() % 1_000_000))
        print(f"{self.id()}: MUSTER_CRASH_SEED={self.seed}", flush=True)
        self.random = random.Random(self.seed)
        self.clients = []

    def make_fleet(self):
        self.world.fleet(FLEET)
        self.credentials = [self.world.register(FLEET) for _ in range(DEVICES)]
        self.devices = [each["uuid"] for each in self.credentials]
        self.releases = [self.world.release(FLEET) for _ in range(RELEASES)]

    def start_load(self, count):
        for number in range(count):
            client = Client(self.world.http, self.random.random(), self.devices, self.releases)
            self.clients.append(client)
            client.start()
        self.addCleanup(self.end_load)

    def end_load(self):
        for client in self.clients:
            client.finish()

    def embedded_broker(self):
        """The pid of the server's own broker; None while there is none."""
        for pid in self.children_of_server():
            if Path(f"/proc/{pid}/comm").read_text().strip() == "mosquitto":
                return int(pid)
        return None

    def children_of_server(self):
        tasks = Path(f"/proc/{self.world.server.child.pid}/task")
        return [pid for task in tasks.iterdir() for pid in (task / "children").read_text().split()]

    def running_broker(self, other_than=None):
        try:
            pid = self.embedded_broker()
        except (FileNotFoundError, ProcessLookupError):  # Threads and children come and go.
            return None
        return pid if pid != other_than else None

    def acknowledged(self):
        return [each for client in self.clients for each in client.acknowledged]

    def assert_retained_is_right(self):
        """What a device would get that connects now is what the log says."""
        expected = {f"muster/v1/d/{uuid}/target": self.world.target(uuid)
                    for uuid in self.devices}
        fresh = OrderWatch(self.world.subscribe())
        wait_until(lambda: len(fresh.last()) >= len(expected), "a retained target per device")
        self.assertEqual(fresh.last(), expected)
        fresh.subscriber.stop()

    def assert_in_order(self, watches, one_broker_memory=True):
        """Nobody saw an older target after a newer one. A broker that keeps its own state may come
        back with an older one, so then each connection counts alone."""
        for watch in watches:
            self.assertIsNone(disorder(watch.messages))
        if one_broker_memory:
            self.assertIsNone(disorder([m for watch in watches for m in watch.messages]))
