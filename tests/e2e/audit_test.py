"""The log proves itself: checkpoints, tiles, proofs and their verification, by our own program and by
the Go team's packages; every forgery is rejected by both."""

import base64
import json
import os
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

from muster_world import ROOT, Case, World, new_commit, wait_until  # noqa: E402
from tile_folder import TileFolder, leaf_hash, with_checksum  # noqa: E402

SOUND, FOUND = 0, 4


def fill(world, pins):
    """A fleet with a device that is pinned so often, in bulk."""
    device = world.fleet(devices=1)[0]
    commits = [world.release(), world.release()]
    lines = [{"command": "device.pin", "device": device, "release": commits[i % 2]}
             for i in range(pins)]
    body = "\n".join(json.dumps(line) for line in lines).encode()
    reply = world.http.send("POST", "/v1/commands", body,
                            {"Content-Type": "application/x-ndjson"})
    assert reply.status == 200, reply.body[:500]
    return device


def auditor(world, name="eve"):
    world.http.post("/v1/users", {"username": name, "instance_roles": ["auditor"]})
    return world.http.post("/v1/tokens", {"name": name, "username": name})["token"]


class ServedLogTest(Case):
    """One server with some hundred events, and an auditor."""

    @classmethod
    def setUpClass(cls):
        cls.shared = World().serve()
        cls.addClassCleanup(cls.shared.close)
        cls.device = fill(cls.shared, 600)
        cls.token = auditor(cls.shared)
        cls.shared.http.post("/v1/audit/checkpoint")
        cls.go = cls.build_go_verifier()

    @classmethod
    def build_go_verifier(cls):
        program = cls.shared.folder / "verify_log"
        environment = {**os.environ, "GO111MODULE": "off", "GOPATH": "/usr/share/gocode",
                       "GOCACHE": str(cls.shared.folder / "go-cache"), "GOFLAGS": ""}
        subprocess.run(["go", "build", "-o", program, ROOT / "tests/foreign/verify_log.go"],
                       check=True, env=environment)
        return program

    def setUp(self):
        super().setUp()
        self.http = self.shared.http
        self.cli = self.shared.cli
        self.cli.environment["MUSTER_TOKEN"] = self.token
        self.cli.environment["XDG_STATE_HOME"] = str(self.world.folder / "state")
        self.tiles = self.world.folder / "tiles"

    def export(self):
        self.cli.run("audit", "export", "--tiles", str(self.tiles))
        return TileFolder(self.tiles)

    def verify(self, where, *options):
        answer = self.cli.run("audit", "verify", str(where), "--json", *options)
        return answer.code, answer.json

    def verify_with_go(self, *arguments):
        done = subprocess.run([self.go, *arguments], capture_output=True, text=True, check=False)
        self.assertEqual(done.stdout.startswith("accepted"), done.returncode == 0, done)
        return done.returncode == 0, done.stdout + done.stderr

    def test_tiles_and_checkpoints_are_for_auditors(self):
        visitor = "visitor"
        self.http.post("/v1/users", {"username": visitor})
        token = self.http.post("/v1/tokens", {"name": visitor, "username": visitor})["token"]
        for path in ("/log/checkpoint", "/log/key", "/log/tile/0/000", "/log/tile/entries/000"):
            self.assert_refused(self.http.send("GET", path, token=token), 403, "not-allowed")
            self.assert_refused(self.http.send("GET", path, token="none"), 401, "unauthorized")
            self.assertEqual(self.http.send("GET", path, token=self.token).status, 200)
        self.assert_refused(self.http.send("POST", "/v1/audit/checkpoint", {}, token=token), 403,
                            "not-allowed")

    def test_what_is_served_has_the_types_of_the_specification(self):
        def media(path):
            return self.http.send("GET", path, token=self.token).headers["Content-Type"]
        self.assertEqual(media("/log/checkpoint"), "text/plain; charset=utf-8")
        self.assertEqual(media("/log/tile/0/000"), "application/octet-stream")
        tile = self.http.send("GET", "/log/tile/0/001.p/7", token=self.token).body
        self.assertEqual(len(tile), 7 * 32)
        for path in ("/log/tile/0/999", "/log/tile/9/000", "/log/tile/0/0", "/log/tile/x/000",
                     "/log/tile/0/000.p/256", "/log/tile/0/x001/x001/x001/x001/x001/001"):
            self.assert_refused(self.http.send("GET", path, token=self.token), 404, "unknown-tile")

    def test_an_export_is_accepted_by_go_and_by_us_and_goes_on(self):
        folder = self.export()
        self.assertGreater(folder.size, 600)
        self.assertEqual(self.verify_with_go(folder.folder, folder.key)[0], True)
        code, report = self.verify(self.tiles)
        self.assertEqual((code, report["sound"]), (SOUND, True), report)
        self.assertEqual(report["events"], folder.size)
        self.assertEqual(report["replayed"], folder.size)
        older = self.world.folder / "older"
        older.write_text(folder.checkpoint)
        self.http.post(f"/v1/devices/{self.device}/track-fleet")
        self.http.post("/v1/audit/checkpoint")
        before = folder.size
        self.export()
        self.assertGreater(folder.size, before)
        accepted, said = self.verify_with_go(folder.folder, folder.key, older)
        self.assertTrue(accepted, said)
        code, report = self.verify(self.tiles)
        self.assertEqual((code, report["continues"]["size"]), (SOUND, before), report)

    def test_the_server_itself_is_verified_over_http(self):
        code, report = self.verify(self.shared.server.url)
        self.assertEqual((code, report["sound"]), (SOUND, True), report)
        self.assertEqual(report["key_trust"], "first-use")
        code, report = self.verify(self.shared.server.url)
        self.assertEqual((code, report["key_trust"]), (SOUND, "kept"))

    def test_an_export_that_was_cut_off_is_finished(self):
        folder = self.export()
        (folder.folder / "checkpoint").unlink()
        shutil.rmtree(folder.folder / "tile/1")
        (folder.folder / "tile/0/000.new").write_bytes(b"half")
        self.export()
        accepted, said = self.verify_with_go(folder.folder, folder.key)
        self.assertTrue(accepted, said)
        self.assertEqual(self.verify(self.tiles)[0], SOUND)

    def test_an_export_to_a_folder_of_something_else_is_refused(self):
        self.tiles.mkdir()
        (self.tiles / "letter.txt").write_text("Dear Sir")
        answer = self.cli.run("audit", "export", "--tiles", str(self.tiles))
        self.assertNotEqual(answer.code, 0)
        self.assertEqual([file.name for file in self.tiles.iterdir()], ["letter.txt"])

    def test_an_export_says_its_form_once(self):
        for words in ([], ["--tiles", str(self.tiles), "--cloudevents"], ["--follow"],
                      ["--tiles", str(self.tiles), "--after", "3"], ["--cloudevents", "--data", "d"]):
            answer = self.cli.run("audit", "export", *words)
            self.assertEqual(answer.code, 2, words)
            self.assertIn("--", answer.err)
        self.assertFalse(self.tiles.exists())

    def forge(self, forgery):
        """Copies the export, has `forgery(folder, entries)` change it; what both say of it."""
        folder = self.export()
        copy = TileFolder(self.world.folder / "forged")
        shutil.copytree(folder.folder, copy.folder)
        forgery(copy, copy.entries())
        older = self.world.folder / "older"
        older.write_text(folder.checkpoint)
        self.assertEqual(self.verify(folder.folder)[0], SOUND)  # Kept, as `older` is.
        accepted, said = self.verify_with_go(copy.folder, folder.key, older)
        self.assertFalse(accepted, said)
        code, report = self.verify(copy.folder)
        self.assertEqual(code, FOUND, report)
        return report["findings"]["by_kind"]

    def test_a_changed_record_with_a_matching_leaf_is_rejected(self):
        def change(folder, entries):
            record = bytearray(entries[300])
            at = record.rfind(b"admin") if b"admin" in record else len(record) - 1
            record[at] ^= 1
            entries[300] = with_checksum(bytes(record))
            folder.write(entries)
        self.assertIn("root", self.forge(change))

    def test_a_dropped_record_is_rejected(self):
        def drop(folder, entries):
            del entries[300]
            shutil.rmtree(folder.folder / "tile")
            folder.write(entries)
        self.assertTrue({"missing", "record"} & set(self.forge(drop)))

    def test_a_dropped_record_with_another_in_its_place_at_the_end_is_rejected(self):
        def drop(folder, entries):
            del entries[300]
            folder.write([*entries, entries[-1]])
        self.assertIn("root", self.forge(drop))

    def test_a_doubled_record_is_rejected(self):
        def double(folder, entries):
            entries.insert(300, entries[300])
            folder.write(entries[:-1])
        found = self.forge(double)
        self.assertIn("root", found)
        self.assertTrue(any(kind.startswith("transition/") for kind in found), found)

    def test_swapped_records_are_rejected(self):
        def swap(folder, entries):
            entries[300], entries[301] = entries[301], entries[300]
            folder.write(entries)
        found = self.forge(swap)
        self.assertIn("root", found)
        self.assertIn("transition/wrong-before", found)

    def test_a_truncated_log_is_rejected(self):
        def truncate(folder, entries):
            shutil.rmtree(folder.folder / "tile")
            folder.write(entries[:300])
        self.assertIn("missing", self.forge(truncate))

    def test_a_truncated_log_that_was_signed_again_is_rejected(self):
        def truncate(folder, entries):
            shutil.rmtree(folder.folder / "tile")
            folder.write(entries[:-1])
            folder.sign(entries[:-1], self.key_file())
        self.assertIn("truncated", self.forge(truncate))

    def test_a_changed_tile_is_rejected(self):
        def change(folder, _):
            file = folder.folder / "tile/0/000"
            tile = bytearray(file.read_bytes())
            tile[5 * 32] ^= 1
            file.write_bytes(tile)
        self.assertEqual(self.forge(change), {"tile": 1})

    def test_a_changed_tile_further_up_is_rejected(self):
        def change(folder, _):
            file = next((folder.folder / "tile/1").rglob("*.p/*"))
            tile = bytearray(file.read_bytes())
            tile[0] ^= 1
            file.write_bytes(tile)
        self.assertEqual(self.forge(change), {"tile": 1})

    def test_a_changed_note_is_rejected(self):
        def change(folder, _):
            text = folder.checkpoint.replace(f"\n{folder.size}\n", f"\n{folder.size - 1}\n")
            (folder.folder / "checkpoint").write_text(text)
        self.assertIn("checkpoint", self.forge(change))

    def test_a_note_of_another_key_is_rejected(self):
        def change(folder, _):
            lines = folder.checkpoint.split("\n")
            blob = bytearray(base64.b64decode(lines[4].split(" ")[2]))
            blob[0] ^= 1
            lines[4] = " ".join([*lines[4].split(" ")[:2], base64.b64encode(blob).decode()])
            (folder.folder / "checkpoint").write_text("\n".join(lines))
        self.assertIn("checkpoint", self.forge(change))

    def key_file(self):
        return self.shared.server.data / "keys/checkpoint.pem"

    def test_a_fork_is_rejected_though_its_own_keeper_signed_it(self):
        def fork(folder, entries):
            record = bytearray(entries[300])
            record[-1] ^= 1
            entries[300] = with_checksum(bytes(record))
            folder.write(entries)
            folder.sign(entries, self.key_file())
        self.assertIn("fork", self.forge(fork))

    def test_the_key_may_be_demanded(self):
        folder = self.export()
        self.assertEqual(self.verify(self.tiles, "--key", folder.key)[0], SOUND)
        other = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
        code, report = self.verify(self.tiles, "--key", other)
        self.assertEqual((code, report["findings"]["by_kind"]), (FOUND, {"checkpoint": 1}))

    def test_an_event_is_proved_to_who_may_see_it_and_to_nobody_else(self):
        head = self.http.head()
        self.http.post("/v1/audit/checkpoint")
        answer = self.http.send("GET", f"/v1/audit/inclusion/{head}", token=self.token).json
        self.assertEqual(answer["index"], head - 1)
        self.assertEqual(base64.b64decode(answer["leaf"]),
                         leaf_hash(base64.b64decode(answer["record"])))
        pin = json.loads(self.http.send("GET", f"/v1/devices/{self.device}").body)["version"]
        self.http.post("/v1/users", {"username": "watcher"})
        token = self.http.post("/v1/tokens", {"name": "w", "username": "watcher"})["token"]
        path = f"/v1/audit/inclusion/{pin}"
        self.assert_refused(self.http.send("GET", path, token=token), 404, "unknown-event")
        self.http.send("PUT", "/v1/fleets/acme/thermo/members/watcher", {"role": "observer"})
        self.assertEqual(self.http.send("GET", path, token=token).status, 200)
        hidden = self.http.post("/v1/users", {"username": "other"})["sequence"]
        self.http.post("/v1/audit/checkpoint")
        self.assert_refused(self.http.send("GET", f"/v1/audit/inclusion/{hidden}", token=token),
                            404, "unknown-event")
        for sequence in ("0", "99999999", "x"):
            self.assert_refused(self.http.send("GET", f"/v1/audit/inclusion/{sequence}"), 404,
                                "unknown-event")

    def test_proofs_from_the_command_line(self):
        file = self.world.folder / "20.tlog-proof"
        answer = self.cli.run("audit", "proof", "inclusion", "20", "--out", str(file))
        self.assertEqual(answer.code, 0, answer.err)
        self.assertIn("event 20 is in the log", answer.out)
        lines = file.read_text().split("\n")
        self.assertEqual(lines[:2], ["c2sp.org/tlog-proof@v1", "index 19"])
        answer = self.cli.run("audit", "proof", "consistency", "100", "--json")
        self.assertEqual((answer.code, answer.json["from"]), (0, 100))
        note = self.cli.run("audit", "checkpoint").out
        self.assertEqual(note.split("\n")[3], "")
        signed = self.cli.json("audit", "checkpoint", "--sign")
        self.assertEqual(signed["size"], self.http.head())
        self.assertIn(signed["origin"], signed["key"])
        for arguments in (("consistency", "99999999"), ("inclusion", "99999999")):
            self.assertEqual(self.cli.run("audit", "proof", *arguments).code, 1)


class DataFolderTest(Case):
    def setUp(self):
        super().setUp()
        self.world.serve()
        fill(self.world, 300)

    def verify(self, where):
        cli = self.world.cli
        cli.environment["XDG_STATE_HOME"] = str(self.world.folder / "state")
        answer = cli.run("audit", "verify", str(where), "--json")
        return answer.code, answer

    def test_a_data_folder_is_verified_with_its_views_while_no_server_has_it(self):
        data = self.world.server.data
        code, answer = self.verify(data)
        self.assertEqual(code, 1)
        self.assertIn("stop it first", answer.err)
        self.world.server.stop()
        code, answer = self.verify(data)
        self.assertEqual(code, SOUND, answer.err)
        self.assertGreater(answer.json["views_compared_at"], 300)
        self.assertGreater(answer.json["replayed"], 300)

    def test_checkpoints_go_on_after_a_kill_and_new_events_are_signed_by_themselves(self):
        first = self.world.http.get("/v1/audit/checkpoint")
        self.world.server.kill()
        self.world.server.start()
        again = self.world.http.get("/v1/audit/checkpoint")
        self.assertEqual(again["key"], first["key"])
        self.assertGreaterEqual(again["size"], first["size"])
        self.world.release()
        wait_until(lambda: self.world.http.get("/v1/audit/checkpoint")["size"] ==
                   self.world.http.head(), "the new events are signed")

    def test_a_log_that_lost_events_is_not_signed_and_says_so(self):
        data = self.world.server.data
        self.world.server.stop()
        shutil.copytree(data / "log", self.world.folder / "old-log")
        self.world.server.start()
        commit = new_commit()
        self.world.release(commit=commit)
        signed = self.world.http.post("/v1/audit/checkpoint")
        self.world.server.stop()
        shutil.rmtree(data / "log")
        shutil.copytree(self.world.folder / "old-log", data / "log")
        shutil.rmtree(data / "views")
        self.world.server.start()
        reply = self.world.http.send("POST", "/v1/audit/checkpoint", {})
        self.assert_refused(reply, 409, "not-signed-yet")
        self.assertIn("does not continue", self.world.http.get("/v1/status")["checkpoint"]["problem"])
        self.assertEqual(self.world.http.get("/v1/audit/checkpoint")["size"], signed["size"])
        self.world.server.stop()
        code, answer = self.verify(data)
        self.assertEqual(code, FOUND)
        self.assertIn("truncated", answer.json["findings"]["by_kind"])


if __name__ == "__main__":
    unittest.main()
