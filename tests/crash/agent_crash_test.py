"""kill -9 of the agent in the middle of its actions. The test plays the server: it publishes an
action until there is an end to it, after each birth again. What the actions did is counted outside
of the agent, by the services and the hook themselves.

MUSTER_CRASH_ROUNDS: how many actions; MUSTER_CRASH_SEED: the seed of an earlier run."""

import json
import os
import random
import re
import sys
import time
import unittest
import uuid
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

from crash_support import rounds  # noqa: E402
from muster_world import (Broker, Case, Child, Publisher, Subscriber, binary,  # noqa: E402
                          wait_until)

EPOCH = 1_732_233_600
KINDS = ("restart", "purge", "reboot", "os-update")
FINAL = ("succeeded", "failed", "rejected", "cancelled", "expired")

# Says which folder and which volume it finds: each has a token from its first start on.
SERVICE = """
[ -e own ] || { cat /proc/sys/kernel/random/uuid > own.new; mv own.new own; }
[ -e data/kept ] || { cat /proc/sys/kernel/random/uuid > data/new; mv data/new data/kept; }
echo "$$ $(cat own) $(cat data/kept)" >> "$SEEN"
trap 'sleep 0.1; exit 0' TERM
while :; do sleep 0.02; done
"""
HOOK = """#!/bin/sh
case "$1" in
  reboot)          echo "$MUSTER_ACTION_N" > "$FOLDER/reboot.new"; mv "$FOLDER/reboot.new" "$FOLDER/reboot" ;;
  os-update)       sleep 0.05; echo "$MUSTER_ACTION_N" >> "$FOLDER/updates" ;;
  os-update-check) sleep 0.1; grep -qx "$MUSTER_ACTION_N" "$FOLDER/updates" || exit 75 ;;
esac
"""


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1][0] != "Z"
    except OSError:
        return False


class Device:
    """An agent that is started, killed and booted again; and what its actions did."""

    def __init__(self, world, mqtt):
        self.world = world
        self.mqtt = mqtt
        self.uuid = uuid.uuid4().hex
        self.base = f"muster/v1/d/{self.uuid}"
        self.folder = world.folder
        self.boots = 1
        self.agent = None
        self.publisher = Publisher(mqtt)
        (self.folder / "device.json").write_text(json.dumps({"uuid": self.uuid, "mqtt": {
            "client_id": self.uuid, "username": self.uuid, "password": "secret"}}))
        hook = self.folder / "hook"
        hook.write_text(HOOK.replace("$FOLDER", str(self.folder)))
        hook.chmod(0o700)
        (self.folder / "updates").touch()
        self.births = world.keep(Subscriber(mqtt, f"{self.base}/up/presence"))
        self.acks = world.keep(Subscriber(mqtt, f"{self.base}/up/ack"))

    def start(self):
        self.agent = self.world.keep(Child(
            [binary(), "agent", "run", "--dir", self.folder / "agent", "--mqtt", self.mqtt,
             "--device", self.folder / "device.json", "--step-ms", "20",
             "--action-hook", self.folder / "hook", "--boot-id", f"boot-{self.boots}"],
            log=self.folder / "agent.log"))

    def kill(self):
        self.agent.kill()

    def boot_if_asked(self):
        """Does what the hook asked for: the whole device goes down, and comes back."""
        asked = self.folder / "reboot"
        if not asked.exists():
            return None
        n = int(asked.read_text())
        self.kill()
        asked.unlink()
        self.boots += 1
        self.start()
        return n

    def count_births(self):
        return sum('"online":true' in message["payload"] for message in list(self.births.messages))

    def publish(self, topic, message, *options):
        self.publisher.send(f"{self.base}/{topic}", message, *options)

    def acks_of(self, n):
        acks = [json.loads(message["payload"]) for message in list(self.acks.messages)]
        return [ack["state"] for ack in acks if ack["n"] == n]

    def end_of(self, n):
        return next((state for state in self.acks_of(n) if state in FINAL), None)

    def seen(self):
        """Process, folder and volume of each start of the service so far."""
        file = self.folder / "seen"
        lines = file.read_text().splitlines() if file.exists() else []
        return [tuple(line.split()) for line in lines if line.count(" ") == 2]

    def folders(self):
        return len({folder for _, folder, _ in self.seen()})

    def volumes(self):
        return len({volume for _, _, volume in self.seen()})

    def alive(self):
        return [pid for pid, _, _ in self.seen() if is_alive(pid)]


class AgentCrashTest(Case):
    def setUp(self):
        super().setUp()
        self.seed = int(os.environ.get("MUSTER_CRASH_SEED", random.randrange(1 << 32)))
        print(f"seed {self.seed}", file=sys.stderr)
        self.random = random.Random(self.seed)
        broker = Broker(self.world.folder / "broker").start()
        self.world.keep(broker.child)
        self.device = Device(self.world, broker.address)
        self.expected = {"restart": 0, "purge": 0, "reboot": 0, "os-update": 0}
        self.reboots = []
        self.kills = 0

    def run_release(self):
        manifest = {"services": {"main": {
            "command": ["sh", "-c", SERVICE], "volumes": ["data"],
            "environment": {"SEEN": str(self.device.folder / "seen")}}}}
        self.device.publish("target", {
            "v": 1, "epoch": EPOCH, "seq": 5, "fleet": {"id": 7, "uuid": "7" * 32},
            "policy": "tracking", "after_action": None, "at": "2026-11-21T08:30:00.000Z",
            "release": {"id": 31, "commit": "a" * 40, "semver": "1.0.0", "draft": False,
                        "manifest": manifest},
            "settings": {"public_url": False, "local_mode": False, "lock_override": False,
                         "support_until": None}}, "-r")
        self.device.start()
        wait_until(lambda: self.device.folders() == 1, "the service runs")

    def act(self, n, kind):
        """Publishes action `n`, with kills, until there is an end to it."""
        device = self.device
        action = {"v": 1, "epoch": EPOCH, "n": n, "id": f"01J{n:023d}", "kind": kind,
                  "args": {}, "force": False, "deliver_by": "2027-01-01T00:00:00.000Z",
                  "execute_within_s": 900, "attempt": 1}
        kills_left = self.random.choice((0, 1, 2, 3, 4))
        published_after = -1
        kill_at = None
        deadline = time.monotonic() + 60
        while device.end_of(n) is None:
            self.assertLess(time.monotonic(), deadline, f"no end of {kind} {n}")
            births = device.count_births()
            if births > published_after:  # As the server does: the head, after each birth.
                published_after = births
                device.publish("action", action)
                if self.random.random() < 0.3:
                    device.publish("action", action)  # The broker may deliver it twice.
                if kills_left:
                    kill_at = time.monotonic() + self.random.uniform(0, 0.15)
            if kill_at and time.monotonic() >= kill_at:
                kill_at, kills_left, self.kills = None, kills_left - 1, self.kills + 1
                device.kill()
                device.start()
            booted = device.boot_if_asked()
            if booted:
                self.reboots.append(booted)
                kill_at = None
            time.sleep(0.005)
        self.expected[kind] += 1

    def check(self, n, kind):
        """The action has one end, and what all did so far is what was asked for, no more."""
        device = self.device
        ends = {state for state in device.acks_of(n) if state in FINAL}
        self.assertEqual(ends, {"succeeded"}, f"{kind} {n}: {device.acks_of(n)}")
        folders = 1 + self.expected["restart"] + self.expected["purge"]
        volumes = 1 + self.expected["purge"]
        wait_until(lambda: len(device.alive()) == 1, "one service runs")
        wait_until(lambda: device.folders() >= folders, f"the effect of {kind} {n}")
        self.assertEqual((device.folders(), device.volumes()), (folders, volumes), f"{kind} {n}")
        updates = (device.folder / "updates").read_text().split()
        self.assertEqual(len(updates), self.expected["os-update"], updates)
        self.assertEqual(len(set(updates)), len(updates))
        self.assertEqual(len(self.reboots), self.expected["reboot"], self.reboots)
        self.assertEqual(len(set(self.reboots)), len(self.reboots))

    def test_each_action_is_done_once_however_often_the_agent_is_killed(self):
        self.run_release()
        n = 9
        for _ in range(rounds(16)):
            n += self.random.randrange(1, 5)
            kind = self.random.choice(KINDS)
            self.act(n, kind)
            self.check(n, kind)
        self.assertGreater(self.kills, 0)
        print(f"{self.kills} kills, {self.expected}", file=sys.stderr)
        self.assertFalse(re.findall(r"damaged|assertion", self.log()), self.log())

    def log(self):
        return (self.device.folder / "agent.log").read_text()

    def test_no_service_runs_twice_or_on_when_the_agent_is_killed_again_and_again(self):
        self.run_release()
        for _ in range(10):
            self.device.kill()
            wait_until(lambda: not self.device.alive(), "no service outlives the agent")
            starts = len(self.device.seen())
            self.device.start()
            wait_until(lambda: len(self.device.seen()) > starts, "the service is back")
            self.assertEqual(len(self.device.alive()), 1)
        self.assertEqual((self.device.folders(), self.device.volumes()), (1, 1))


if __name__ == "__main__":
    unittest.main()
