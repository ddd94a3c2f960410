"""The drill: backups while a fleet runs, a server that is lost, and its restore; and users who are
erased, and stay so when a backup of before is restored."""

import shutil
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))

from backup_support import BackupCase  # noqa: E402
from muster_world import Http, Server, binary, wait_until  # noqa: E402


class DrillTest(BackupCase):
    def test_a_lost_server_is_restored_and_devices_follow_it(self):
        device = self.world.fleet(devices=0) or self.world.register()
        first, second = self.world.release(), self.world.release()
        agent = self.world.agent([device])
        uuid = device["uuid"]
        self.assertEqual(self.world.cli.run("device", "pin", uuid, first).code, 0)
        agent.wait(lambda: (agent.last(uuid, "running") or {}) or agent.of(uuid), "it runs")
        wait_until(lambda: self.world.device(uuid)["running_release"] == first, "it runs the first")
        backup = self.world.cli.json("backup", "create")
        self.assertEqual(backup["removed"], 0)
        self.assertEqual(self.world.cli.json("backup", "verify")["id"], backup["id"])
        self.assertEqual([each["id"] for each in self.world.cli.json("backup", "list")],
                         [backup["id"]])
        rows = self.world.http.get(f"/v1/as-of?at={backup['events']}")

        self.assertEqual(self.world.cli.run("device", "pin", uuid, second).code, 0)
        wait_until(lambda: self.world.device(uuid)["running_release"] == second, "the second, too")
        lost = self.world.http.post("/v1/audit/checkpoint")
        self.lose_server()

        report = self.restore("--last-checkpoint", self.kept / "checkpoint")
        self.assertGreaterEqual(report["events"], backup["events"])
        self.assertEqual(report["lost_to"], lost["size"])
        self.assertEqual(report["lost_from"], report["events"] + 1)
        self.assertGreater(report["epoch"], report["previous_epoch"])
        self.assertEqual(report["new_keys"], [])
        self.start()
        status = self.http().get("/v1/status")
        self.assertEqual(status["log"]["epoch"], report["epoch"])
        self.assertEqual(self.http().get(f"/v1/as-of?at={backup['events']}"), rows)
        # The device had a target of a higher sequence; the epoch makes it follow the lower one.
        wait_until(lambda: self.world.device(uuid)["running_release"] == first,
                   "the device follows the restored server", 60)
        self.assert_sound(report)

    def assert_sound(self, report):
        """The log is sound, in a folder, in a backup; its checkpoints have the new origin."""
        self.http().post("/v1/audit/checkpoint")
        self.assertEqual(self.world.cli.run("backup", "create").code, 0)
        self.world.server.stop()
        kept = self.world.folder / "verified"
        for where in (self.world.server.data, self.backups):
            answer = self.offline.run("audit", "verify", where, "--kept", kept, "--json")
            self.assertEqual(answer.code, 0, answer.out + answer.err)
            self.assertEqual(answer.json["origin"], report["origin"])
            self.assertEqual([each["epoch"] for each in answer.json["restored"]],
                             [report["epoch"]])
        self.assertTrue(report["origin"].endswith(f"/e{report['epoch']}"))

    def test_two_restores_of_one_backup_have_two_epochs(self):
        self.world.fleet()
        self.world.cli.json("backup", "create")
        self.lose_server()
        first = self.restore()
        shutil.rmtree(self.world.server.data)
        second = self.restore()
        self.assertGreater(second["epoch"], first["epoch"])
        self.assertIsNone(second["lost_to"])

    def test_refusals_say_what_to_do(self):
        self.world.fleet()
        backup = self.world.cli.json("backup", "create")
        data = self.world.server.data
        self.assert_fails("another muster serve uses", "create", "--data", data, "--backups",
                          self.world.folder / "other")
        self.assert_fails("is not empty", "restore", "--backups", self.backups, "--data", data)
        self.assert_fails("no backups in", "list", "--backups", data)
        self.assert_fails("there is no backup 99", "verify", "--backups", self.backups, "--id", "99")
        self.assert_fails("holds something else", "create", "--data", data, "--backups", data,
                          stop=True)
        offline = self.offline.json("backup", "create", "--data", data, "--backups", self.backups,
                                    "--keep", "1")
        self.assertEqual(offline["removed"], 1)
        self.assertEqual(offline["id"], backup["id"] + 1)
        self.assertEqual(offline["log"], backup["log"])

    def assert_fails(self, words, *command, stop=False):
        if stop:
            self.world.server.stop()
        answer = self.offline.run("backup", *command)
        self.assertIn(answer.code, (1, 2), answer.out)
        self.assertIn(words, answer.err)

    def test_backups_are_for_instance_administrators(self):
        self.world.http.post("/v1/users", {"username": "anna"})
        token = self.world.http.post("/v1/tokens", {"name": "anna", "username": "anna"})["token"]
        for method, path in (("GET", "/v1/backups"), ("POST", "/v1/backups"),
                             ("GET", "/v1/backups/task"), ("POST", "/v1/backups/1/verify"),
                             ("POST", "/v1/users/admin/erase")):
            body = {} if method == "POST" else None
            self.assert_refused(self.world.http.send(method, path, body, token=token), 403,
                                "not-allowed")
        self.assert_refused(self.world.http.send("POST", "/v1/backups", {"keep": 0}), 400,
                            "invalid-field")

    def test_a_server_without_a_folder_for_them_makes_none(self):
        other = self.world.keep(Server(binary(), self.world.folder / "plain"))
        other.start()
        reply = Http(other.http, other.token).send("POST", "/v1/backups", {})
        self.assert_refused(reply, 409, "backup-refused")


class ErasureTest(BackupCase):
    NAME = "wilhelmina"
    NOTE = "ask-wilhelmina-first"

    def make_user(self):
        self.world.fleet()
        self.device = self.world.register()["uuid"]
        self.world.http.post("/v1/users", {"username": self.NAME,
                                           "instance_roles": ["administrator"]})
        self.hers = self.world.http.post("/v1/tokens", {"name": "desk", "username": self.NAME})
        token = self.hers["token"]
        self.world.http.send("PUT", f"/v1/fleets/acme/thermo/members/{self.NAME}",
                             {"role": "operator"})
        reply = self.world.http.send("PATCH", f"/v1/devices/{self.device}", {"note": self.NOTE},
                                     token=token)
        self.assertEqual(reply.status, 200, reply.body)

    def erase(self):
        refused = self.world.cli.run("user", "erase", self.NAME)
        self.assertEqual(refused.code, 1)
        self.assertIn("--yes", refused.err)
        dry = self.world.cli.json("user", "erase", self.NAME, "--yes", "--dry-run")
        self.assertEqual([each["event"] for each in dry["changes"]], ["UserErased", "NotesErased"])
        done = self.world.cli.json("user", "erase", self.NAME, "--yes")
        self.assertTrue(done["changed"])
        self.assertNotIn(self.NAME, str(done))

    def everything(self):
        """All that the API says."""
        http = self.http()
        paths = ("/v1/users", "/v1/tokens", "/v1/devices", f"/v1/devices/{self.device}",
                 f"/v1/devices/{self.device}/history", "/v1/fleets/acme/thermo/members",
                 "/v1/fleets/acme/thermo/history", f"/v1/as-of?at={http.head()}",
                 f"/v1/as-of?at={self.seen}&device={self.device}", "/v1/events")
        said = {}
        for path in paths:
            reply = http.send("GET", path)
            self.assertEqual(reply.status, 200, (path, reply.body))
            said[path] = reply.body.decode()
        return said

    def assert_gone(self):
        for path, said in self.everything().items():
            self.assertNotIn(self.NAME, said, path)
        self.assertIn("[erased]", self.http().get(f"/v1/devices/{self.device}")["note"])
        reply = self.http().send("GET", "/v1/whoami", token=self.hers["token"])
        self.assertEqual(reply.status, 401)

    def holders(self, folder):
        """The files that have the name in clear."""
        return [path for path in Path(folder).rglob("*")
                if path.is_file() and self.NAME.encode() in path.read_bytes()]

    def test_an_erased_user_is_gone_everywhere_and_stays_so(self):
        self.make_user()
        self.seen = self.world.http.head()
        self.assertIn(self.NAME, "".join(self.everything().values()))
        self.world.cli.json("backup", "create")
        keys = self.world.server.data / "keys" / "subjects"
        before = keys.read_bytes()
        old_keys = self.world.folder / "old-keys"
        shutil.copytree(keys.parent, old_keys)
        self.erase()
        wait_until(lambda: len(keys.read_bytes()) < len(before), "the key is destroyed")
        self.assert_gone()
        self.assert_refused(self.http().send("GET", f"/v1/users/{self.NAME}"), 404, "unknown-user")

        self.world.server.kill()
        self.start()
        self.assert_gone()
        self.world.server.stop()
        self.assertEqual(self.holders(self.world.server.data / "log"), [])
        self.assertEqual(self.holders(self.world.server.data / "views"), [])
        answer = self.offline.run("audit", "verify", self.world.server.data, "--kept",
                                  self.world.folder / "verified")
        self.assertEqual(answer.code, 0, answer.out + answer.err)

        # A backup of before, and even keys of before: the ledger is beside the backups, too.
        self.lose_server()
        shutil.rmtree(self.kept / "keys")
        shutil.copytree(old_keys, self.kept / "keys")
        report = self.restore()
        self.assertEqual(report["erased_again"], 1)
        self.start()
        self.assert_gone()
        events = [line for line in self.http().send("GET", "/v1/events").body.decode().splitlines()
                  if "UserErased" in line]
        self.assertEqual(len(events), 1)
        # The name is free again, and a new user is not the erased one.
        self.http().post("/v1/users", {"username": self.NAME})
        self.world.server.kill()
        self.start()
        self.assertEqual(self.http().get(f"/v1/users/{self.NAME}")["enabled"], True)

    def test_the_last_administrator_cannot_be_erased(self):
        answer = self.world.cli.run("user", "erase", "admin", "--yes", "--json")
        self.assertEqual((answer.code, answer.problem["code"]), (1, "last-administrator"))


if __name__ == "__main__":
    unittest.main()
