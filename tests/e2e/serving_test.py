"""How the server starts, and why it does not."""

import os
import socket
import stat
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

from muster_world import Case, Cli, Failed, Server, binary  # noqa: E402

ANY = "127.0.0.1:0"


class ServingTest(Case):
    def setUp(self):
        super().setUp()
        self.cli = Cli(binary(), None, None, self.world.folder)
        self.data = self.world.folder / "server"

    def assert_not_served(self, *expected, data=None, http=ANY, mqtt_listen=ANY, options=()):
        """It ends by itself, with a code that is not 0 and a message with these words."""
        answer = self.cli.run("serve", "--data", data or self.data, "--http", http,
                              "--mqtt-listen", mqtt_listen, *options, deadline_s=20)
        self.assertIn(answer.code, (1, 2), answer.err)
        self.assertNotIn("ready ", answer.out)
        for word in expected:
            self.assertIn(word, answer.err)

    def test_the_first_start_hands_over_a_token(self):
        self.world.serve()
        token = self.data / "admin.token"
        self.assertEqual(stat.S_IMODE(token.stat().st_mode), 0o600)
        self.assertIn(str(token), "\n".join(self.world.server.child.lines))
        self.assertEqual(stat.S_IMODE(self.data.stat().st_mode) & 0o077, 0)
        first = token.read_text()
        self.world.server.stop()
        self.world.server.start()
        self.assertEqual(token.read_text(), first)
        self.assertEqual(self.world.http.get("/v1/whoami")["user"], "admin")

    def test_a_signal_ends_it_cleanly(self):
        self.world.serve()
        self.assertEqual(self.world.server.stop(), 0)

    def test_two_servers_on_one_folder(self):
        self.world.serve()
        self.assert_not_served("another muster serve", str(self.data))
        self.assertEqual(self.world.http.get("/v1/status")["status"], "ok")

    def test_a_port_that_is_taken(self):
        with socket.socket() as holder:
            holder.bind(("127.0.0.1", 0))
            holder.listen()
            address = f"127.0.0.1:{holder.getsockname()[1]}"
            self.assert_not_served(address, http=address)
            self.assert_not_served(address, mqtt_listen=address)
        self.world.serve()  # A failed start left nothing in the way.

    def test_addresses_of_other_machines(self):
        for address in ("0.0.0.0:0", "192.0.2.1:7880", "[::]:0", "example.org:80"):
            self.assert_not_served("loopback", http=address)
            self.assert_not_served("loopback", options=["--mqtt", f"mqtt://{address}"])
        self.assertFalse(self.data.exists())

    def test_devices_of_other_machines(self):
        self.world.serve(mqtt_listen="0.0.0.0:0")
        device = self.world.fleet(devices=1)[0]
        given = self.world.http.post(f"/v1/devices/{device}/rotate-key")["mqtt"]
        self.assertEqual(given["host"], socket.gethostname())
        local = f"127.0.0.1:{given['port']}"
        self.world.subscribe(f"muster/v1/d/{device}/target", mqtt=local,
                             options=["-i", device, "-u", device, "-P", given["password"]]).wait(
            lambda message: True, "a target")

    def test_addresses_that_are_none(self):
        for address in ("", "127.0.0.1", "127.0.0.1:", "127.0.0.1:port", "127.0.0.1:70000"):
            self.assert_not_served(http=address)
            self.assert_not_served("--mqtt-listen", mqtt_listen=address)
        self.assert_not_served("--mqtt", options=["--mqtt", "http://127.0.0.1:1883"])

    @unittest.skipIf(os.geteuid() == 0, "root may write everywhere")
    def test_a_folder_that_may_not_be_written(self):
        self.data.mkdir(mode=0o500)
        self.assert_not_served(str(self.data))

    def test_a_folder_that_cannot_be_made(self):
        self.assert_not_served("/proc/muster", data="/proc/muster")
        file = self.world.folder / "file"
        file.write_text("text")
        self.assert_not_served(str(file), data=file)
        self.assert_not_served(str(file), data=file / "below")
        self.assertEqual(file.read_text(), "text")

    def test_a_log_that_is_none(self):
        for name, make in [("rocks file", lambda log: (log / "rocks").write_text("no database")),
                           ("CURRENT", lambda log: self.fill(log / "rocks", "CURRENT")),
                           ("log file", None)]:
            with self.subTest(name):
                data = self.world.folder / name.replace(" ", "-")
                data.mkdir()
                if make:
                    (data / "log").mkdir()
                    make(data / "log")
                else:
                    (data / "log").write_text("no folder")
                self.assert_not_served(str(data / "log"), data=data)

    @staticmethod
    def fill(folder, name):
        folder.mkdir()
        (folder / name).write_text("garbage\n")

    def test_a_log_with_a_missing_file(self):
        self.world.serve()
        self.world.fleet(devices=1)
        self.world.server.stop()
        self.world.server.start()
        self.world.server.stop()
        tables = sorted((self.data / "log").rglob("*.sst"))
        self.assertTrue(tables)
        for table in tables:
            table.unlink()
        self.assert_not_served(str(self.data))

    def test_lost_views_are_made_again(self):
        self.world.serve()
        [device] = self.world.fleet(devices=1)
        self.world.release()
        before = self.world.device(device)
        self.world.server.stop()
        for file in sorted((self.data / "views").rglob("*"), reverse=True):
            file.unlink() if file.is_file() else file.rmdir()
        self.world.server.start()
        after = self.world.device(device)
        for volatile in ("online", "presence", "presence_since", "refused_connects"):
            before.pop(volatile), after.pop(volatile)
        self.assertEqual(after, before)

    def test_views_of_another_log_are_refused_or_replaced(self):
        """They never show another log's entities."""
        self.world.serve()
        self.world.fleet(devices=1)
        self.world.server.stop()
        other = self.world.keep(Server(binary(), self.world.folder / "other"))
        other.start()
        other.stop()
        views = other.data / "views"
        views.rename(other.data / "own-views")
        (self.data / "views").rename(views)
        try:
            other.start()
        except Failed:
            self.assertIn("views", other.last_words())
            return
        fleets = Cli(binary(), other.url, other.token, self.world.folder).json("fleet", "list")
        self.assertEqual(fleets, [])


if __name__ == "__main__":
    unittest.main()
