"""Simulated devices that crash, fail and lose their connections while they do actions. The test
plays the server, one action of a device at a time, and compares what the devices say with what the
ledger says they did. MUSTER_CRASH_SEED: the seed of an earlier run."""

import json
import os
import random
import sys
import time
import unittest
import uuid
from collections import defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

from muster_world import Broker, Case, Child, Publisher, Subscriber, binary  # noqa: E402

DEVICES = 8
ACTIONS = 10  # For each device.
EPOCH = 1_732_233_600
KINDS = ("restart", "purge", "reboot", "shutdown", "os-update", "blink")
FINAL = ("succeeded", "failed", "rejected", "cancelled", "expired")
SILENCE_S = 2  # After it the server says it again.


class Queue:
    """The actions of one device, as the server has them: the next one when the last has ended."""

    def __init__(self, device, chance):
        self.device = device
        self.chance = chance
        self.n = 0
        self.left = ACTIONS
        self.kinds = {}
        self.births = -1
        self.said_at = 0.0

    def message(self):
        return {"v": 1, "epoch": EPOCH, "n": self.n, "id": f"01J{self.n:023d}",
                "kind": self.kinds[self.n], "args": {}, "force": False, "attempt": 1,
                "deliver_by": "2027-01-01T00:00:00.000Z", "execute_within_s": 900}

    def step(self, births, ends, publish):
        """Publishes what is to be published now. False when all have ended."""
        if self.n == 0 or self.n in ends:
            if self.left == 0:
                return False
            self.left -= 1
            self.n += self.chance.randrange(1, 4)
            self.kinds[self.n] = self.chance.choice(KINDS)
            self.births = -1
        if births > self.births or time.monotonic() - self.said_at > SILENCE_S:
            self.births, self.said_at = births, time.monotonic()
            for _ in range(self.chance.choice((1, 1, 2))):  # The broker may deliver it twice.
                publish(self.device, self.message())
        return True


class SimulateActionsTest(Case):
    def setUp(self):
        super().setUp()
        self.seed = int(os.environ.get("MUSTER_CRASH_SEED", random.randrange(1 << 32)))
        print(f"seed {self.seed}", file=sys.stderr)
        broker = Broker(self.world.folder / "broker").start()
        self.world.keep(broker.child)
        self.publisher = Publisher(broker.address)
        self.births = defaultdict(int)
        self.ends = defaultdict(dict)
        self.heard = self.world.keep(Subscriber(broker.address, "muster/v1/d/+/up/#"))
        self.read = 0
        self.devices = [uuid.uuid4().hex for _ in range(DEVICES)]
        credentials = self.world.folder / "devices.json"
        credentials.write_text("\n".join(json.dumps(
            {"uuid": each, "mqtt": {"client_id": each, "username": each, "password": "x"}})
            for each in self.devices))
        self.ledger = self.world.folder / "ledger"
        self.crowd = self.world.keep(Child(
            [binary(), "agent", "--simulate", DEVICES, "--dir", self.world.folder / "crowd",
             "--mqtt", broker.address, "--device", credentials, "--latency-ms", "40",
             "--failure-rate", "0.1", "--disconnect-rate", "900", "--crash-rate", "1200",
             "--ledger", self.ledger, "--seed", self.seed, "--json"],
            log=self.world.folder / "crowd.log"))

    def listen(self):
        messages = list(self.heard.messages)
        for message in messages[self.read:]:
            device, kind = message["topic"].split("/")[3], message["topic"].split("/")[5]
            said = json.loads(message["payload"])
            if kind == "presence":
                self.births[device] += said["online"]
            if kind == "ack" and said["state"] in FINAL:
                known = self.ends[device].setdefault(said["n"], said["state"])
                self.assertEqual(known, said["state"], f"two ends of {said}")
        self.read = len(messages)

    def publish(self, device, message):
        self.publisher.send(f"muster/v1/d/{device}/action", message)

    def effects(self):
        """The numbers of what each device did, in the order in which it did it."""
        done = defaultdict(list)
        for line in self.ledger.read_text().splitlines():
            entry = json.loads(line)
            done[entry["device"]].append((entry["n"], entry["kind"]))
        return done

    def test_each_effect_happened_once_and_in_order(self):
        chance = random.Random(self.seed)
        queues = [Queue(device, chance) for device in self.devices]
        deadline = time.monotonic() + 120
        while queues:
            self.assertLess(time.monotonic(), deadline, [(q.device, q.n) for q in queues])
            self.listen()
            queues = [queue for queue in queues
                      if queue.step(self.births[queue.device], self.ends[queue.device],
                                    self.publish) or self.check(queue)]
            time.sleep(0.01)
        self.assertEqual(self.crowd.stop(), 0)
        counts = json.loads(self.crowd.lines[-1])
        print(f"{counts}", file=sys.stderr)
        self.assertEqual(counts["unusable"], 0)
        self.assertGreater(counts["crashes"], 0)
        self.assertEqual(counts["actions"], sum(map(len, self.effects().values())))

    def check(self, queue):
        ends = self.ends[queue.device]
        self.assertEqual(set(ends), set(queue.kinds))
        self.assertLessEqual(set(ends.values()), {"succeeded", "failed"})
        succeeded = [(n, queue.kinds[n]) for n in sorted(ends) if ends[n] == "succeeded"]
        self.assertEqual(self.effects()[queue.device], succeeded)
        return False


if __name__ == "__main__":
    unittest.main()
