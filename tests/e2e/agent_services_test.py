"""Actions from the command line to what they do on a device: services in folders and volumes."""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

from muster_world import Case, wait_until  # noqa: E402

# Says which folder and which volume it finds: each has a token from its first start on.
SERVICE = """
[ -e own ] || cat /proc/sys/kernel/random/uuid > own
[ -e data/kept ] || cat /proc/sys/kernel/random/uuid > data/kept
echo "$(cat own) $(cat data/kept)" >> "$SEEN"
while :; do sleep 0.05; done
"""


class AgentServicesTest(Case):
    def setUp(self):
        super().setUp()
        self.world.serve().wait_bridge()
        self.world.fleet()
        self.registered = self.world.register()
        self.uuid = self.registered["uuid"]
        self.run_release("acme/thermo")
        self.agent = self.world.agent([self.registered])
        wait_until(lambda: self.seen() == (1, 1), "the service runs")

    def run_release(self, fleet):
        """A release of `fleet` whose service is the one above, with a count of its own."""
        manifest = {"services": {"main": {
            "command": ["sh", "-c", SERVICE], "volumes": ["data"],
            "environment": {"SEEN": str(self.world.folder / fleet.replace("/", "-"))}}}}
        return self.world.release(fleet, manifest=manifest)

    def seen(self, fleet="acme/thermo"):
        """How many folders and volumes the fleet's service has seen so far."""
        file = self.world.folder / fleet.replace("/", "-")
        lines = [line.split() for line in file.read_text().splitlines()] if file.exists() else []
        return len({own for own, _ in lines}), len({kept for _, kept in lines})

    def act(self, *arguments):
        answer = self.world.cli.run("device", *arguments, "--wait", "--wait-for", "60s")
        self.assertEqual(answer.code, 0, answer.err)

    def states(self):
        return {each["kind"]: each["state"]
                for each in self.world.cli.json("action", "list", "--device", self.uuid)}

    def test_restart_and_purge_do_what_they_say_and_no_more(self):
        self.act("restart", self.uuid)
        wait_until(lambda: self.seen() == (2, 1), "a new folder, the old volume")
        self.act("purge", self.uuid)
        wait_until(lambda: self.seen() == (3, 2), "a new folder, a new volume")
        self.assertEqual(self.states(), {"restart": "succeeded", "purge": "succeeded"})

    def test_a_device_that_was_away_does_its_actions_when_it_is_back_once(self):
        self.agent.stop()
        wait_until(lambda: self.world.device(self.uuid)["online"] is False, "the device is away")
        for kind in ("restart", "reboot"):
            self.assertEqual(self.world.cli.run("device", kind, self.uuid).code, 0)
        self.assertEqual(self.states(), {"restart": "queued", "reboot": "queued"})
        self.agent = self.world.agent([self.registered])
        wait_until(lambda: set(self.states().values()) == {"succeeded"}, "both are done", 60)
        self.assertEqual(self.seen(), (2, 1))

    def test_a_move_leaves_nothing_of_the_old_fleet_to_the_new_one(self):
        self.world.fleet("acme/other")
        commit = self.run_release("acme/other")
        answer = self.world.cli.run("device", "move", self.uuid, "--fleet", "acme/other")
        self.assertEqual(answer.code, 0, answer.err)
        wait_until(lambda: self.world.device(self.uuid)["running_release"] == commit,
                   "it runs the new fleet's release", 60)
        wait_until(lambda: self.seen("acme/other") == (1, 1), "the new fleet's service runs")
        self.assertEqual(self.seen(), (1, 1))
        self.assertEqual(self.states(), {"purge": "succeeded"})


if __name__ == "__main__":
    unittest.main()
