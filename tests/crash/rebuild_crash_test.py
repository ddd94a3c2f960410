"""kill -9 of a server in the middle of rebuilds under load, and of a rebuild without a server: the
rows in use were right all along, and the next rebuild gives what the log says."""

import json
import os
import subprocess
import time
import unittest

from crash_support import CrashCase, rounds
from muster_world import Child, binary, wait_until

CLIENTS = 2
PINS = 40_000


class RebuildCrashTest(CrashCase):
    def setUp(self):
        super().setUp()
        self.world.serve()
        self.make_fleet()
        self.fill(PINS)

    def fill(self, pins):
        lines = [{"command": "device.pin", "device": self.devices[i % len(self.devices)],
                  "release": self.releases[i // len(self.devices) % 2]} for i in range(pins)]
        for first in range(0, pins, 10_000):
            body = "\n".join(json.dumps(line) for line in lines[first:first + 10_000]).encode()
            reply = self.world.http.send("POST", "/v1/commands", body,
                                         {"Content-Type": "application/x-ndjson"})
            self.assertEqual(reply.status, 200, reply.body[:300])

    def run_to_its_end(self, kind):
        """The reports of that run of all projections."""
        path = f"/v1/projections/all/{kind}"
        self.assertEqual(self.world.http.send("POST", path).status, 202)
        wait_until(lambda: self.world.http.get(path)["state"] != "running", f"the {kind} ends", 120)
        run = self.world.http.get(path)
        self.assertEqual(run["state"], "done", run)
        return run["reports"]

    def test_a_killed_server_keeps_its_rows_and_rebuilds_again(self):
        self.start_load(CLIENTS)
        resumed = 0
        for number in range(rounds(12)):
            name = self.random.choice(["all", "registry", "history", "inventory", "actions"])
            reply = self.world.http.send("POST", f"/v1/projections/{name}/rebuild")
            self.assertEqual(reply.status, 202, reply.body[:300])
            time.sleep(self.random.uniform(0.0, 1.2))
            if number % 3 == 2:
                self.world.http.send("DELETE", f"/v1/projections/{name}/rebuild")
            self.world.server.kill()
            self.world.server.start()
            for report in self.run_to_its_end("check"):
                self.assertEqual(report["differences"], 0, report)
            resumed += sum(item["unfinished_rebuild"] is not None
                           for item in self.world.http.get("/v1/projections")["items"])
        self.end_load()
        self.world.wait_told()
        first = self.run_to_its_end("rebuild")
        second = self.run_to_its_end("rebuild")
        self.assertEqual([report["differences"] for report in first + second],
                         [0] * (2 * len(first)))
        self.assertEqual([report["digest"] for report in first],
                         [report["digest"] for report in second])
        self.assert_retained_is_right()
        print(f"{rounds(12)} kills, {len(self.acknowledged())} commands acknowledged, "
              f"{resumed} projections left to go on with", flush=True)

    def test_a_killed_rebuild_without_a_server_is_made_again(self):
        self.world.server.stop()
        data = str(self.world.server.data)
        command = [binary(), "projection", "rebuild", "all", "--data", data, "--json"]
        for _ in range(rounds(12)):
            child = Child(command)
            time.sleep(self.random.uniform(0.01, 1.5))
            child.kill()
        reports = []
        for _ in range(2):
            ran = subprocess.run(command, capture_output=True, text=True, timeout=300,
                                 env=os.environ)
            self.assertEqual(ran.returncode, 0, ran.stderr)
            reports.append(json.loads(ran.stdout)["reports"])
        for first, second in zip(*reports):
            self.assertEqual((first["differences"], second["differences"]), (0, 0), first)
            self.assertEqual(first["digest"], second["digest"])
        self.world.server.start()
        for report in self.run_to_its_end("check"):
            self.assertEqual(report["differences"], 0, report)


if __name__ == "__main__":
    unittest.main()
