"""What happened, and why, by the command line."""

import json
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

from muster_world import Case, Child, binary, wait_until  # noqa: E402


class HistoryTest(Case):
    def setUp(self):
        super().setUp()
        self.world.serve()
        self.cli = self.world.cli
        self.canary, self.follower = self.world.fleet(devices=2)
        self.old = self.world.release(semver="1.0.0")
        self.new = self.world.release(semver="1.1.0")

    def does(self, *words):
        answer = self.cli.run(*words)
        self.assertEqual(answer.code, 0, answer.err)
        return answer.out

    def test_histories_of_all_kinds_for_people_and_programs(self):
        self.does("device", "pin", self.canary, "1.0.0", "--reason", "a canary")
        out = self.does("history", "device", self.canary[:9])
        self.assertIn("DevicePinned", out)
        self.assertIn("a canary", out)
        self.assertIn(f"none -> {self.old[:7]}", out)
        events = self.cli.json("history", "device", self.canary, "--oldest-first")
        self.assertEqual([each["event"] for each in events], ["DeviceRegistered", "DevicePinned"])
        kinds = {each["event"] for each in self.cli.json("history", "fleet", "acme/thermo")}
        self.assertLessEqual({"FleetCreated", "ReleaseCreated", "FleetTargetChanged"}, kinds)
        self.assertIn("OrganisationCreated", self.does("history", "org", "acme"))
        self.assertIn("TokenIssued", self.does("history", "user", "admin", "--kind", "TokenIssued"))

    def test_why_a_device_runs_what_it_runs(self):
        out = self.does("why", self.canary)
        self.assertIn("follows its fleet, which tracks the latest", out)
        self.assertIn("FleetTargetChanged", out)
        self.does("device", "pin", self.canary, "1.0.0", "--reason", "a canary")
        out = self.does("why", self.canary[:8])
        self.assertIn(f"should run {self.old[:7]} (1.0.0): it is pinned", out)
        self.assertIn("a canary", out)
        why = self.cli.json("why", self.canary)
        self.assertEqual(why["target_release"], self.old)
        self.assertEqual([each["role"] for each in why["chain"]], ["target", "release"])
        self.assertEqual(self.cli.run("why", "ffffffff").code, 1)

    def test_each_event_of_the_chain_is_proved_on_request(self):
        self.world.http.post("/v1/audit/checkpoint")
        proofs = self.world.folder / "proofs"
        out = self.does("why", self.canary, "--proofs", str(proofs))
        self.assertIn(f"each is proved to be in the log: {proofs}", out)
        chain = self.cli.json("why", self.canary)["chain"]
        self.assertEqual({file.name for file in proofs.iterdir()},
                         {f"{each['sequence']}.tlog-proof" for each in chain})
        for each in chain:
            lines = (proofs / f"{each['sequence']}.tlog-proof").read_text().splitlines()
            self.assertEqual(lines[:2],
                             ["c2sp.org/tlog-proof@v1", f"index {each['sequence'] - 1}"])
        answer = self.cli.run("why", self.canary, "--proofs", "/proc/none")
        self.assertEqual(answer.code, 1)
        self.assertIn("cannot make the folder /proc/none", answer.err)

    def test_what_was_at_a_time_or_an_event(self):
        before = self.world.http.head()
        self.does("fleet", "pin", "acme/thermo", "1.0.0")
        self.does("device", "pin", self.canary, "1.1.0")
        device = self.cli.json("as-of", before, "--device", self.canary)["device"]
        self.assertEqual((device["policy"], device["target_release"]), ("tracking", self.new))
        then = self.cli.json("history", "device", self.canary, "--limit", "1")[0]["at"]
        now = self.cli.json("as-of", then, "--fleet", "acme/thermo")
        self.assertEqual(now["fleet"]["policy"], "pinned")
        targets = {each["uuid"]: each["target_release"] for each in now["devices"]}
        self.assertEqual(targets, {self.canary: self.new, self.follower: self.old})
        out = self.does("as-of", before)
        self.assertIn(f"as of sequence {before}", out)
        self.assertIn("track-latest", out)
        self.assertIn(self.follower[:12], out)
        self.assertIn("policy", self.does("as-of", before, "--device", self.canary))
        refused = self.cli.run("as-of", "yesterday")
        self.assertEqual(refused.code, 1)
        self.assertIn("2026-11-21T08:30:00Z", refused.err)

    def test_whose_targets_changed(self):
        before = self.world.http.head()
        self.does("device", "pin", self.canary, "1.0.0", "--reason", "a canary")
        after = self.world.http.head()
        out = self.does("diff", before, after)
        for text in (self.canary[:12], self.new[:7], self.old[:7], "DevicePinned", "a canary"):
            self.assertIn(text, out)
        [change] = self.cli.json("diff", before, after, "--fleet", "acme/thermo")
        self.assertEqual((change["from"], change["to"]), (self.new, self.old))
        self.assertIn("no target changed", self.does("diff", after, after))

    def test_the_log_as_cloud_events(self):
        lines = self.does("audit", "export", "--cloudevents").splitlines()
        events = [json.loads(line) for line in lines]
        ids = [int(each["id"]) for each in events]
        self.assertEqual(ids, sorted(set(ids)))
        self.assertEqual(events[-1]["type"], "muster.FleetTargetChanged")
        self.assertEqual({each["specversion"] for each in events}, {"1.0"})
        rest = self.does("audit", "export", "--cloudevents", "--after", ids[3]).splitlines()
        self.assertEqual(rest, lines[4:])

    def test_an_export_that_follows_goes_on_after_a_kill(self):
        heard = []
        words = [binary(), "audit", "export", "--cloudevents", "--follow"]
        child = self.world.keep(Child(words, heard.append, environment=self.cli.environment))
        self.does("device", "pin", self.canary, "1.0.0")
        wait_until(lambda: any("DevicePinned" in line for line in heard), "the pin is exported")
        self.world.server.kill()
        self.assertEqual(child.process.wait(20), 3)
        self.world.server.start()
        last = json.loads(heard[-1])["id"]
        self.does("device", "pin", self.follower, "1.0.0")
        cli = self.world.cli
        rest = cli.run("audit", "export", "--cloudevents", "--after", last).out.splitlines()
        whole = cli.run("audit", "export", "--cloudevents").out.splitlines()
        self.assertEqual(heard + rest, whole)

    def test_a_stop_does_not_wait_for_who_follows(self):
        heard = []
        words = [binary(), "audit", "export", "--cloudevents", "--follow"]
        child = self.world.keep(Child(words, heard.append, environment=self.cli.environment))
        wait_until(lambda: any("FleetTargetChanged" in line for line in heard), "it follows")
        self.world.server.stop()
        self.assertEqual(child.process.wait(20), 3)
        self.assertNotIn("cut off at stop", self.world.server.log.read_text())

    def test_a_history_goes_on_where_it_was_cut(self):
        all_of_it = self.cli.json("history", "fleet", "acme/thermo", "--all")
        answer = self.cli.run("history", "fleet", "acme/thermo", "--limit", "2")
        self.assertIn(f"--after {all_of_it[1]['sequence']}", answer.err)
        rest = self.cli.json("history", "fleet", "acme/thermo", "--after",
                             all_of_it[1]["sequence"])
        self.assertEqual(rest, all_of_it[2:])

    def test_what_is_refused(self):
        for words, code, what in [(["device", "ffffffff"], 1, "unknown-device"),
                                  (["fleet", "acme/none"], 1, "unknown-fleet"),
                                  (["fleet", "acme"], 2, "ORGANISATION/NAME"),
                                  (["user", "nobody"], 1, "unknown-user"),
                                  (["device", self.canary, "--kind", "Pin"], 1, "invalid-field"),
                                  (["device", self.canary, "--limit", "x"], 2, "whole number")]:
            with self.subTest(words):
                answer = self.cli.run("history", *words)
                self.assertEqual(answer.code, code, answer.err)
                self.assertIn(what, answer.err)


if __name__ == "__main__":
    unittest.main()
