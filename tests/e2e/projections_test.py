"""`muster projection`: online and offline, every projection is what the log says; one that is not is
found, told and healed; who may do it, and one at a time."""

import json
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

from muster_world import Case, binary, wait_until  # noqa: E402

NAMES = ["actions", "device-keys", "eras", "grants", "history", "idempotency", "inventory",
         "registry", "targets"]
FOUND = 4


class ProjectionsTest(Case):
    def setUp(self):
        super().setUp()
        self.world.serve()
        devices = self.world.fleet(devices=5)
        commits = [self.world.release(), self.world.release()]
        lines = [{"command": "device.pin", "device": devices[i % 5], "release": commits[i // 5 % 2]}
                 for i in range(3_000)]
        body = "\n".join(json.dumps(line) for line in lines).encode()
        reply = self.world.http.send("POST", "/v1/commands", body,
                                     {"Content-Type": "application/x-ndjson"})
        self.assertEqual(reply.status, 200, reply.body[:500])
        wait_until(self.is_folded, "the views have it all")

    def is_folded(self):
        items = self.world.http.get("/v1/projections")["items"]
        return all(item["lag"] == 0 for item in items)

    def data(self):
        return str(self.world.server.data)

    def muster(self, *words, code=0, online=True):
        """What `muster projection` says with --json."""
        environment = {"PATH": "/usr/bin:/bin", "HOME": str(self.world.folder)}
        if online:
            environment |= {"MUSTER_URL": self.world.server.url,
                            "MUSTER_TOKEN": self.world.server.token}
        ran = subprocess.run([binary(), "projection", *words, "--json"], capture_output=True,
                             text=True, timeout=120, env=environment)
        self.assertEqual(ran.returncode, code, ran.stdout + ran.stderr)
        return json.loads(ran.stdout) if ran.stdout else ran.stderr

    def digests(self, run):
        self.assertEqual(run["state"], "done")
        for report in run["reports"]:
            self.assertEqual(report["differences"], 0, report)
            self.assertEqual(report["digest"], report["digest_before"])
        return {report["projection"]: report["digest"] for report in run["reports"]}

    def test_online_and_offline_agree(self):
        listed = self.muster("list")
        self.assertEqual([item["name"] for item in listed], NAMES)
        self.assertTrue(all(item["last_error"] is None for item in listed))
        first = self.digests(self.muster("rebuild", "all"))
        self.assertEqual(sorted(first), NAMES)
        self.assertEqual(self.digests(self.muster("rebuild", "all")), first)
        self.assertEqual(self.digests(self.muster("check")), first)
        self.assertEqual([item["generation"] for item in self.muster("list")], [3] * len(NAMES))
        self.assertIn("leave out --data", self.muster("list", "--data", self.data(), code=1))
        self.world.server.stop()
        self.assertEqual(self.digests(self.muster("check", "--data", self.data(), online=False)),
                         first)
        self.assertEqual(self.digests(self.muster("rebuild", "all", "--data", self.data(),
                                                  online=False)), first)
        listed = self.muster("list", "--data", self.data(), online=False)
        self.assertEqual([item["generation"] for item in listed], [4] * len(NAMES))
        self.world.server.start()
        self.assertEqual(self.digests(self.muster("check", "registry")),
                         {"registry": first["registry"]})

    def test_people_are_told_too(self):
        ran = self.world.cli.run("projection", "rebuild", "registry").out
        self.assertIn("digest", ran)
        self.assertIn("registry", self.world.cli.run("projection", "list").out)

    def test_only_administrators_and_only_what_there_is(self):
        self.world.http.post("/v1/users", {"username": "eve", "instance_roles": ["auditor"]})
        token = self.world.http.post("/v1/tokens", {"name": "e", "username": "eve"})["token"]
        send = self.world.http.send
        for method, path in (("GET", "/v1/projections"), ("GET", "/v1/projections/all/rebuild"),
                             ("POST", "/v1/projections/all/rebuild"),
                             ("POST", "/v1/projections/all/check"),
                             ("DELETE", "/v1/projections/all/rebuild")):
            self.assert_refused(send(method, path, token=token), 403, "not-allowed")
        self.assert_refused(send("POST", "/v1/projections/nothing/rebuild"), 404,
                            "unknown-projection")
        self.assert_refused(send("GET", "/v1/projections/all/rebuild"), 404, "no-rebuild")
        self.assert_refused(send("DELETE", "/v1/projections/all/rebuild"), 404, "no-rebuild")
        self.assert_refused(send("POST", "/v1/projections/all/rebuild", {"more": 1}), 400,
                            "unknown-field")
        self.assertEqual(send("POST", "/v1/projections/all/rebuild").status, 202)
        self.assert_refused(send("POST", "/v1/projections/all/check"), 409, "rebuild-runs")
        self.assertEqual(send("DELETE", "/v1/projections/all/rebuild").status, 200)
        wait_until(lambda: self.world.http.get("/v1/projections/all/rebuild")["state"] != "running",
                   "the rebuild ends")
        self.digests(self.muster("rebuild", "all"))


if __name__ == "__main__":
    unittest.main()
