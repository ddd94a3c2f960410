"""Foreign MQTT clients as devices: what they get, and what their words lead to."""

import json
import re
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

from muster_world import Case, Child, wait_until  # noqa: E402

HERE = Path(__file__).resolve().parent
MANIFEST = {"services": {"main": "registry.example/thermo:1"}, "note": "größer \"so\"\n"}


def birth(session, **fields):
    return {"online": True, "session": session, "boot": "b1", "encoding": "json",
            "os_version": "5.1.0", "os_variant": "dev", "agent_version": "1.2.0", **fields}


class DevicesTest(Case):
    def setUp(self):
        super().setUp()
        self.world.serve().wait_bridge()
        self.world.fleet()
        given = self.world.register()
        self.device, self.other = given["uuid"], self.world.register()["uuid"]
        self.access = ["-i", self.device, "-u", self.device, "-P", given["mqtt"]["password"]]
        self.topic = f"muster/v1/d/{self.device}/target"

    def up(self, kind, payload):
        self.world.publish(f"muster/v1/d/{self.device}/up/{kind}", payload)

    def wait_device(self, **fields):
        def fits():
            device = self.world.device(self.device)
            return all(device[name] == value for name, value in fields.items())
        wait_until(fits, f"{fields}; it is {self.world.device(self.device)}")

    def assert_target(self, payload, commit, policy="tracking"):
        """Exactly the fields of the contract, each of its type."""
        self.assertEqual(list(payload), ["v", "epoch", "seq", "fleet", "policy", "release",
                                         "after_action", "settings", "at"])
        self.assertEqual((payload["v"], payload["policy"]), (1, policy))
        self.assertGreater(payload["epoch"], 0)
        self.assertGreater(payload["seq"], 0)
        self.assertEqual(set(payload["fleet"]), {"id", "uuid"})
        self.assertEqual(payload["settings"], {"public_url": False, "local_mode": False,
                                               "lock_override": False, "support_until": None})
        self.assertIsNone(payload["after_action"])
        self.assertRegex(payload["at"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")
        if commit is None:
            self.assertIsNone(payload["release"])
        else:
            self.assertEqual(set(payload["release"]),
                             {"id", "commit", "semver", "draft", "manifest"})
            self.assertEqual(payload["release"]["commit"], commit)

    def receive(self, commit, options=(), topic=None):
        """Subscribes anew and returns the first message about `commit`."""
        subscriber = self.world.subscribe(topic or self.topic, options)
        return subscriber.wait(lambda m: (json.loads(m["payload"])["release"] or {}).get("commit")
                               == commit, f"a target with {commit}")

    def test_mosquitto_sub_gets_valid_targets_in_both_versions(self):
        first = self.world.release(semver="1.0.0", manifest=MANIFEST)
        self.world.wait_told()
        for options in (["-V", "311"], ["-V", "mqttv5"]):
            with self.subTest(options=options):
                message = self.receive(first, [*self.access, *options])
                self.assertEqual((message["qos"], message["retain"]), (1, 1))
                payload = json.loads(message["payload"])
                self.assert_target(payload, first)
                self.assertEqual(payload["release"]["manifest"], MANIFEST)
                self.assertEqual(payload["release"]["semver"], "1.0.0")

    def test_mqtt_5_is_told_type_correlation_and_expiry_and_nothing_expires_for_good(self):
        commit = self.world.release()
        told = ["-V", "mqttv5", "-F",
                '{"topic":"%t","type":"%C","correlation":"%D","expiry":"%E","payload":%p}']
        device = self.world.subscribe(f"muster/v1/d/{self.device}/+", told)
        target = device.wait(lambda m: (m["payload"].get("release") or {}).get("commit") == commit,
                             "the target")
        self.assertEqual((target["type"], target["correlation"], target["expiry"]),
                         ("application/json", "", ""))
        answer = self.world.cli.json("device", "blink", self.device, "--deliver-by", "1h")
        self.up("presence", birth("s1"))
        action = device.wait(lambda m: m["topic"].endswith("/action"), "the action")
        self.assertEqual((action["type"], action["correlation"], action["payload"]["id"]),
                         ("application/json", answer["id"], answer["id"]))
        self.assertTrue(3500 <= int(action["expiry"]) <= 3600, action)
        self.up("ack", {"epoch": action["payload"]["epoch"], "n": action["payload"]["n"],
                        "id": answer["id"], "state": "delivered", "percent": 0, "code": 0,
                        "message": "", "boot": "b1"})
        wait_until(lambda: self.world.cli.json("action", "show", str(action["payload"]["n"]))
                   ["state"] == "delivered", "delivered")
        device.messages.clear()
        self.up("presence", birth("s2"))
        again = device.wait(lambda m: m["topic"].endswith("/action"), "the action again")
        self.assertEqual((again["payload"]["n"], again["expiry"]), (action["payload"]["n"], ""))
        self.world.cli.json("action", "cancel", answer["id"])
        cancel = device.wait(lambda m: m["topic"].endswith("/cancel"), "the withdrawal")
        self.assertEqual((cancel["type"], cancel["correlation"], cancel["expiry"]),
                         ("application/json", answer["id"], ""))

    def test_a_live_subscriber_gets_each_target_in_order(self):
        subscriber = self.world.subscribe(self.topic)
        commits = []
        for _ in range(5):
            commits.append(self.world.release())
            subscriber.wait(lambda m, c=commits[-1]: c in m["payload"], "the new release")
        self.world.http.post(f"/v1/devices/{self.device}/pin", {"release": commits[0]})
        subscriber.wait(lambda m: '"pinned"' in m["payload"], "the pin")
        seqs = [json.loads(m["payload"])["seq"] for m in subscriber.messages]
        self.assertEqual(seqs, sorted(set(seqs)))

    def test_what_the_api_shows_is_what_the_device_is_told(self):
        commit = self.world.release(manifest=MANIFEST)
        self.world.http.post(f"/v1/devices/{self.device}/pin", {"release": commit})
        self.world.wait_told()  # The release alone was a target, too.
        message = self.receive(commit)
        self.assertEqual(json.loads(message["payload"]), self.world.target(self.device))
        reply = self.world.http.send("GET", f"/v1/devices/{self.device}/target")
        self.assertEqual(reply.body.decode().strip(), message["payload"])

    def test_a_change_that_does_not_concern_it_is_not_told(self):
        old, new = self.world.release(), self.world.release()
        pin = self.world.http.post(f"/v1/devices/{self.device}/pin", {"release": old})
        self.world.wait_told()
        subscriber = self.world.subscribe("muster/v1/d/+/target")
        self.world.http.post("/v1/fleets/acme/thermo/pin", {"release": old})
        self.world.http.send("PATCH", f"/v1/devices/{self.device}", {"name": "renamed"})
        self.world.http.post("/v1/fleets/acme/thermo/track-latest")
        newest = self.world.release()
        subscriber.wait(lambda m: self.other in m["topic"] and newest in m["payload"],
                        "the other device follows")
        told = [json.loads(m["payload"])["seq"] for m in subscriber.messages
                if self.device in m["topic"]]
        self.assertEqual(told, [pin["sequence"]])
        self.assertNotEqual(new, newest)

    def test_an_offline_device_gets_the_newest_when_it_connects(self):
        for _ in range(4):
            newest = self.world.release()
        self.world.wait_told()
        subscriber = self.world.subscribe(self.topic)
        first = subscriber.wait(lambda m: True, "the retained target")
        self.assert_target(json.loads(first["payload"]), newest)

    def test_reconcile_mends_what_somebody_did_at_the_broker(self):
        commit = self.world.release()
        self.world.wait_told()
        stranger = f"muster/v1/d/{'f' * 32}/target"
        self.world.publish(self.topic, "", "-r")
        self.world.publish(stranger, {"v": 1}, "-r")
        report = self.world.http.post("/v1/broker/reconcile")
        self.assertEqual((report["missing"], report["cleared"], report["newer"]), (1, 1, 0))
        self.assertEqual(json.loads(self.receive(commit)["payload"])["release"]["commit"], commit)
        again = self.world.http.post("/v1/broker/reconcile")
        self.assertEqual((again["retained"], again["missing"], again["cleared"]), (2, 0, 0))

    def test_a_device_in_an_empty_fleet_is_told_so(self):
        message = self.world.subscribe(self.topic).wait(lambda m: True, "a target without release")
        self.assert_target(json.loads(message["payload"]), None)

    def run_js(self, version):
        given = self.world.register()
        device = self.world.keep(Child(
            ["node", HERE / "mqtt_device.js", "127.0.0.1", self.world.mqtt.split(":")[1],
             given["uuid"], given["mqtt"]["password"], version],
            log=self.world.folder / "node.log"))

        def got(commit):
            return next((line for line in list(device.lines) if commit in line), None)
        first = self.world.release(manifest=MANIFEST)
        payload = json.loads(wait_until(lambda: got(first), "MQTT.js gets the first release"))
        self.assert_target(payload, first)
        self.assertEqual(payload["release"]["manifest"], MANIFEST)
        self.world.http.post(f"/v1/devices/{given['uuid']}/pin", {"release": first})
        second = self.world.release()
        wait_until(lambda: any('"pinned"' in line for line in list(device.lines)), "the pin")
        wait_until(lambda: self.world.device(given["uuid"])["running_release"] == first
                   and self.world.device(given["uuid"])["online"], "its report is shown")
        self.assertIsNone(got(second))
        device.stop()
        wait_until(lambda: self.world.device(given["uuid"])["online"] is False, "its will")

    def test_mqtt_js_is_a_device(self):
        self.run_js("4")

    def test_mqtt_js_is_a_device_with_version_5(self):
        self.run_js("5")

    def test_a_device_that_asks_for_flatbuffers_is_told_in_flatbuffers(self):
        given = self.world.register(encoding="flatbuffers")
        topic = f"muster/v1/d/{given['uuid']}/target"
        agent = self.world.agent([given])
        commit = self.world.release(manifest=MANIFEST)
        wait_until(lambda: self.world.device(given["uuid"])["running_release"] == commit,
                   "the agent runs what it was told")
        self.assertEqual(self.world.device(given["uuid"])["encoding"], "flatbuffers")
        self.assertEqual(self.world.target(given["uuid"])["release"]["manifest"], MANIFEST)
        host, port = self.world.mqtt.split(":")
        watcher = self.world.keep(Child(["mosquitto_sub", "-h", host, "-p", port, "-i", "watch",
                                         "-t", topic, "-F", "%x", *self.world.login([])]))
        wait_until(lambda: watcher.lines, "the retained target")
        self.assertEqual(bytes.fromhex(watcher.lines[0])[4:8], b"MUCH")
        agent.stop()
        self.world.publish(f"muster/v1/d/{given['uuid']}/up/presence", birth("s2"))
        wait_until(lambda: len(watcher.lines) > 1, "the same target as JSON")
        self.assertEqual(json.loads(bytes.fromhex(watcher.lines[-1])),
                         self.world.target(given["uuid"]))

    def test_births_states_and_wills_are_shown(self):
        commit = self.world.release()
        self.up("presence", birth("s1"))
        self.wait_device(online=True, os_version="5.1.0", os_variant="dev", agent_version="1.2.0")
        self.up("state", {"epoch": 1, "seq": 1, "running": commit, "status": "applying",
                          "percent": 40, "code": 0, "message": "half", "locks": [], "boot": "b1"})
        self.wait_device(running_release=commit, status="applying")
        self.assertEqual(self.world.device(self.device)["progress"]["percent"], 40)
        self.up("presence", {"online": False, "session": "s1"})
        self.wait_device(online=False, running_release=commit)

    def test_a_late_will_does_not_count(self):
        self.up("presence", birth("s1"))
        self.up("presence", birth("s2", os_version="5.1.1"))
        self.wait_device(online=True, os_version="5.1.1")
        self.up("presence", {"online": False, "session": "s1"})
        # Messages of one device are taken in order: with the state in, the will has been, too.
        self.up("state", {"epoch": 1, "seq": 1, "running": None, "status": "idle", "percent": 0,
                          "code": 0, "message": "sentinel", "locks": [], "boot": "b1"})
        wait_until(lambda: (self.world.device(self.device).get("progress") or {}).get("message")
                   == "sentinel", "the state after the will")
        self.assertTrue(self.world.device(self.device)["online"])

    def test_nonsense_from_a_device_changes_nothing(self):
        head = self.world.http.head()
        for kind in ("presence", "state", "ack", "what"):
            for payload in ("", "{", "[]", "{}", '{"online":1}', '{"running":7}', "\x01\x02",
                            json.dumps(birth("s" * 10_000))):
                self.up(kind, payload)
        self.world.publish("muster/v1/d/nobody/up/state", "{}")
        self.up("presence", birth("s1"))
        self.wait_device(online=True)
        self.assertLessEqual(self.world.http.head() - head, 3)  # The good birth's own events.

    def test_the_bridge_says_that_it_is_there(self):
        subscriber = self.world.subscribe("muster/v1/sys/bridge")
        message = json.loads(subscriber.wait(lambda m: True, "the bridge's word")["payload"])
        self.assertLessEqual({"online", "log", "instance", "epoch", "spread_s"}, set(message))
        self.assertTrue(message["online"])
        self.assertIsNotNone(re.fullmatch("[0-9a-f]{32}", message["log"]))


if __name__ == "__main__":
    unittest.main()
