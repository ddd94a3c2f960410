"""The command line: exit codes, options of every change, login, and what it prints."""

import json
import stat
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

from muster_world import Case, Cli, binary, free_port, new_commit  # noqa: E402


class CliTest(Case):
    def setUp(self):
        super().setUp()
        self.world.serve()
        self.cli = self.world.cli
        self.first, self.second = self.world.fleet(devices=2)
        self.old, self.new = self.world.release(semver="1.0.0"), self.world.release(semver="1.1.0")

    def assert_code(self, code, *words, cli=None):
        """It ends with that code, says something only where it should, and appends nothing."""
        head = self.world.http.head()
        answer = (cli or self.cli).run(*words)
        self.assertEqual(answer.code, code, f"{words}: {answer.out} {answer.err}")
        self.assertTrue(answer.err if code else answer.out)
        if code:
            self.assertEqual((answer.out, self.world.http.head()), ("", head))
        return answer

    def pin(self, *options):
        return "device", "pin", self.first, self.old, *options

    def test_0_is_done(self):
        for words in (["fleet", "list"], ["whoami"], ["status"], ["--version"], ["--help"],
                      ["fleet", "pin", "--help"], ["fleet", "track-latest", "acme/thermo"]):
            self.assert_code(0, *words)

    def test_1_is_refused_and_the_problem_is_on_stderr(self):
        for words, code in [(["fleet", "show", "acme/none"], "unknown-fleet"),
                            (["device", "pin", self.first, "fffffff"], "unknown-release"),
                            (["fleet", "create", "acme/thermo", "--device-type", "intel-nuc"],
                             "slug-taken"),
                            (["device", "show", "0" * 32], "unknown-device")]:
            self.assertIn(f"[{code}]", self.assert_code(1, *words).err)
            problem = self.assert_code(1, *words, "--json").problem
            self.assertEqual(problem["code"], code)
            self.assertLessEqual({"title", "detail", "status"}, set(problem))

    def test_2_is_wrong_usage(self):
        for words in ([], ["flet"], ["fleet"], ["fleet", "pin"], ["fleet", "pin", "acme/thermo"],
                      ["fleet", "pin", "nonsense", self.old], ["fleet", "list", "--nonsense"],
                      ["device", "pin", self.first, self.old, "--expect", "new"],
                      ["release", "create", "acme/thermo", "--commit", new_commit(),
                       "--status", "perfect"],
                      ["serve"], ["agent", "run"]):
            self.assert_code(2, *words)
        self.assertIn("fleet", self.assert_code(2, "flet", "list").err)

    def test_3_is_not_reachable(self):
        nowhere = Cli(binary(), f"http://127.0.0.1:{free_port()}", "token", self.world.folder)
        for words in (["fleet", "list"], self.pin()):
            self.assert_code(3, *words, cli=nowhere)
        problem = self.assert_code(3, "status", "--json", cli=nowhere).problem
        self.assertEqual(problem["code"], "server-not-reachable")

    def test_a_wrong_token_is_refused(self):
        for token in ("nonsense", None):
            stranger = Cli(binary(), self.world.server.url, token, self.world.folder)
            problem = self.assert_code(1, *self.pin("--json"), cli=stranger).problem
            self.assertEqual(problem["code"], "unauthorized")

    def test_dry_run_says_what_and_does_nothing(self):
        head = self.world.http.head()
        self.assertIn("would pin", self.assert_code(0, *self.pin("--dry-run")).out)
        answer = self.cli.json(*self.pin("--dry-run"))
        self.assertTrue(answer["dry_run"] and answer["changed"])
        [change] = answer["changes"]
        self.assertEqual((change["device"], change["from"], change["to"]),
                         (self.first, None, self.old))
        fleet = self.cli.run("fleet", "pin", "acme/thermo", "1.0.0", "--dry-run")
        self.assertIn("2 devices follow", fleet.out)
        self.assertEqual(self.world.http.head(), head)

    def test_expect_a_version(self):
        version = self.cli.json("device", "show", self.first)["version"]
        self.assert_code(0, *self.pin("--expect", version))
        refused = self.assert_code(1, "device", "track-fleet", self.first, "--expect", version,
                                   "--json")
        self.assertEqual(refused.problem["code"], "stale-version")

    def test_expect_a_count(self):
        both = f"{self.first},{self.second}"
        refused = self.assert_code(1, "device", "pin", both, self.old, "--expect-count", 3,
                                   "--json")
        self.assertEqual(refused.problem["code"], "count-mismatch")
        self.assert_code(0, "device", "pin", both, self.old, "--expect-count", 2)
        refused = self.assert_code(1, "fleet", "pin", "acme/thermo", self.new, "--expect-count", 2,
                                   "--json")  # Those that are pinned do not follow.
        self.assertEqual(refused.problem["code"], "count-mismatch")
        self.assert_code(0, "fleet", "pin", "acme/thermo", self.new, "--expect-count", 0)

    def test_the_same_key_does_nothing_more(self):
        key = ("--idempotency-key", new_commit())
        first = self.cli.json(*self.pin(*key))
        self.cli.json("device", "track-fleet", self.first)
        again = self.cli.json(*self.pin(*key))
        self.assertTrue(again["repeated"])
        self.assertEqual(again["changes"], first["changes"])
        self.assertEqual(self.cli.json("device", "show", self.first)["policy"], "tracking")
        self.assertIn("done before", self.assert_code(0, *self.pin(*key)).out)
        refused = self.assert_code(1, "device", "pin", self.second, self.old, *key, "--json")
        self.assertEqual(refused.problem["code"], "idempotency-key-reused")

    def test_a_device_is_registered_once_for_a_key(self):
        words = ("device", "register", "acme/thermo", "--idempotency-key", "enrol-1")
        first, again = self.cli.json(*words), self.cli.json(*words)
        self.assertEqual(first["uuid"], again["uuid"])
        self.assertEqual(len(self.cli.json("device", "list")), 3)

    def test_nothing_to_do_is_done(self):
        self.assert_code(0, *self.pin())
        head = self.world.http.head()
        self.assertIn("nothing to do", self.assert_code(0, *self.pin()).out)
        self.assertFalse(self.cli.json(*self.pin())["changed"])
        self.assertEqual(self.world.http.head(), head)

    def test_a_reason_goes_with_every_change(self):
        self.assert_code(0, *self.pin("--reason", "the canary; grün"))
        refused = self.assert_code(1, "release", "invalidate", self.new, "--fleet", "acme/thermo",
                                   "--json")
        self.assertEqual(refused.problem["code"], "invalid-field")
        self.assert_code(0, "release", "invalidate", self.new, "--fleet", "acme/thermo",
                         "--reason", "drains the battery")
        shown = self.cli.json("release", "show", self.new, "--fleet", "acme/thermo")
        self.assertEqual(shown["invalidation_reason"], "drains the battery")

    def test_login_and_logout(self):
        home = self.world.folder / "home"
        home.mkdir()
        cli = Cli(binary(), None, None, home)
        done = cli.run("login", "--url", self.world.server.url, stdin=self.world.server.token)
        self.assertEqual(done.code, 0, done.err)
        self.assertNotIn(self.world.server.token, done.out + done.err)
        [kept] = [file for file in home.rglob("*") if file.is_file()]
        self.assertEqual(stat.S_IMODE(kept.stat().st_mode), 0o600)
        self.assertEqual([fleet["slug"] for fleet in cli.json("fleet", "list")], ["acme/thermo"])
        self.assertEqual(cli.run("logout").code, 0)
        self.assertFalse(kept.exists())
        self.assertNotEqual(cli.run("fleet", "list").code, 0)

    def test_a_refused_login_is_not_kept(self):
        home = self.world.folder / "home"
        home.mkdir()
        cli = Cli(binary(), None, None, home)
        refused = cli.run("login", "--url", self.world.server.url, stdin="nonsense\n")
        self.assertEqual(refused.code, 1)
        self.assertNotIn("nonsense", refused.err)
        self.assertEqual([file for file in home.rglob("*") if file.is_file()], [])

    def test_every_command_has_help_with_an_example(self):
        help_text = self.cli.run("--help").out
        for group in ("fleet", "device", "release", "org", "user", "token", "device-type"):
            self.assertIn(group, help_text)
            self.assert_code(0, group, "--help")
        for words in (["fleet", "pin"], ["device", "track-fleet"], ["release", "create"],
                      ["serve"], ["agent", "run"]):
            self.assertIn("Example:", self.assert_code(0, *words, "--help").out)

    def test_json_is_json_everywhere(self):
        for words in (["fleet", "list"], ["device", "list"], ["org", "list"], ["user", "list"],
                      ["token", "list"], ["device-type", "list"], ["release", "list",
                      "acme/thermo"], ["fleet", "members", "list", "acme/thermo"]):
            self.assertIsInstance(self.cli.json(*words), list, words)
        for words in (["status"], ["whoami"], ["broker", "status"], ["org", "show", "acme"]):
            self.assertIsInstance(self.cli.json(*words), dict, words)

    def test_tokens_users_and_members(self):
        self.cli.json("user", "create", "carla")
        token = self.cli.json("token", "create", "laptop", "--user", "carla")["token"]
        carla = Cli(binary(), self.world.server.url, token, self.world.folder)
        self.assertEqual(carla.json("fleet", "list"), [])
        self.world.http.send("PUT", "/v1/fleets/acme/thermo/members/carla", {"role": "operator"})
        self.assertEqual(len(carla.json("fleet", "list")), 1)
        self.assertEqual(carla.run(*self.pin()).code, 0)
        self.assert_code(1, "fleet", "pin", "acme/thermo", self.old, cli=carla)
        number = next(each["id"] for each in self.cli.json("token", "list")
                      if each["name"] == "laptop")
        self.cli.json("token", "revoke", number)
        self.assert_code(1, "fleet", "list", cli=carla)

    def test_texts_of_devices_cannot_play_tricks_on_a_terminal(self):
        self.cli.json("device", "note", self.first, "a\x1b[2Jb")
        self.assertNotIn("\x1b", self.cli.run("device", "show", self.first).out)
        self.assertEqual(json.loads(self.cli.run("device", "show", self.first, "--json").out)
                         ["note"], "a\x1b[2Jb")


if __name__ == "__main__":
    unittest.main()
