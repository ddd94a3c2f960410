"""What is refused: each thing with a code of its own, and nothing is appended."""

import http.client
import json
import socket
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

from muster_world import Case, World, new_commit  # noqa: E402

THERMO = "/v1/fleets/acme/thermo"


class RefusalsTest(Case):
    @classmethod
    def setUpClass(cls):
        cls.shared = World().serve()
        cls.addClassCleanup(cls.shared.close)
        world = cls.shared
        cls.device, cls.other_device = world.fleet(devices=2)
        [cls.lamp] = world.fleet("acme/lamp", devices=1)
        cls.good = world.release(commit="aaaaaaa1" * 5, semver="1.0.0")
        cls.similar = world.release(commit="aaaaaaa2" * 5, semver="1.1.0")
        cls.twice = [world.release(semver="2.0.0"), world.release(semver="2.0.0")]
        cls.running = world.release(status="running")
        cls.failed = world.release(status="running")
        world.http.post(f"{THERMO}/releases/{cls.failed}/finish", {"status": "failed"})
        cls.invalid = world.release()
        world.http.post(f"{THERMO}/releases/{cls.invalid}/invalidate", {"reason": "a test"})
        cls.draft = world.release(draft=True)
        cls.foreign = world.release("acme/lamp")

    def setUp(self):
        super().setUp()
        self.world.server = self.shared.server
        self.http = self.shared.http

    def check(self, table):
        """Rows: (name, status, code, method, path, body, headers)."""
        for name, status, code, method, path, *rest in table:
            body, headers = (*rest, None, None)[:2]
            with self.subTest(name):
                before = self.http.head()
                reply = self.http.send(method, path, body, headers)
                self.assert_refused(reply, status, code)
                self.assertIn("detail", reply.json)
                self.assertEqual(self.http.head(), before, "something was appended")

    def pin(self, release, device=None):
        return "POST", f"/v1/devices/{device or self.device}/pin", {"release": release}

    def test_releases_that_cannot_be_pinned(self):
        self.check([
            ("unknown", 404, "unknown-release", *self.pin(new_commit())),
            ("unknown prefix", 404, "unknown-release", *self.pin("fffffff")),
            ("short prefix", 404, "unknown-release", *self.pin("aaaaaa")),
            ("ambiguous prefix", 409, "ambiguous-release", *self.pin("aaaaaaa")),
            ("ambiguous semver", 409, "ambiguous-release", *self.pin("2.0.0")),
            ("failed", 409, "release-not-success", *self.pin(self.failed)),
            ("running", 409, "release-not-success", *self.pin(self.running)),
            ("invalidated", 409, "release-invalidated", *self.pin(self.invalid)),
            ("foreign", 409, "release-of-other-fleet", *self.pin(self.foreign)),
            ("fleet to failed", 409, "release-not-success", "POST", f"{THERMO}/pin",
             {"release": self.failed}),
            ("fleet to foreign", 409, "release-of-other-fleet", "POST", f"{THERMO}/pin",
             {"release": self.foreign}),
            ("fleet to draft", 409, "confirmation-needed", "POST", f"{THERMO}/pin",
             {"release": self.draft}),
        ])

    def test_an_ambiguous_name_comes_with_candidates(self):
        reply = self.http.send(*self.pin("aaaaaaa"))
        text = json.dumps(reply.json["candidates"])
        for commit in (self.good, self.similar):
            self.assertIn(commit[:8], text)

    def test_devices_and_selections(self):
        def pin_all(*devices):
            return "POST", "/v1/devices/pin", {"devices": devices, "release": self.good}
        unknown = "0" * 32
        self.check([
            ("unknown uuid", 404, "unknown-device", *self.pin(self.good, unknown)),
            ("unknown prefix", 404, "unknown-device", *self.pin(self.good, "0000000")),
            ("no uuid", 400, "invalid-uuid", *self.pin(self.good, "zzz")),
            ("short prefix", 400, "invalid-uuid", *self.pin(self.good, self.device[:5])),
            ("empty selection", 400, "empty-selection", *pin_all()),
            ("one unknown of two", 404, "unknown-device", *pin_all(self.device, unknown)),
            ("several fleets", 409, "several-fleets", *pin_all(self.device, self.lamp)),
            ("too many", 400, "selection-too-large", *pin_all(*[self.device] * 10_001)),
            ("wrong uuid", 400, "invalid-uuid", "POST", f"{THERMO}/devices", {"uuid": "123"}),
            ("upper case", 400, "invalid-uuid", "POST", f"{THERMO}/devices", {"uuid": "A" * 32}),
            ("uuid taken", 409, "uuid-taken", "POST", f"{THERMO}/devices", {"uuid": self.device}),
            ("other architecture", 409, "incompatible-architecture", "POST", f"{THERMO}/devices",
             {"device_type": "intel-nuc"}),
        ])

    def test_names_and_duplicates(self):
        releases = f"{THERMO}/releases"
        self.check([
            ("slug taken", 409, "slug-taken", "POST", "/v1/fleets",
             {"slug": "acme/thermo", "device_type": "intel-nuc"}),
            ("slug with capitals", 400, "invalid-name", "POST", "/v1/fleets",
             {"slug": "acme/THERMO!", "device_type": "intel-nuc"}),
            ("no such type", 404, "unknown-device-type", "POST", "/v1/fleets",
             {"slug": "acme/other", "device_type": "toaster"}),
            ("no such organisation", 404, "unknown-organisation", "POST", "/v1/fleets",
             {"slug": "nobody/other", "device_type": "intel-nuc"}),
            ("handle taken", 409, "handle-taken", "POST", "/v1/organisations", {"handle": "acme"}),
            ("username taken", 409, "username-taken", "POST", "/v1/users", {"username": "admin"}),
            ("no such fleet", 404, "unknown-fleet", "POST", "/v1/fleets/acme/none/track-latest"),
            ("commit taken", 409, "commit-taken", "POST", releases,
             {"commit": self.good, "status": "success"}),
            ("no commit", 400, "invalid-commit", "POST", releases, {"commit": "xyz"}),
            ("no semver", 400, "invalid-semver", "POST", releases,
             {"commit": new_commit(), "semver": "one"}),
            ("big manifest", 400, "invalid-manifest", "POST", releases,
             {"commit": new_commit(), "manifest": {"text": "x" * 9000}}),
            ("finished already", 409, "release-not-running", "POST",
             f"{releases}/{self.failed}/finish", {"status": "success"}),
            ("in use", 409, "release-in-use", "DELETE", f"{releases}/{self.twice[1]}"),
            ("short name", 400, "invalid-name", "PATCH", f"/v1/devices/{self.device}",
             {"name": "a"}),
            ("last administrator", 409, "last-administrator", "POST", "/v1/users/admin/disable"),
        ])

    def test_expectations(self):
        self.check([
            ("stale version", 412, "stale-version", *self.pin(self.good), {"If-Match": '"1"'}),
            ("no version", 400, "invalid-field", *self.pin(self.good), {"If-Match": "new"}),
            ("count", 412, "count-mismatch", "POST", f"{THERMO}/pin",
             {"release": self.good, "expect_count": 3}),
        ])

    def test_a_key_is_for_one_request(self):
        key = {"Idempotency-Key": new_commit()}
        self.assertEqual(self.http.send(*self.pin(self.good), key).status, 200)
        self.check([
            ("other body", 409, "idempotency-key-reused", *self.pin(self.similar), key),
            ("other path", 409, "idempotency-key-reused",
             *self.pin(self.good, self.other_device), key),
            ("long key", 400, "invalid-field", *self.pin(self.good),
             {"Idempotency-Key": "k" * 201}),
        ])

    def test_bodies(self):
        path = f"/v1/devices/{self.device}/pin"
        good = json.dumps({"release": self.similar}).encode()
        deep = b'{"release":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
        self.check([
            ("broken JSON", 400, "malformed-json", "POST", path, good[:-1]),
            ("no JSON", 400, "malformed-json", "POST", path, b"release=1"),
            ("no object", 400, "malformed-json", "POST", path, b"[1]"),
            ("deep JSON", 400, "malformed-json", "POST", path, deep),
            ("bad UTF-8", 400, "invalid-utf8", "POST", path, b'{"release":"\xff\xfe"}'),
            ("overlong UTF-8", 400, "invalid-utf8", "POST", path, b'{"release":"\xc0\xaf"}'),
            ("duplicate key", 400, "duplicate-key", "POST", path,
             good[:-1] + b',"release":"1.0.0"}'),
            ("unknown field", 400, "unknown-field", "POST", path,
             {"release": self.similar, "force": True}),
            ("missing field", 400, "invalid-field", "POST", path, {}),
            ("wrong type", 400, "invalid-field", "POST", path, {"release": 7}),
            ("NUL", 400, "invalid-field", "POST", path, {"release": "a\0b"}),
            ("other media", 415, "unsupported-media-type", "POST", path, good,
             {"Content-Type": "text/plain"}),
            ("2 MB", 413, "body-too-large", "POST", path, b" " * 2_000_000 + good),
            ("wrong method", 405, "method-not-allowed", "PUT", path, good),
            ("no such place", 404, "unknown-resource", "GET", "/v1/thermostats"),
        ])

    def test_100_mb_are_refused_before_they_are_sent(self):
        before = self.http.head()
        connection = http.client.HTTPConnection(self.http.address, timeout=30)
        self.addCleanup(connection.close)
        connection.putrequest("POST", f"/v1/devices/{self.device}/pin")
        connection.putheader("Authorization", f"Bearer {self.http.token}")
        connection.putheader("Content-Length", str(100 * 1024 * 1024))
        connection.endheaders(b"{")
        response = connection.getresponse()
        self.assertEqual((response.status, json.load(response)["code"]), (413, "body-too-large"))
        self.assertEqual(self.http.head(), before)

    def test_100_mb_without_a_length_are_refused(self):
        before = self.http.head()
        host, _, port = self.http.address.rpartition(":")
        with socket.create_connection((host, int(port)), timeout=30) as connection:
            connection.sendall((f"POST /v1/devices/{self.device}/pin HTTP/1.1\r\nHost: x\r\n"
                                f"Authorization: Bearer {self.http.token}\r\n"
                                "Transfer-Encoding: chunked\r\n\r\n").encode())
            for _ in range(100):
                connection.sendall(b"100000\r\n" + b" " * 0x100000 + b"\r\n")
            response = http.client.HTTPResponse(connection)
            response.begin()
            self.assertEqual((response.status, json.load(response)["code"]),
                             (413, "body-too-large"))
        self.assertEqual(self.http.head(), before)

    def test_who_asks(self):
        pin = self.pin(self.good)
        for name, headers in [
                ("wrong token", {"Authorization": "Bearer nonsense"}),
                ("almost the token", {"Authorization": f"Bearer {self.http.token}x"}),
                ("no token", {"Authorization": None}),
                ("other scheme", {"Authorization": f"Basic {self.http.token}"})]:
            self.check([
                (name, 401, "unauthorized", *pin, headers),
                (f"{name}, reading", 401, "unauthorized", "GET", "/v1/devices", None, headers)])
        health = self.http.send("GET", "/v1/health", headers={"Authorization": None})
        self.assertEqual(health.status, 200)

    def test_what_one_may_not_see_is_unknown(self):
        self.http.post("/v1/users", {"username": "visitor"})
        token = self.http.post("/v1/tokens", {"name": "test", "username": "visitor"})["token"]
        headers = {"Authorization": f"Bearer {token}"}
        self.check([
            ("device", 404, "unknown-device", "GET", f"/v1/devices/{self.device}", None, headers),
            ("fleet", 404, "unknown-fleet", "GET", THERMO, None, headers),
            ("pin", 404, "unknown-device", *self.pin(self.good), headers)])
        self.assertEqual(self.http.send("GET", "/v1/devices", headers=headers).json["items"], [])
        self.http.send("PUT", f"{THERMO}/members/visitor", {"role": "observer"})
        self.check([
            ("observer pins", 403, "not-allowed", *self.pin(self.good), headers),
            ("observer pins fleet", 403, "not-allowed", "POST", f"{THERMO}/pin",
             {"release": self.good}, headers)])
        self.http.post("/v1/users/visitor/disable")
        self.check([("disabled", 401, "unauthorized", "GET", "/v1/devices", None, headers)])


if __name__ == "__main__":
    unittest.main()
