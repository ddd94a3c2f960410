"""kill -9 of the server, again and again, under load. MUSTER_CRASH_ROUNDS and MUSTER_CRASH_SEED
make it long, or the same again."""

import time
import unittest

from crash_support import CrashCase, OrderWatch, rounds
from muster_world import Child, Server, binary

CLIENTS = 4


class ServerCrashTest(CrashCase):
    def test_nothing_acknowledged_is_lost_or_doubled(self):
        self.world.serve()
        self.make_fleet()
        self.first = self.world.http.head()
        self.start_load(CLIENTS)
        watches = []
        for _ in range(rounds(50)):
            watches.append(OrderWatch(self.world.subscribe()))
            time.sleep(self.random.uniform(0.05, 0.6))
            self.world.server.kill()
            watches[-1].subscriber.stop()
            self.world.server.start()
        self.end_load()
        self.world.wait_told()
        head = self.world.http.head()
        self.report(head)
        self.assert_in_order(watches)
        self.assert_exactly_once(head)
        self.assert_answers_are_remembered()
        self.assert_retained_is_right()
        self.assert_policies_are_the_last_acknowledged()

    def report(self, head):
        retries = sum(client.retries for client in self.clients)
        print(f"{rounds(50)} kills, {len(self.acknowledged())} commands acknowledged, "
              f"{retries} attempts without an answer, head {self.first} -> {head}", flush=True)

    def assert_exactly_once(self, head):
        """The sequences that were acknowledged are all there is after the first: each once."""
        for client in self.clients:
            self.assertEqual(client.refused, [])
        sequences = [each for _, changed, *_ in self.acknowledged() for each in changed]
        self.assertEqual(sorted(sequences), list(range(self.first + 1, head + 1)))
        self.assertGreater(len(sequences), 5 * rounds(50))

    def assert_answers_are_remembered(self):
        """A key gives the answer it gave, and nothing happens. (What changed nothing left no event
        to remember it by.)"""
        before = self.world.http.head()
        changed = [each for each in self.acknowledged() if each[1]]
        for key, _, (method, path, body), answer in self.random.sample(changed, 300):
            again = self.world.http.send(method, path, body, {"Idempotency-Key": key})
            self.assertEqual(again.status, 200, again.body[:300])
            self.assertEqual(again.json["changes"], answer["changes"])
            self.assertTrue(again.json["repeated"])
        self.assertEqual(self.world.http.head(), before)

    def assert_policies_are_the_last_acknowledged(self):
        """Each device has the pin that the last event about it gave it."""
        pins = {uuid: None for uuid in self.devices}
        changes = [change for *_, answer in self.acknowledged() for change in answer["changes"]]
        for change in sorted(changes, key=lambda each: each["sequence"]):
            if change["event"] in ("DevicePinned", "DeviceTrackingFleet"):
                pins[change["device"]] = change["to"]
        for uuid, pin in pins.items():
            self.assertEqual(self.world.device(uuid)["pinned_release"], pin)

    def test_a_start_that_was_killed_can_be_made_again(self):
        """Also the first start of all, which makes the keys, the token and the first events."""
        for number in range(max(4, rounds(50) // 12)):
            server = Server(binary(), self.world.folder / f"first-{number}")
            self.world.keep(server)
            self.kill_starts(server)
            server.start()
            self.world.server = server
            self.assertEqual(self.world.http.get("/v1/whoami")["user"], "admin")
            self.assertGreater(self.world.http.head(), 10)
            server.stop()

    def kill_starts(self, server):
        for _ in range(4):
            child = Child([server.binary, *server.command()])
            time.sleep(self.random.uniform(0.002, 0.25))
            child.kill()


if __name__ == "__main__":
    unittest.main()
