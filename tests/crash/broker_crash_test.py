"""kill -9 of the broker, again and again, while the policy keeps changing: the server's own
broker, and one of an operator with and without persistence."""

import os
import signal
import time
import unittest

from crash_support import CrashCase, OrderWatch, rounds
from muster_world import Broker, wait_until

CLIENTS = 2


class BrokerCrashTest(CrashCase):
    def play(self, kill_broker, keeps_state=False):
        """Kills in a loop, while devices and a subscriber watch. (Many kills in a row take long:
        the server waits longer each time.)"""
        self.world.wait_bridge()
        self.make_fleet()
        self.agent = self.world.agent(self.credentials)
        self.start_load(CLIENTS)
        watches = []
        for _ in range(rounds(8)):
            watches.append(OrderWatch(self.world.subscribe()))
            time.sleep(self.random.uniform(0.1, 0.7))
            kill_broker(watches[-1].subscriber)
            watches[-1].subscriber.stop()  # Twice is no harm.
        self.end_load()
        self.world.wait_told(60)
        self.report(watches)
        for client in self.clients:
            self.assertEqual(client.refused, [])
            self.assertEqual(client.retries, 0, "commands must go on without a broker")
        self.assert_in_order(watches, one_broker_memory=not keeps_state)
        self.assert_retained_is_right()
        self.assert_devices_are_right()

    def report(self, watches):
        seen = sum(len(watch.messages) for watch in watches)
        told = sum(event["event"] == "target" for event in self.agent.events)
        print(f"{rounds(8)} kills, {len(self.acknowledged())} commands, {seen} targets seen, "
              f"{told} told to devices", flush=True)

    def assert_devices_are_right(self):
        """Every device ends on its target, and never went back on the way."""
        for uuid in self.devices:
            target = self.world.target(uuid)
            self.agent.wait(lambda u=uuid, t=target: self.position_of(u) == (t["epoch"], t["seq"]),
                            f"device {uuid} was told seq {target['seq']}", 60)
            told = [(event["epoch"], event["seq"]) for event in self.agent.of(uuid, "target")]
            self.assertEqual(told, sorted(set(told)))
            commit = target["release"]["commit"]
            wait_until(lambda u=uuid, c=commit: self.world.device(u)["running_release"] == c,
                       f"device {uuid} reports {commit}")

    def position_of(self, uuid):
        told = self.agent.last(uuid, "target")
        return (told["epoch"], told["seq"]) if told else None

    def kill_embedded(self, _):
        old = wait_until(self.running_broker, "the server has a broker")
        connections = self.world.connections()
        os.kill(old, signal.SIGKILL)
        wait_until(lambda: self.running_broker(other_than=old), "it starts another one")
        self.world.wait_bridge(after=connections)

    def test_the_embedded_broker(self):
        self.world.serve()
        self.play(self.kill_embedded)

    def play_external(self, persistence):
        broker = self.world.keep(Broker(self.world.folder / "broker", persistence).start())
        self.world.serve(options=("--spread-s", "1", "--mqtt", f"mqtt://{broker.address}"))
        self.assertEqual(self.world.mqtt, broker.address)

        def kill(subscriber):
            connections = self.world.connections()
            broker.kill()
            # What such a broker kept may be older than what it sent last: a connection each.
            subscriber.stop()
            time.sleep(self.random.uniform(0, 0.3))
            broker.start()
            self.world.wait_bridge(after=connections)
        self.play(kill, keeps_state=persistence)

    def test_an_external_broker_without_persistence(self):
        self.play_external(persistence=False)

    def test_an_external_broker_with_persistence(self):
        self.play_external(persistence=True)


if __name__ == "__main__":
    unittest.main()
