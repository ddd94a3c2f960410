"""Commands in bulk as a user has them: `muster apply`, interrupted and run again, and curl."""

import json
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

from muster_world import Case, Child, binary, wait_until  # noqa: E402


class BulkTest(Case):
    def setUp(self):
        super().setUp()
        self.world.serve()
        self.cli = self.world.cli
        self.devices = self.world.fleet(devices=2)
        self.old, self.new = self.world.release(semver="1.0.0"), self.world.release(semver="1.1.0")
        self.file = Path(self.world.folder) / "commands.ndjson"

    def write(self, commands):
        self.file.write_text("".join(json.dumps(command) + "\n" for command in commands))

    @staticmethod
    def registration(number):
        return {"command": "device.register", "fleet": "acme/thermo", "uuid": f"{number:032x}"}

    def apply(self):
        """Runs on while the test goes on."""
        return self.world.keep(Child([binary(), "apply", self.file],
                                     environment=self.cli.environment))

    def count(self):
        return self.cli.json("fleet", "show", "acme/thermo")["devices"]

    def test_a_file_is_done_line_by_line_and_devices_hear_of_it(self):
        target = self.world.subscribe(f"muster/v1/d/{self.devices[0]}/target")
        self.write([{"command": "device.pin", "device": self.devices[0], "release": self.old},
                    {"command": "device.pin", "device": "f" * 32, "release": self.old},
                    {"command": "fleet.pin", "fleet": "acme/thermo", "release": self.old}])
        answer = self.cli.run("apply", self.file)
        self.assertEqual(answer.code, 1)
        self.assertIn("3 commands: 2 done, 1 failed", answer.out)
        self.assertIn("line 2: ", answer.err)
        target.wait(lambda message: json.loads(message["payload"])["policy"] == "pinned",
                    "the pin of the first line")
        self.assertEqual(self.cli.json("fleet", "show", "acme/thermo")["target_release"], self.old)

    def test_interrupted_and_run_again_nothing_is_done_twice(self):
        lines = 20_000
        self.write(self.registration(number) for number in range(1, lines + 1))
        child = self.apply()
        wait_until(lambda: self.count() > 2, "the first lines are done")
        child.kill()
        summary = self.cli.json("apply", self.file)
        self.assertEqual(summary["repeated"] + summary["changed"], lines)
        self.assertGreater(summary["repeated"], 0)
        self.assertEqual(self.count(), lines + 2)
        head = self.world.http.head()
        self.assertEqual(self.cli.json("apply", self.file)["repeated"], lines)
        self.assertEqual(self.world.http.head(), head)

    def test_the_server_killed_in_the_middle_is_found_again(self):
        lines = 10_000
        self.write(self.registration(number) for number in range(1, lines + 1))
        child = self.apply()
        wait_until(lambda: self.count() > 2, "the first lines are done")
        self.world.server.kill()
        self.world.server.start()
        self.assertEqual(child.process.wait(60), 0)
        self.assertEqual(self.count(), lines + 2)

    def test_any_http_client_can_do_it(self):
        self.write([{"command": "device.change", "device": device, "note": "by curl"}
                    for device in self.devices])
        out = subprocess.run(
            ["curl", "-sS", "--fail", "-T", self.file, "-X", "POST",
             "-H", f"Authorization: Bearer {self.world.server.token}",
             "-H", "Content-Type: application/x-ndjson", f"{self.world.server.url}/v1/commands"],
            capture_output=True, text=True, check=True, timeout=60).stdout
        answers = [json.loads(line) for line in out.splitlines()]
        self.assertEqual([answer["status"] for answer in answers], [200, 200])
        self.assertEqual([answer["answer"]["note"] for answer in answers], ["by curl"] * 2)


if __name__ == "__main__":
    unittest.main()
