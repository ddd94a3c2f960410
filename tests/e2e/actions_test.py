"""Actions and moves by command line: what is queued and what a device's target says at once."""

import json
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

from muster_world import Case, wait_until  # noqa: E402


class ActionsTest(Case):
    def setUp(self):
        super().setUp()
        self.world.serve().wait_bridge()
        self.device, self.other = self.world.fleet(devices=2)
        self.world.fleet("acme/kiosk")

    def cli(self, *words):
        return self.world.cli.json(*words)

    def states(self, device):
        listed = self.cli("action", "list", "--device", device)
        return [(item["kind"], item["state"]) for item in listed]

    def test_a_move_is_pushed_at_once_and_waits_for_the_purge(self):
        commit = self.world.release("acme/kiosk")
        self.world.wait_told()
        subscriber = self.world.subscribe(f"muster/v1/d/{self.device}/target")
        fleets = self.cli("device", "move", self.device, "--list")
        self.assertEqual([fleet["fleet"] for fleet in fleets], ["acme/kiosk"])
        moved = self.cli("device", "move", self.device, "--fleet", "acme/kiosk")
        message = subscriber.wait(
            lambda m: (json.loads(m["payload"])["release"] or {}).get("commit") == commit,
            "the target of the new fleet")
        payload = json.loads(message["payload"])
        self.assertEqual(payload["after_action"], moved["sequence"])
        self.assertEqual(payload["seq"], moved["sequence"])
        self.assertEqual(self.states(self.device), [("purge", "queued")])
        self.cli("device", "move", self.device, "--fleet", "acme/thermo")
        subscriber.wait(lambda m: json.loads(m["payload"])["seq"] > moved["sequence"]
                        and json.loads(m["payload"])["after_action"] is None,
                        "the target of the old fleet again, without a purge")
        self.assertEqual(self.states(self.device), [("purge", "cancelled")])

    def up(self, kind, payload):
        self.world.publish(f"muster/v1/d/{self.device}/up/{kind}", payload)

    def test_an_offline_device_gets_it_when_it_comes_back_and_waiting_ends_with_its_answer(self):
        heard = self.world.subscribe(f"muster/v1/d/{self.device}/action")
        answer = self.cli("device", "reboot", self.device, "--reason", "a test")
        self.assertEqual(self.cli("action", "show", answer["id"])["open"], 1)
        self.assertEqual(heard.messages, [])
        self.up("presence", {"online": True, "session": "s1", "boot": "b1", "encoding": "json",
                             "os_version": "5.1.0", "agent_version": "1.2.0"})
        message = heard.wait(lambda m: True, "the action")
        action = json.loads(message["payload"])
        self.assertEqual((action["n"], action["id"], action["kind"]),
                         (answer["sequence"], answer["id"], "reboot"))
        self.assertEqual(message["retain"], 0)
        for state in ("delivered", "started", "succeeded"):
            self.up("ack", {"epoch": action["epoch"], "n": action["n"], "id": action["id"],
                            "state": state, "percent": 0, "code": 0, "message": "", "boot": "b1"})
        waited = self.world.cli.run("action", "show", answer["id"], "--wait", "--wait-for", "30s")
        self.assertEqual((waited.code, waited.out), (0, "1 of 1 device over: 1 succeeded\n"))
        shown = self.cli("action", "show", str(action["n"]))
        self.assertEqual((shown["state"], shown["cause"], shown["attempts"]),
                         ("succeeded", "answered", 1))
        for time in ("published_at", "delivered_at", "started_at", "ended_at"):
            self.assertIsNotNone(shown[time], time)

    def test_a_file_of_commands_queues_and_cancels(self):
        lines = [{"command": "action.queue", "kind": "restart", "devices": [self.device]},
                 {"command": "action.queue", "kind": "reboot", "fleet": "acme/thermo"},
                 {"command": "device.move", "device": self.other, "fleet": "acme/kiosk"}]
        file = self.world.folder / "actions.ndjson"
        file.write_text("".join(json.dumps(line) + "\n" for line in lines))
        self.assertEqual(self.cli("apply", str(file))["changed"], 3)
        self.assertEqual(self.states(self.device), [("reboot", "queued"), ("restart", "queued")])
        self.assertEqual(self.states(self.other), [("purge", "queued"), ("reboot", "cancelled")])
        action = self.cli("action", "list", "--device", self.device)[0]
        self.cli("action", "cancel", action["id"])
        shown = self.cli("action", "show", action["id"])
        self.assertEqual((shown["over"], shown["counts"]["cancelled"]), (True, 2))

    def test_what_is_not_delivered_in_time_expires_also_over_a_restart(self):
        answer = self.cli("device", "blink", self.device, "--deliver-by", "2s")
        self.world.server.kill()
        self.world.server.start()
        wait_until(lambda: self.cli("action", "show", answer["id"])["over"], "its end")
        self.assertEqual(self.states(self.device), [("blink", "expired")])


if __name__ == "__main__":
    unittest.main()
