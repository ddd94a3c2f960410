"""Servers and brokers that go and come back."""

import json
import socket
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

from muster_world import Broker, Case, wait_until  # noqa: E402


class RestartCase(Case):
    def everything(self):
        """All that the API shows and that must not change."""
        http = self.world.http
        paths = ["organisations", "users", "tokens", "device-types", "fleets",
                 "fleets/acme/thermo", "fleets/acme/thermo/releases",
                 "fleets/acme/thermo/members"]
        shown = {path: http.get(f"/v1/{path}") for path in paths}
        for uuid in self.devices:
            device = self.world.device(uuid)
            shown[uuid] = {name: device[name] for name in
                           ("id", "name", "policy", "pinned_release", "target_release",
                            "target_seq", "running_release", "os_version", "version")}
            shown[f"{uuid} target"] = self.world.target(uuid)
        return shown

    def make_fleet(self):
        self.devices = self.world.fleet(devices=3)
        self.old, self.new = self.world.release(semver="1.0.0"), self.world.release(semver="1.1.0")
        self.world.http.post(f"/v1/devices/{self.devices[0]}/pin", {"release": self.old})

    def retained(self):
        """{uuid: target} as a device gets it that connects now."""
        self.world.wait_told()
        subscriber = self.world.subscribe()
        wait_until(lambda: len(subscriber.messages) >= len(self.devices), "the retained targets")
        subscriber.stop()
        return {message["topic"].split("/")[3]: json.loads(message["payload"])
                for message in subscriber.messages}

    def assert_retained(self):
        wanted = {uuid: self.world.target(uuid) for uuid in self.devices}
        self.assertEqual(self.retained(), wanted)


class ServerRestartTest(RestartCase):
    def setUp(self):
        super().setUp()
        self.world.serve().wait_bridge()
        self.make_fleet()
        self.world.publish(f"muster/v1/d/{self.devices[0]}/up/presence",
                           {"online": True, "session": "s", "boot": "b", "os_version": "5.0.0",
                            "os_variant": "prod", "agent_version": "1.1.0"})
        wait_until(lambda: self.world.device(self.devices[0])["os_version"] == "5.0.0", "the birth")

    def restart(self, stop):
        before, head, retained = self.everything(), self.world.http.head(), self.retained()
        stop()
        self.world.server.start()
        self.assertEqual(self.world.http.head(), head)
        self.assertEqual(self.everything(), before)
        self.assertEqual(self.retained(), retained)
        answer = self.world.http.post(f"/v1/devices/{self.devices[1]}/pin", {"release": self.old})
        self.assertEqual(answer["sequence"], head + 1)
        self.assert_retained()

    def test_a_graceful_stop_keeps_everything(self):
        def stop():
            self.assertEqual(self.world.server.stop(), 0)
        self.restart(stop)

    def test_a_kill_keeps_everything(self):
        self.restart(self.world.server.kill)

    def test_many_restarts_in_a_row(self):
        before = self.everything()
        for _ in range(5):
            self.world.server.stop()
            self.world.server.start()
        self.assertEqual(self.everything(), before)
        self.assert_retained()

    def test_the_broker_goes_with_the_server(self):
        port = int(self.world.mqtt.split(":")[1])
        self.world.server.kill()
        wait_until(lambda: not self.is_open(port), "the embedded broker is gone")

    @staticmethod
    def is_open(port):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    def test_presence_is_unknown_or_offline_until_the_device_says_so(self):
        self.world.server.stop()
        self.world.server.start()
        self.assertIn(self.world.device(self.devices[0])["online"], (None, False))


class ExternalBrokerTest(RestartCase):
    def serve(self, persistence):
        self.broker = self.world.keep(Broker(self.world.folder / "broker", persistence).start())
        self.world.serve(options=("--spread-s", "1", "--mqtt", f"mqtt://{self.broker.address}"))
        self.make_fleet()
        self.assert_retained()

    def restart_broker(self, persistence, stop):
        """What changes while the broker is away is there when it is back."""
        self.serve(persistence)
        stop()
        status = self.world.http.get("/v1/status")
        wait_until(lambda: not self.world.http.get("/v1/status")["broker"]["connected"],
                   "the server notices")
        self.world.http.post("/v1/fleets/acme/thermo/pin", {"release": self.old})
        newest = self.world.release(semver="1.2.0")
        self.world.http.post(f"/v1/devices/{self.devices[1]}/pin", {"release": newest})
        self.assertGreater(self.world.http.head(), status["log"]["head"])
        self.broker.start()
        self.assert_retained()

    def test_a_broker_without_persistence_is_stopped(self):
        self.restart_broker(False, lambda: self.broker.stop())

    def test_a_broker_with_persistence_is_stopped(self):
        self.restart_broker(True, lambda: self.broker.stop())

    def test_a_broker_with_persistence_is_killed(self):
        self.restart_broker(True, lambda: self.broker.kill())

    def test_the_server_changes_its_mind_while_it_is_down(self):
        """The broker keeps old targets while the server is away and is started once more."""
        self.serve(True)
        self.world.server.stop()
        self.broker.stop()
        self.broker.start()
        self.world.server.start()
        self.world.http.post("/v1/fleets/acme/thermo/pin", {"release": self.old})
        self.assert_retained()

    def test_the_server_starts_before_its_broker(self):
        broker = self.world.keep(Broker(self.world.folder / "broker"))
        self.world.serve(options=("--spread-s", "1", "--mqtt", f"mqtt://{broker.address}"))
        self.make_fleet()
        self.assertFalse(self.world.http.get("/v1/status")["broker"]["connected"])
        broker.start()
        self.assert_retained()

    def test_a_foreign_log_on_the_same_broker_is_corrected(self):
        """A broker that another server filled: all its targets are ours afterwards."""
        self.serve(False)
        uuid = self.devices[0]
        self.world.server.stop()
        self.world.publish(f"muster/v1/d/{uuid}/target", {"v": 1, "foreign": True}, "-r")
        self.world.publish("muster/v1/sys/marker", {"log": "0" * 32, "epoch": 1,
                                                    "low_water": 10_000}, "-r")
        self.world.server.start()
        self.assert_retained()


if __name__ == "__main__":
    unittest.main()
