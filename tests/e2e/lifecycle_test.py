"""What becomes of devices and fleets, as users, devices and the broker see it: settings, support
access, deactivated, deleted and orphaned devices, fleets renamed, transferred and deleted."""

import datetime
import json
import sys
import time
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))

from muster_world import Case, Child, Failed, wait_until  # noqa: E402

SLUG = "acme/thermo"


class LifecycleCase(Case):
    OPTIONS = ("--spread-s", "1", "--public-domain", "devices.example.com")

    def setUp(self):
        super().setUp()
        self.world.serve(options=self.OPTIONS)
        self.world.fleet(SLUG)
        self.world.release(SLUG)
        self.given = self.world.register(SLUG)
        self.device = self.given["uuid"]
        self.targets = self.world.subscribe()

    def connect(self, given=None, **options):
        given = given or self.given
        host, _, port = self.world.mqtt.rpartition(":")
        held = self.world.keep(Child(["node", HERE / "mqtt_device.js", host, port, given["uuid"],
                                      given["mqtt"]["password"]], **options))
        wait_until(lambda: self.world.device(given["uuid"])["online"], "the device is online")
        return held

    def disconnect(self, held):
        held.kill()
        wait_until(lambda: self.world.device(self.device)["online"] is False, "it is offline")

    def told(self, uuid=None):
        """The last thing the broker said of a device's target; None: it was cleared."""
        topic = f"muster/v1/d/{uuid or self.device}/target"
        mine = [message for message in list(self.targets.messages) if message["topic"] == topic]
        text = mine[-1].get("payload") if mine else None
        return json.loads(text) if text else None

    def wait_cleared(self, uuid=None):
        wait_until(lambda: self.told(uuid) is None, "its target is cleared")

    def cli(self, *words):
        return self.world.cli.json(*words)

    def refusal(self, *words):
        """The words of a refusal of the command line."""
        answer = self.world.cli.run(*words)
        self.assertEqual(answer.code, 1, answer.out)
        return answer.err

    def soon(self, seconds):
        later = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
        return later.strftime("%Y-%m-%dT%H:%M:%SZ")


class DeviceLifeTest(LifecycleCase):
    def test_deactivated_until_the_next_birth(self):
        wait_until(self.told, "it is told its target")
        held = self.connect()
        self.cli("org", "billing", "acme", "valid")
        self.assertIn("device-online", self.refusal("device", "deactivate", self.device))
        self.disconnect(held)
        self.cli("device", "deactivate", self.device)
        self.wait_cleared()
        shown = self.world.device(self.device)
        self.assertEqual((shown["lifecycle"], shown["target_release"]), ("deactivated", None))
        self.assertEqual(self.cli("fleet", "show", SLUG)["devices"], 0)
        self.assertEqual(self.cli("org", "show", "acme")["deactivation_fees"], 1)
        self.assertIn("device-not-active",
                      self.refusal("device", "public-url", self.device, "on"))
        self.connect()
        wait_until(lambda: self.world.device(self.device)["lifecycle"] == "active", "it is active")
        wait_until(self.told, "it is told its target again")

    def test_deleted_is_cut_off_cleared_and_may_register_anew(self):
        wait_until(self.told, "it is told its target")
        held = self.connect()
        presence = self.world.subscribe(f"muster/v1/d/{self.device}/up/presence")
        self.assertIn("--yes", self.refusal("device", "rm", self.device))
        self.cli("device", "rm", self.device, "--yes")
        wait_until(lambda: held.process.poll() is not None, "its connection is closed")
        self.wait_cleared()
        self.assertIn("unknown-device", self.refusal("device", "show", self.device))
        self.assertEqual(self.cli("device", "list"), [])
        time.sleep(0.2)  # A will would have come by now; it is not to be sent.
        self.assertFalse([m for m in presence.messages if '"online":false' in m["payload"]])
        again = self.world.register(SLUG, uuid=self.device)
        self.assertNotEqual(again["id"], self.given["id"])
        self.connect(again)
        with self.assertRaises(Failed):
            self.connect_old()
        wait_until(self.told, "the new life has a target")

    def connect_old(self):
        host, _, port = self.world.mqtt.rpartition(":")
        child = self.world.keep(Child(["node", HERE / "mqtt_device.js", host, port, self.device,
                                       self.given["mqtt"]["password"]]))
        if child.process.wait(20) != 0:
            raise Failed("refused")

    def test_a_restart_finds_deleted_devices_cut_off(self):
        other = self.world.register(SLUG)
        self.cli("device", "rm", self.device, "--yes")
        self.world.server.kill()
        self.world.server.start()
        with self.assertRaises(Failed):
            self.connect_old()
        self.connect(other)

    def test_the_type_of_wrongly_provisioned_devices(self):
        self.assertIn("--yes", self.refusal("device", "change-type", self.device, "intel-nuc"))
        self.cli("device", "change-type", self.device, "intel-nuc", "--yes")
        self.assertEqual(self.world.device(self.device)["flags"], ["incompatible"])
        self.cli("device", "change-type", "--filter", f"fleet = {SLUG}", "raspberrypi4-64")
        self.assertEqual(self.world.device(self.device)["flags"], [])


class SettingsTest(LifecycleCase):
    def test_public_urls_of_a_device_and_of_all_there_are(self):
        self.cli("device", "public-url", self.device, "on")
        shown = self.world.device(self.device)
        self.assertEqual(shown["public_url"], f"https://{self.device}.devices.example.com")
        wait_until(lambda: self.told() and self.told()["settings"]["public_url"], "it is told")
        before = self.told()
        other = self.world.register(SLUG)["uuid"]
        self.assertEqual(self.cli("fleet", "public-url", SLUG, "on")["devices"], 2)
        wait_until(lambda: self.told(other) and self.told(other)["settings"]["public_url"],
                   "the other is told")
        later = self.world.register(SLUG)["uuid"]
        self.assertFalse(self.world.target(later)["settings"]["public_url"])
        self.world.wait_told()
        self.assertEqual(self.told(), before)  # Nothing changed for the first.
        count = [m["topic"] for m in self.targets.messages].count(
            f"muster/v1/d/{self.device}/target")
        self.cli("fleet", "public-url", SLUG, "on")
        self.world.wait_told()
        self.assertEqual([m["topic"] for m in self.targets.messages].count(
            f"muster/v1/d/{self.device}/target"), count)
        self.assertFalse(self.cli("fleet", "public-url", SLUG, "on")["changed"])

    def test_local_mode_and_lock_override(self):
        self.assertIn("development", self.refusal("device", "local-mode", self.device, "on"))
        self.world.publish(f"muster/v1/d/{self.device}/up/presence",
                           {"online": True, "session": "s1", "boot": "b1", "os_version": "2.12.0",
                            "os_variant": "dev", "agent_version": "1.1.0"})
        wait_until(lambda: self.world.device(self.device)["os_variant"] == "dev", "it is known")
        self.cli("device", "local-mode", self.device, "on")
        self.assertEqual(self.world.device(self.device)["flags"], ["local mode"])
        self.cli("device", "local-mode", self.device, "off")
        self.cli("device", "lock-override", self.device, "on")
        wait_until(lambda: self.told() and self.told()["settings"]["lock_override"], "it is told")
        target = self.told()
        self.world.publish(f"muster/v1/d/{self.device}/up/state",
                           {"epoch": target["epoch"], "seq": target["seq"], "status": "done",
                            "running": target["release"]["commit"]})
        wait_until(lambda: not self.told()["settings"]["lock_override"], "it switched itself off")

    def test_support_access_ends_by_itself(self):
        self.world.http.post("/v1/users", {"username": "helper", "instance_roles": ["support"]})
        token = self.world.http.post("/v1/tokens", {"name": "t", "username": "helper"})["token"]
        path = f"/v1/devices/{self.device}"

        def listed():
            reply = self.world.http.send("GET", "/v1/devices", token=token)
            return [device["uuid"] for device in reply.json["items"]]

        self.assertEqual(self.world.http.send("GET", path, token=token).status, 404)
        self.assertEqual(listed(), [])
        self.cli("device", "support", self.device, "--until", self.soon(3))
        self.assertEqual(self.world.http.send("GET", path, token=token).status, 200)
        self.assertEqual(listed(), [self.device])
        head = self.world.http.head()
        wait_until(lambda: self.world.http.head() > head, "its end is an event", 10)
        self.assertEqual(self.world.http.send("GET", path, token=token).status, 404)
        self.assertIsNone(self.world.device(self.device)["settings"]["support_until"])
        self.cli("fleet", "support", SLUG, "--for", "1h")
        later = self.world.register(SLUG)["uuid"]
        self.assertEqual(set(listed()), {self.device, later})
        self.cli("fleet", "support", SLUG, "--revoke")
        self.assertEqual(listed(), [])


class FleetLifeTest(LifecycleCase):
    def test_renamed_and_of_another_type(self):
        self.cli("fleet", "change-type", SLUG, "legacy")
        self.assertIn("change the fleet type first",
                      self.refusal("fleet", "rename", SLUG, "boilers"))
        self.cli("fleet", "change-type", SLUG, "essentials")
        self.assertEqual(self.cli("fleet", "rename", SLUG, "boilers")["slug"], "acme/boilers")
        self.assertEqual(self.cli("device", "show", self.device)["fleet"], "acme/boilers")
        self.assertIn("unknown-fleet", self.refusal("fleet", "show", SLUG))
        self.world.fleet(SLUG)  # The old slug is free.

    def test_deleted_with_its_devices_orphaned(self):
        wait_until(self.told, "it is told its target")
        held = self.connect()
        words = self.refusal("fleet", "rm", SLUG)
        self.assertIn("device move", words)
        self.assertIn("--expect-count 1", words)
        self.cli("fleet", "rm", SLUG, "--yes", "--expect-count", "1")
        wait_until(lambda: held.process.poll() is not None, "its connection is closed")
        self.wait_cleared()
        self.assertEqual(self.world.device(self.device)["lifecycle"], "orphaned")
        listed = self.cli("device", "list", "--filter", "lifecycle = orphaned")
        self.assertEqual([device["uuid"] for device in listed], [self.device])
        self.assertIn("device-orphaned", self.refusal("device", "rename", self.device, "hall-7"))
        self.world.fleet("acme/second")
        again = self.world.register("acme/second", uuid=self.device)
        self.connect(again)
        wait_until(self.told, "the new life has a target")

    def test_transferred_without_a_word_to_devices(self):
        wait_until(self.told, "it is told its target")
        held = self.connect()
        self.world.wait_told()
        before = list(self.targets.messages)
        connections = self.world.connections()
        self.assertIn("create the empty fleet zeta/thermo",
                      self.refusal("fleet", "transfer", SLUG, "zeta"))
        self.world.fleet("zeta/thermo", device_type="intel-nuc")
        answer = self.cli("fleet", "transfer", SLUG, "zeta")
        self.assertEqual(answer["slug"], "zeta/thermo")
        shown = self.world.device(self.device)
        self.assertEqual((shown["fleet"], shown["id"]), ("zeta/thermo", self.given["id"]))
        self.world.release("zeta/thermo")  # Something that is told, and comes after all else.
        wait_until(lambda: len(self.targets.messages) > len(before), "the next release is told")
        self.assertEqual(self.targets.messages[:len(before)], before)
        self.assertEqual(len(self.targets.messages), len(before) + 1)
        self.assertIsNone(held.process.poll())
        self.assertEqual(self.world.connections(), connections)
        retained = self.world.subscribe()  # As it was kept, byte for byte but the new release.
        kept = retained.wait(lambda message: True, "the target is retained")
        self.assertEqual(kept["payload"], self.targets.messages[-1]["payload"])


class RefusalsTest(LifecycleCase):
    def test_refusals_are_kept_and_read_by_auditors(self):
        self.world.http.post("/v1/users", {"username": "visitor"})
        self.world.http.post("/v1/users", {"username": "eve", "instance_roles": ["auditor"]})
        visitor = self.world.http.post("/v1/tokens", {"name": "v", "username": "visitor"})["token"]
        auditor = self.world.http.post("/v1/tokens", {"name": "e", "username": "eve"})["token"]
        self.assert_refused(self.world.http.send("DELETE", f"/v1/fleets/{SLUG}", token=visitor),
                            404, "unknown-fleet")
        self.assert_refused(self.world.http.send("GET", "/v1/audit/refusals", token=visitor), 403,
                            "not-allowed")
        self.world.server.kill()
        self.world.server.start()
        read = self.world.http.send("GET", "/v1/audit/refusals?user=visitor", token=auditor).json
        self.assertEqual([entry["code"] for entry in read["items"]],
                         ["not-allowed", "unknown-fleet"])
        self.assertIn(f"DELETE /v1/fleets/{SLUG}", read["items"][1]["what"])
        listed = self.cli("audit", "refusals", "--user", "visitor", "--code", "unknown-fleet")
        self.assertEqual(len(listed), 1)


if __name__ == "__main__":
    unittest.main()
