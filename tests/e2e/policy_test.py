"""The release policy by the command line, in the words of the users."""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

from muster_world import Case, new_commit, wait_until  # noqa: E402


class PolicyTest(Case):
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
        self.assertEqual(answer.err, "")
        return answer.out

    def targets(self):
        return {each["uuid"]: each["target_release"]
                for each in self.cli.json("device", "list", "--fleet", "acme/thermo")}

    def assert_targets(self, canary, follower):
        wait_until(lambda: self.targets() == {self.canary: canary, self.follower: follower},
                   f"targets {canary[:7]} {follower[:7]}, not {self.targets()}")

    def test_devices_track_the_fleet_and_the_fleet_tracks_the_latest(self):
        self.assert_targets(self.new, self.new)
        newest = new_commit()
        self.does("release", "create", "acme/thermo", "--commit", newest, "--semver", "0.9.0",
                  "--status", "success")
        self.assert_targets(newest, newest)  # The last build started, not the highest version.

    def test_fleet_pin_and_track_latest(self):
        self.assertIn("2 devices follow", self.does("fleet", "pin", "acme/thermo", self.old))
        self.assert_targets(self.old, self.old)
        newest = self.world.release(semver="1.2.0")
        self.assert_targets(self.old, self.old)
        self.assertIn("2 devices follow", self.does("fleet", "track-latest", "acme/thermo"))
        self.assert_targets(newest, newest)

    def test_device_pin_and_track_fleet(self):
        self.does("device", "pin", self.canary, self.old)
        self.assert_targets(self.old, self.new)
        self.assertIn("1 device follows, 1 stays pinned",
                      self.does("fleet", "pin", "acme/thermo", self.new))
        self.does("device", "track-fleet", self.canary)
        self.assert_targets(self.new, self.new)

    def test_a_release_has_many_names(self):
        number = self.cli.json("release", "show", "1.0.0", "--fleet", "acme/thermo")["id"]
        for name in [self.old, self.old[:7], f"id:{number}", number, "1.0.0"]:
            with self.subTest(name=name):
                self.does("device", "pin", self.canary, name)
                self.assertEqual(self.targets()[self.canary], self.old)
                self.does("device", "pin", self.canary, self.new)

    def test_a_device_has_short_names_and_lists(self):
        self.does("device", "pin", self.canary[:7], self.old)
        self.does("device", "pin", f"{self.canary},{self.follower}", self.old)
        self.assert_targets(self.old, self.old)
        file = self.world.folder / "devices.txt"
        file.write_text(f"{self.canary}\n{self.follower}\n")
        self.does("device", "track-fleet", "--devices", file)
        self.assert_targets(self.new, self.new)

    def test_a_build_that_runs_reaches_devices_when_it_succeeds(self):
        building = new_commit()
        self.does("release", "create", "acme/thermo", "--commit", building, "--status", "running")
        newest = self.world.release()
        self.does("release", "finish", building[:7], "--fleet", "acme/thermo", "--status",
                  "success")
        self.assert_targets(newest, newest)  # Started earlier: it never overtakes.
        self.does("release", "invalidate", newest[:7], "--fleet", "acme/thermo", "--reason",
                  "drains the battery")
        self.assert_targets(building, building)
        self.does("release", "validate", newest[:7], "--fleet", "acme/thermo")
        self.assert_targets(newest, newest)

    def test_a_draft_is_for_pins_until_it_is_final(self):
        draft = new_commit()
        self.does("release", "create", "acme/thermo", "--commit", draft, "--status", "success",
                  "--semver", "2.0.0", "--draft")
        self.does("device", "pin", self.canary, draft[:7])
        self.assert_targets(draft, self.new)
        refused = self.cli.run("fleet", "pin", "acme/thermo", draft, "--json")
        self.assertEqual((refused.code, refused.problem["code"]), (1, "confirmation-needed"))
        self.does("release", "finalize", draft[:7], "--fleet", "acme/thermo")
        self.assert_targets(draft, draft)

    def test_the_lists_say_what_stands_out(self):
        self.does("device", "pin", self.canary, self.old)
        self.does("fleet", "pin", "acme/thermo", "1.1.0")
        listed = self.does("device", "list", "--fleet", "acme/thermo").splitlines()
        rows = {line.split()[0]: line for line in listed[1:]}
        self.assertIn("pinned", rows[self.canary[:12]])
        self.assertIn(self.old[:7], rows[self.canary[:12]])
        self.assertIn("tracking (fleet pinned)", rows[self.follower[:12]])
        for title in ("target release", "release policy", "running release"):
            self.assertIn(title, listed[0])
        self.assertIn("pinned", self.does("fleet", "list"))
        self.assertIn(self.old[:7], self.does("release", "list", "acme/thermo"))

    def test_show_has_the_promised_fields(self):
        self.does("device", "pin", self.canary, self.old)
        device = self.cli.json("device", "show", self.canary[:9])
        for name in ("uuid", "id", "name", "fleet", "device_type", "policy", "target_release",
                     "running_release", "pinned_release", "online", "lifecycle", "version"):
            self.assertIn(name, device)
        self.assertEqual((device["policy"], device["pinned_release"]), ("pinned", self.old))
        self.assertEqual(self.cli.json("device", "show", self.follower)["policy"], "tracking")
        fleet = self.cli.json("fleet", "show", "acme/thermo")
        for name in ("slug", "id", "uuid", "policy", "target_release", "devices", "version"):
            self.assertIn(name, fleet)
        self.assertEqual((fleet["policy"], fleet["target_release"], fleet["devices"]),
                         ("track-latest", self.new, 2))
        self.does("fleet", "pin", "acme/thermo", self.old)
        self.assertEqual(self.cli.json("fleet", "show", "acme/thermo")["policy"], "pinned")
        given = self.cli.json("device", "register", "acme/thermo")
        self.assertLessEqual({"client_id", "username", "password"}, set(given["mqtt"]))
        self.assertEqual(given["mqtt"]["client_id"], given["uuid"])


if __name__ == "__main__":
    unittest.main()
