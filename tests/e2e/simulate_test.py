"""Many light devices in one process, and the server that has to bear with them."""

import json
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

from muster_world import Case, Child, binary, wait_until  # noqa: E402

DEVICES = 150


class SimulateTest(Case):
    def setUp(self):
        super().setUp()
        self.world.serve().wait_bridge()
        self.world.fleet()

    def simulate(self, *options, devices=DEVICES):
        return self.world.keep(Child(
            [binary(), "agent", "--simulate", devices, "--dir", self.world.folder / "crowd",
             "--mqtt", self.world.mqtt, "--fleet", "acme/thermo", "--latency-ms", "10",
             "--json", *options], log=self.world.folder / "crowd.log",
            environment=self.world.cli.environment))

    @staticmethod
    def counts(child):
        return json.loads(child.lines[-1]) if child.lines else {"on_target": 0, "connected": 0}

    def wait_counts(self, child, what, condition, deadline_s=60):
        wait_until(lambda: condition(self.counts(child)), f"{what}; last: {child.lines[-1:]}",
                   deadline_s)

    def running(self, commit):
        """The devices that the server sees running `commit`."""
        devices = self.world.http.get("/v1/devices?limit=1000")["items"]
        return [d for d in devices if d["running_release"] == commit]

    def all_run(self, commit):
        return sum(bool(d["online"]) for d in self.running(commit)) == DEVICES

    def test_all_come_back_to_their_target_after_the_server_was_killed(self):
        first = self.world.release()
        crowd = self.simulate()
        self.wait_counts(crowd, "all on target", lambda c: c["on_target"] == DEVICES)
        wait_until(lambda: self.all_run(first), "the server sees all of them run it")
        self.world.server.kill()
        self.wait_counts(crowd, "all lost", lambda c: c["connected"] == 0)
        self.world.server.start()
        second = self.world.release()
        self.wait_counts(crowd, "all back", lambda c: c["on_target"] == DEVICES)
        begin = time.monotonic()
        self.world.http.get("/v1/status")
        self.assertLess(time.monotonic() - begin, 5)
        wait_until(lambda: self.all_run(second), "the server sees all of them run the newest", 60)
        self.assertGreaterEqual(self.counts(crowd)["reconnects"], DEVICES)
        self.assertEqual(crowd.stop(), 0)
        self.assertTrue(self.counts(crowd)["final"])
        self.assertEqual(self.counts(crowd)["unusable"], 0)

    def test_devices_fail_and_break_off_as_they_are_told_and_get_there_all_the_same(self):
        commit = self.world.release()
        crowd = self.simulate("--failure-rate", "0.2", "--disconnect-rate", "3600",
                              "--encoding", "flatbuffers")
        wait_until(lambda: len(self.running(commit)) == DEVICES, "all run it in the end", 90)
        self.wait_counts(crowd, "failures and breaks",
                         lambda c: c["failures"] > 0 and c["reconnects"] > 0)
        self.assertEqual({d["encoding"] for d in self.running(commit)}, {"flatbuffers"})

    def test_what_was_registered_is_used_again(self):
        self.simulate("--for-s", "1", devices=5).process.wait(30)
        ended = self.simulate("--for-s", "1", devices=8)
        ended.process.wait(30)
        self.assertEqual(ended.process.returncode, 0)
        self.assertEqual(self.counts(ended)["devices"], 8)
        self.assertEqual(len(self.world.http.get("/v1/devices")["items"]), 8)

    def test_what_cannot_be_is_refused_with_a_reason(self):
        cli, folder = self.world.cli, self.world.folder / "none"
        where = ("--dir", folder, "--mqtt", self.world.mqtt)
        for arguments, word in (
                ((), "needs a command"),
                (("--fleet", "acme/thermo"), "--simulate"),
                (("--simulate", 3, *where), "--fleet"),
                (("--simulate", 3, *where, "--fleet", "a/b", "--failure-rate", 2), "failure-rate"),
                (("--simulate", 30_000, *where, "--fleet", "acme/none"), "acme/none")):
            with self.subTest(arguments=arguments):
                answer = cli.run("agent", *arguments)
                self.assertIn(answer.code, (1, 2))
                self.assertIn(word, answer.err)


if __name__ == "__main__":
    unittest.main()
