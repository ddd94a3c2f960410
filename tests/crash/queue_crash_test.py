"""Actions for a crowd of simulated devices that crash, fail and lose their connections, while server
and broker are killed again and again. In the end every action has one final state in the log, each
effect happened once and in order, and none that was due is missing.

MUSTER_CRASH_ROUNDS: how often to kill; MUSTER_CRASH_DEVICES: how many devices; MUSTER_CRASH_SEED:
the seed of an earlier run."""

import http.client
import json
import os
import signal
import time
import unittest
from collections import defaultdict

from crash_support import FLEET, CrashCase, rounds
from muster_world import Child, binary, wait_until

DEVICES = int(os.environ.get("MUSTER_CRASH_DEVICES", 40))
KINDS = ("restart", "restart", "purge", "purge", "blink", "blink", "reboot")
FINAL = {"succeeded", "failed", "rejected", "expired", "cancelled", "superseded", "skipped"}
NEVER_DONE = {"cancelled", "superseded", "skipped"}
PATIENCE_S = 240


class QueueCrashTest(CrashCase):
    def setUp(self):
        super().setUp()
        self.world.serve().wait_bridge()
        self.world.fleet(FLEET)
        self.ledger = self.world.folder / "ledger"
        self.crowd = self.world.keep(Child(
            [binary(), "agent", "--simulate", DEVICES, "--dir", self.world.folder / "crowd",
             "--mqtt", self.world.mqtt, "--fleet", FLEET, "--latency-ms", "30",
             "--failure-rate", "0.05", "--disconnect-rate", "120", "--crash-rate", "60",
             "--ledger", self.ledger, "--seed", self.seed, "--json"],
            log=self.world.folder / "crowd.log", environment=self.world.cli.environment))
        wait_until(lambda: len(self.device_list()) == DEVICES, "all are registered", 60)
        self.devices = [device["uuid"] for device in self.device_list()]

    def device_list(self):
        return self.world.http.get("/v1/devices?limit=1000")["items"]

    # --- What is asked, and what harms ---

    def ask(self, method, path, body=None):
        """Asks until there is an answer; with a key, so that it is done once."""
        key = {"Idempotency-Key": f"{self.random.getrandbits(64):x}"}
        end = time.monotonic() + 60
        while True:
            try:
                reply = self.world.http.send(method, path, body, key)
                reply.json  # An answer that broke off is no answer.
                if reply.status != 503:
                    return reply
            except (OSError, ValueError, http.client.HTTPException):
                pass
            self.assertLess(time.monotonic(), end, f"{method} {path}")
            time.sleep(0.05)

    def ask_something(self):
        body = {"kind": self.random.choice(KINDS), "confirm": True,
                "force": self.random.random() < 0.5}
        draw = self.random.random()
        if draw < 0.6:
            body["devices"] = self.random.sample(self.devices, self.random.randrange(1, 8))
        elif draw < 0.75:
            body["fleet"] = FLEET
        else:
            self.cancel_something()
            return
        reply = self.ask("POST", "/v1/actions", body)
        self.assertIn(reply.status, (200, 409), reply.body)  # 409: a queue is full.

    def cancel_something(self):
        open_ones = self.open_actions()
        if open_ones:
            chosen = self.random.choice(open_ones)
            reply = self.ask("DELETE", f"/v1/actions/{chosen['id']}")
            self.assertIn(reply.status, (200, 404, 409), reply.body)

    def kill_server(self):
        self.world.server.kill()
        self.world.server.start()

    def kill_broker(self):
        broker = self.running_broker()
        if broker:
            os.kill(broker, signal.SIGKILL)

    # --- What came of it ---

    def open_actions(self):
        return self.ask("GET", f"/v1/actions?fleet={FLEET}&state=open&limit=100").json["items"]

    def wait_all_over(self):
        end = time.monotonic() + PATIENCE_S
        while left := self.open_actions():
            self.assertLess(time.monotonic(), end, f"open are {len(left)}, such as {left[:3]}")
            time.sleep(0.2)

    def final_states(self):
        """{device: {n: state}} of all there ever were."""
        states = defaultdict(dict)
        for device in self.devices:
            path = f"/v1/actions?device={device}&limit=1000"
            while path:
                page = self.world.http.get(path)
                for action in page["items"]:
                    self.assertNotIn(action["n"], states[device])
                    states[device][action["n"]] = action["state"]
                path = page.get("next")
        return states

    def effects(self):
        """{device: [n, …]} as they happened."""
        done = defaultdict(list)
        for line in self.ledger.read_text().splitlines():
            entry = json.loads(line)
            done[entry["device"]].append(entry["n"])
        return done

    def test_each_action_ends_once_and_is_done_once_in_order(self):
        for _ in range(rounds(6)):
            for _ in range(12):
                self.ask_something()
                time.sleep(self.random.uniform(0, 0.1))
            self.random.choice((self.kill_server, self.kill_broker))()
        self.wait_all_over()
        self.assertEqual(self.crowd.stop(), 0)
        states, effects = self.final_states(), self.effects()
        total = defaultdict(int)
        for device in self.devices:
            done = effects[device]
            self.assertEqual(done, sorted(set(done)), f"{device}: once, and in order")
            for n, state in states[device].items():
                total[state] += 1
                self.assertIn(state, FINAL)
                if state == "succeeded":
                    self.assertIn(n, done, f"{device} says that it did {n}")
                if state in NEVER_DONE:
                    self.assertNotIn(n, done, f"{device} did {n} after it was {state}")
            self.assertLessEqual(set(done), set(states[device]))
        print(f"{rounds(6)} kills, {dict(total)}", flush=True)
        self.assertGreater(total["succeeded"], DEVICES)


if __name__ == "__main__":
    unittest.main()
