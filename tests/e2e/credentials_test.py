"""Keys of devices as users and devices have them: rotated, lost, revoked, refused, provisioned."""

import datetime
import os
import signal
import subprocess
import sys
import time
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))

from muster_world import Case, Child, Publisher, binary, wait_until  # noqa: E402


def in_an_hour():
    later = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)
    return later.strftime("%Y-%m-%dT%H:%M:%SZ")


class KeysTest(Case):
    def setUp(self):
        super().setUp()
        self.world.serve()
        self.world.fleet()
        self.given = self.world.register()
        self.device = self.given["uuid"]

    def may_connect(self, password, device=None):
        """Whether the broker lets the device in; it says nothing then that anybody hears."""
        name = device or self.device
        ran = subprocess.run(
            ["mosquitto_pub", "-h", "127.0.0.1", "-p", self.world.mqtt.split(":")[1], "-i", name,
             "-u", name, "-P", password, "-t", "nothing", "-m", "x"], capture_output=True,
            timeout=20, check=False)
        return ran.returncode == 0

    def connected(self, password):
        """A device that stays; `child` ends when it is put out, for it is told not to come back."""
        host, _, port = self.world.mqtt.rpartition(":")
        held = self.world.keep(Child(
            ["node", HERE / "mqtt_device.js", host, port, self.device, password]))
        wait_until(lambda: self.world.device(self.device)["online"], "the device is online")
        return held

    def key(self):
        return self.world.device(self.device)["key"]

    def test_a_new_key_retires_the_old_one_at_the_first_birth_with_it(self):
        old = self.given["mqtt"]["password"]
        self.assertFalse(self.key()["older_good"])
        answer = self.world.cli.json("device", "rotate-key", self.device)
        self.assertEqual(answer["previous_good_until"], "first-birth")
        new = answer["mqtt"]["password"]
        self.assertEqual(self.key(), {"generation": answer["generation"], "older_good": True})
        self.assertTrue(self.may_connect(old))
        self.assertTrue(self.may_connect(new))  # That was no birth.
        self.assertTrue(self.may_connect(old))
        self.connected(new)
        wait_until(lambda: not self.key()["older_good"], "the old key is retired")
        wait_until(lambda: not self.may_connect(old), "the old key is refused")
        self.assertTrue(self.may_connect(new))

    def test_now_closes_the_connection_and_refuses_the_old_key_for_ever(self):
        old = self.given["mqtt"]["password"]
        held = self.world.subscribe(f"muster/v1/d/{self.device}/target", options=[
            "-i", self.device, "-u", self.device, "-P", old, "-W", "60"])
        held.wait(lambda message: True, "the device hears its target")
        began = time.monotonic()
        new = self.world.http.post(f"/v1/devices/{self.device}/rotate-key",
                                   {"now": True})["mqtt"]["password"]
        wait_until(lambda: not self.may_connect(old), "the old key is refused", 1)
        self.assertLess(time.monotonic() - began, 1)
        self.assertTrue(self.may_connect(new))
        broker = int(subprocess.run(["pgrep", "-P", str(self.world.server.child.pid), "mosquitto"],
                                    capture_output=True, text=True, check=True).stdout)
        connections = self.world.connections()
        os.kill(broker, signal.SIGKILL)
        # From its first moment on the new broker refuses the old key.
        wait_until(lambda: self.may_connect(new), "the broker is back")
        self.assertFalse(self.may_connect(old))
        self.world.wait_bridge(after=connections)
        self.world.server.kill()
        self.world.server.start()
        self.assertFalse(self.may_connect(old))
        self.assertTrue(self.may_connect(new))

    def test_refused_connects_are_shown_with_cause_and_time(self):
        self.assertIsNone(self.world.device(self.device)["refused_connects"])
        other = self.world.register()
        for password in ("nonsense", other["mqtt"]["password"]):
            self.assertFalse(self.may_connect(password))
        refused = wait_until(
            lambda: (self.world.device(self.device)["refused_connects"] or {}).get("count") == 2
            and self.world.device(self.device)["refused_connects"], "both are counted")
        self.assertEqual(refused["last_cause"], "wrong-device")
        self.assertLess(abs(datetime.datetime.fromisoformat(refused["last_at"]).timestamp()
                            - time.time()), 60)
        shown = self.world.cli.run("device", "show", self.device).out
        self.assertIn("wrong-device", shown)
        self.assertIsNone(self.world.device(other["uuid"])["refused_connects"])

    def test_a_repeated_rotation_gives_the_same_generation(self):
        path = f"/v1/devices/{self.device}/rotate-key"
        first = self.world.http.post(path, {}, Idempotency_Key="once")
        again = self.world.http.post(path, {}, Idempotency_Key="once")
        self.assertEqual(first["generation"], again["generation"])
        self.assertTrue(self.may_connect(again["mqtt"]["password"]))

    def test_observers_may_not_rotate(self):
        self.world.http.post("/v1/users", {"username": "visitor"})
        token = self.world.http.post("/v1/tokens", {"name": "t", "username": "visitor"})["token"]
        path = f"/v1/devices/{self.device}/rotate-key"
        self.assert_refused(self.world.http.send("POST", path, {}, token=token), 404,
                            "unknown-device")
        self.world.http.send("PUT", "/v1/fleets/acme/thermo/members/visitor", {"role": "observer"})
        self.assert_refused(self.world.http.send("POST", path, {}, token=token), 403,
                            "not-allowed")

    def test_status_says_that_the_broker_checks_keys(self):
        self.assertTrue(self.world.http.get("/v1/status")["broker"]["checks_keys"])


class ProvisioningTest(Case):
    def setUp(self):
        super().setUp()
        self.world.serve()
        self.world.fleet()

    def create(self, uses=2, expires=None):
        return self.world.cli.json("fleet", "provisioning-key", "create", "acme/thermo", "--name",
                                   "line-3", "--uses", uses, "--expires", expires or in_an_hour())

    def provision(self, key, body=None, **headers):
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.world.http.send("POST", "/v1/provision", body or {}, fields, token=key)

    def test_a_device_registers_itself_as_often_as_the_key_allows(self):
        key = self.create()["key"]
        answer = self.provision(key, {"name": "line-3-0001"}).json
        self.assertEqual((answer["name"], answer["fleet"]), ("line-3-0001", "acme/thermo"))
        access = answer["mqtt"]
        Publisher(self.world.mqtt).send(
            f"muster/v1/d/{answer['uuid']}/up/presence", {"online": True, "session": "s"}, "-i",
            answer["uuid"], "-u", access["username"], "-P", access["password"])
        wait_until(lambda: self.world.device(answer["uuid"])["online"], "the device was heard")
        self.assertEqual(self.provision(key).status, 200)
        self.assert_refused(self.provision(key), 403, "provisioning-key-exhausted")
        listed = self.world.cli.json("fleet", "provisioning-key", "list", "acme/thermo")
        self.assertEqual([(each["uses"], each["used"]) for each in listed], [(2, 2)])
        self.assertNotIn("key", listed[0])

    def test_asking_again_registers_no_second_device(self):
        key = self.create(uses=1)["key"]
        first = self.provision(key, Idempotency_Key="serial-1").json
        again = self.provision(key, Idempotency_Key="serial-1").json
        self.assertEqual(first["uuid"], again["uuid"])
        # Another key's holder cannot ask for that answer.
        other = self.create(uses=1)["key"]
        self.assertNotEqual(self.provision(other, Idempotency_Key="serial-1").json["uuid"],
                            first["uuid"])

    def test_a_revoked_or_wrong_key_is_refused(self):
        made = self.create()
        self.assert_refused(self.provision("muster-provision_x"), 401, "unauthorized")
        self.assert_refused(self.world.http.send("GET", "/v1/fleets", token=made["key"]), 401,
                            "unauthorized")
        self.assertEqual(self.world.cli.run("fleet", "provisioning-key", "revoke", "acme/thermo",
                                            made["id"]).code, 0)
        self.assert_refused(self.provision(made["key"]), 403, "provisioning-key-revoked")
        soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=1.5)
        short = self.create(expires=soon.strftime("%Y-%m-%dT%H:%M:%S.%fZ"))["key"]
        wait_until(lambda: self.provision(short, {"uuid": "x"}).code == "provisioning-key-expired",
                   "the key has expired")

    def test_what_is_wrong_with_a_key_is_refused_by_name(self):
        path = "/v1/fleets/acme/thermo/provisioning-keys"
        good = {"name": "line-3", "uses": 1, "expires_at": in_an_hour()}
        for wrong in ({"uses": 0}, {"uses": 1_000_001}, {"expires_at": "2020-01-01T00:00:00Z"},
                      {"expires_at": "2999-01-01T00:00:00Z"}, {"expires_at": "soon"}):
            self.assert_refused(self.world.http.send("POST", path, {**good, **wrong}), 400,
                                "invalid-field")
        self.assert_refused(self.world.http.send("DELETE", f"{path}/77"), 404,
                            "unknown-provisioning-key")

    def test_the_agent_registers_itself_once_and_keeps_its_credentials(self):
        made = self.create()
        key_file = self.world.folder / "line-3.key"
        key_file.write_text(made["key"] + "\n")
        folder = self.world.folder / "agent"

        def run():
            agent = Child([binary(), "agent", "run", "--dir", folder, "--mqtt", self.world.mqtt,
                           "--server", self.world.server.url, "--provision-key", key_file,
                           "--name", "line-3-0001", "--json"])
            self.world.keep(agent)
            wait_until(lambda: any('"connected"' in line for line in agent.lines), "it is there")
            agent.stop()

        run()
        devices = self.world.http.get("/v1/devices")["items"]
        self.assertEqual([each["name"] for each in devices], ["line-3-0001"])
        self.assertEqual((folder / "credentials.json").stat().st_mode & 0o777, 0o600)
        key_file.unlink()  # Needed no more.
        run()
        self.assertEqual(len(self.world.http.get("/v1/devices")["items"]), 1)


if __name__ == "__main__":
    unittest.main()
