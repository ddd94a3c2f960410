"""kill -9 of backups and restores, again and again: run again, they come to the same."""

import shutil
import subprocess
import time
import unittest

from crash_support import CrashCase, rounds
from muster_world import Cli, binary

EVENTS = 4_000


class BackupCrashTest(CrashCase):
    def setUp(self):
        super().setUp()
        self.world.serve()
        self.make_fleet()
        lines = "\n".join(
            f'{{"command":"device.pin","device":"{self.devices[0]}",'
            f'"release":"{self.releases[number % 2]}"}}' for number in range(EVENTS))
        reply = self.world.http.send("POST", "/v1/commands", lines.encode(),
                                     {"Content-Type": "application/x-ndjson"})
        self.assertEqual(reply.status, 200)
        self.head = self.world.http.post("/v1/audit/checkpoint")
        self.world.server.stop()
        self.data = self.world.server.data
        self.backups = self.world.folder / "backups"
        self.cli = Cli(binary(), None, None, self.world.folder)

    def killed(self, longest_s, *command):
        """Runs it for a while, then kills it; true if it came to its end before."""
        started = time.monotonic()
        process = subprocess.Popen([binary(), *map(str, command)], stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        try:
            process.wait(self.random.uniform(0, longest_s))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self.assertIn(process.returncode, (0, -9), f"after {time.monotonic() - started:.3f} s")
        return process.returncode == 0

    def duration(self, *command):
        started = time.monotonic()
        answer = self.cli.json(*command)
        return time.monotonic() - started, answer

    def verified_root(self, where):
        answer = self.cli.run("audit", "verify", where, "--kept", self.world.folder / "kept",
                              "--json")
        self.assertEqual(answer.code, 0, answer.out + answer.err)
        return answer.json

    def test_a_backup_that_was_killed_is_made_again(self):
        create = ("backup", "create", "--data", self.data, "--backups", self.backups)
        longest, whole = self.duration("backup", "create", "--data", self.data, "--backups",
                                       self.world.folder / "whole")
        ended = 0
        for _ in range(rounds(20)):
            ended += self.killed(longest, *create, "--keep", "2")
            if self.random.randrange(4) == 0:
                shutil.rmtree(self.backups, ignore_errors=True)
        made = self.cli.json(*create, "--keep", "2")
        print(f"{rounds(20)} backups, {ended} came to their end before they were killed")
        for each in self.cli.json("backup", "list", "--backups", self.backups):
            self.assertEqual(each["root"], whole["root"])
            self.cli.json("backup", "verify", "--backups", self.backups, "--id", each["id"])
        self.assertEqual(made["events"], whole["events"])
        self.assertEqual(self.verified_root(self.backups)["findings"]["total"], 0)

    def test_a_server_that_ends_while_it_makes_a_backup_makes_the_next_one_whole(self):
        server = self.world.server
        server.options = (*server.options, "--backups", self.backups)
        for number in range(rounds(10)):
            server.start()
            reply = self.world.http.send("POST", "/v1/backups", {})
            self.assertEqual(reply.status, 202, reply.body)
            time.sleep(self.random.uniform(0, 0.2))
            if number % 2 == 0:
                server.kill()
            else:
                server.stop()
        server.start()
        made = self.world.cli.json("backup", "create", "--keep", "1")
        self.world.cli.json("backup", "verify")
        kept = self.world.cli.json("backup", "list")
        self.assertEqual([each["id"] for each in kept], [made["id"]])
        server.stop()
        self.assertEqual(self.verified_root(self.backups)["findings"]["total"], 0)

    def test_a_restore_that_was_killed_is_made_again(self):
        self.cli.json("backup", "create", "--data", self.data, "--backups", self.backups)
        restored = self.world.folder / "restored"
        restore = ("backup", "restore", "--backups", self.backups, "--data", restored, "--keys",
                   self.data / "keys", "--last-checkpoint", self.data / "checkpoint")
        longest, _ = self.duration(*restore)
        refused = 0
        for _ in range(rounds(20)):
            shutil.rmtree(restored, ignore_errors=True)
            if not self.killed(longest, *restore) and (restored / "restoring").exists():
                refused += 1
                self.assert_not_served(restored)
            if (restored / "restoring").exists() or not (restored / "log").exists():
                report = self.cli.json(*restore)
                self.assertEqual(report["events"], self.head["size"])
            self.assertFalse((restored / "restoring").exists())
            self.assertEqual(self.verified_root(restored)["events"], self.head["size"] + 1)
        print(f"{rounds(20)} restores, {refused} of them cut short inside")

    def assert_not_served(self, folder):
        answer = self.cli.run("serve", "--data", folder, "--http", "127.0.0.1:0")
        self.assertEqual(answer.code, 1)
        self.assertIn("was not finished", answer.err)


if __name__ == "__main__":
    unittest.main()
