"""Lists, filters, saved views and selections, as users and programs have them."""

import sys
import unittest
from pathlib import Path
from urllib.parse import quote

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

from muster_world import Case, Cli, Http, binary, wait_until  # noqa: E402


class InventoryTest(Case):
    def setUp(self):
        super().setUp()
        self.world.serve().wait_bridge()
        self.http, self.cli = self.world.http, self.world.cli
        self.world.fleet()
        self.old, self.new = self.world.release(semver="1.0.0"), self.world.release(semver="1.1.0")
        self.given = {name: self.world.register(name=name)
                      for name in ("kitchen", "lobby", "cellar", "attic")}
        self.uuids = {name: given["uuid"] for name, given in self.given.items()}
        self.tag("kitchen", site="berlin", rack="1")
        self.tag("lobby", site="berlin")
        self.tag("cellar", site="köln süd")

    def tag(self, name, **tags):
        reply = self.http.send("PATCH", f"/v1/devices/{self.uuids[name]}", {"tags": tags})
        self.assertEqual(reply.status, 200, reply.body)

    def path(self, filter_text=None, **parameters):
        if filter_text is not None:
            parameters["filter"] = filter_text
        query = "&".join(f"{name}={quote(str(value), safe='')}"
                         for name, value in parameters.items())
        return f"/v1/devices?{query}"

    def names(self, filter_text=None, http=None, **parameters):
        items = (http or self.http).get(self.path(filter_text, **parameters))["items"]
        return [item["name"] for item in items]

    def user(self, name, role=None, fleet="acme/thermo"):
        self.http.post("/v1/users", {"username": name})
        token = self.http.post("/v1/tokens", {"name": "test", "username": name})["token"]
        if role:
            self.http.send("PUT", f"/v1/fleets/{fleet}/members/{name}", {"role": role})
        return Http(self.world.server.http, token), Cli(binary(), self.world.server.url, token,
                                                        self.world.folder)

    def test_filters_say_which_devices_are_listed(self):
        self.http.post(f"/v1/devices/{self.uuids['attic']}/pin", {"release": "1.0.0"})
        for text, wanted in [
                ("tag.site = berlin", ["kitchen", "lobby"]),
                ("tag.site = 'köln süd'", ["cellar"]),
                ("tag.site and not tag.rack", ["lobby", "cellar"]),
                ("not tag.site", ["attic"]),
                ("fleet = acme/thermo and name contains i", ["kitchen", "attic"]),
                ("fleet = acme/none", []),
                ("policy = pinned", ["attic"]),
                ("pinned-to = 1.0.0", ["attic"]),
                (f"target = {self.new[:7]}", ["kitchen", "lobby", "cellar"]),
                ("type = raspberrypi4-64 and running = none and not online",
                 ["kitchen", "lobby", "cellar", "attic"]),
                (f"uuid = {self.uuids['lobby']}", ["lobby"]),
                ("stuck > 0s and policy = pinned", ["attic"]),
                ("stuck > 1h", [])]:
            self.assertEqual(self.names(text), wanted, text)
        self.assertEqual(self.names(fleet="acme/thermo", filter_text="tag.rack"), ["kitchen"])
        self.assert_refused(self.http.send("GET", self.path(fleet="acme/none")), 404,
                            "unknown-fleet")

    def test_reports_and_presence_are_filtered_as_they_come(self):
        self.world.agent([self.given["kitchen"]])
        wait_until(lambda: self.names("online") == ["kitchen"], "one device is online")
        wait_until(lambda: self.names(f"running = {self.new}") == ["kitchen"], "it runs its target")
        self.assertEqual(self.names("agent >= 0.0.1"), ["kitchen"])
        self.assertEqual(self.names("agent > 99"), [])
        self.assertEqual(self.names("stuck > 0s and online"), [])
        self.assertEqual(self.cli.json("device", "list", "--online")[0]["name"], "kitchen")

    def test_an_error_points_at_the_character(self):
        text = "tag.site = 'köln' and flet = x"
        reply = self.http.send("GET", self.path(text))
        self.assert_refused(reply, 400, "invalid-filter")
        self.assertEqual((reply.json["position"], reply.json["text"]), (22, text))
        answer = self.cli.run("device", "list", "--filter", text)
        self.assertEqual(answer.code, 1)
        lines = answer.err.splitlines()
        self.assertIn("[invalid-filter]", lines[0])
        self.assertEqual(lines[1].strip(), text)
        self.assertEqual(lines[2].index("^") - lines[1].index("tag"), 22)

    def test_pages_are_sorted_stable_and_of_one_list_only(self):
        self.assertEqual(self.names(sort="name"), ["attic", "cellar", "kitchen", "lobby"])
        self.assertEqual(self.names(sort="name", order="desc")[0], "lobby")
        self.assertEqual(self.names(order="desc"), ["attic", "cellar", "lobby", "kitchen"])
        page = self.http.get(self.path(sort="name", limit=2))
        self.assertEqual((len(page["items"]), page["total"]), (2, 4))
        self.world.register(name="aaaa")
        self.assertEqual(self.names(sort="name", limit=2, after=page["next"]), ["kitchen", "lobby"])
        for wrong in ("7", "x", page["next"][:-2], ""):
            self.assert_refused(self.http.send("GET", self.path(sort="name", after=wrong)), 400,
                                "invalid-field")
        for other in (self.path(sort="uuid", after=page["next"]),
                      self.path("online", sort="name", after=page["next"])):
            self.assert_refused(self.http.send("GET", other), 400, "invalid-field")
        self.assertEqual(len(self.cli.json("device", "list", "--limit", "3")), 3)
        shown = self.cli.run("device", "list", "--limit", "3")
        self.assertIn("3 of 5 devices shown", shown.err)
        self.assertEqual(len(self.cli.json("device", "list", "--all")), 5)

    def test_views_are_their_owners_or_a_fleets(self):
        _, ada_cli = self.user("ada", "operator")
        _, bob_cli = self.user("bob", "observer")
        _, eve_cli = self.user("evil")
        ada_cli.json("view", "create", "mine", "--filter", "tag.rack")
        ada_cli.json("view", "create", "berlin", "--filter", "tag.site = berlin",
                     "--shared-with", "acme/thermo")
        self.assertEqual([view["name"] for view in ada_cli.json("view", "list")],
                         ["mine", "berlin"])
        self.assertEqual([view["name"] for view in bob_cli.json("view", "list")], ["berlin"])
        self.assertEqual(eve_cli.json("view", "list"), [])
        self.assertEqual(bob_cli.json("view", "show", "berlin")["owner"], "ada")
        listed = bob_cli.json("device", "list", "--view", "berlin", "--sort", "name")
        self.assertEqual([device["name"] for device in listed], ["kitchen", "lobby"])
        self.tag("attic", site="berlin")  # A view is looked at anew whenever it is used.
        self.assertEqual(len(bob_cli.json("device", "list", "--view", "berlin")), 3)
        for cli, words, code in [
                (eve_cli, ("device", "list", "--view", "berlin"), "unknown-view"),
                (bob_cli, ("view", "rm", "berlin"), "not-allowed"),
                (bob_cli, ("view", "show", "mine"), "unknown-view"),
                (ada_cli, ("view", "create", "mine", "--filter", "online"), "view-name-taken"),
                (ada_cli, ("view", "create", "odd-one", "--filter", "onlin"), "invalid-filter")]:
            answer = cli.run(*words)
            self.assertEqual(answer.code, 1)
            self.assertIn(f"[{code}]", answer.err)
        self.assertEqual(self.cli.run("view", "rm", "berlin").code, 0)  # By an administrator.
        self.assertEqual(bob_cli.json("view", "list"), [])

    def test_a_selection_is_pinned_as_a_whole(self):
        dry = self.cli.run("device", "pin", "--filter", "tag.site = berlin", "1.0.0", "--dry-run")
        self.assertIn("would pin 2 devices", dry.out)
        self.assertIn("in the fleet then: 2 follow, 2 stay pinned", dry.out)
        self.assertEqual(self.names("policy = pinned"), [])
        answer = self.cli.run("device", "pin", "--filter", "tag.site = berlin", "1.0.0",
                              "--expect-count", "3")
        self.assertIn("[count-mismatch]", answer.err)
        key = {"Idempotency-Key": "again"}
        body = {"filter": "tag.site = berlin and policy = tracking", "release": "1.0.0"}
        first = self.http.send("POST", "/v1/devices/pin", body, key).json
        self.assertEqual((len(first["changes"]), first["following"], first["pinned"]), (2, 2, 2))
        again = self.http.send("POST", "/v1/devices/pin", body, key).json  # Selects none now.
        self.assertEqual((again["repeated"], again["changes"]), (True, first["changes"]))
        self.assert_refused(self.http.send("POST", "/v1/devices/pin", body), 400,
                            "empty-selection")
        self.cli.json("view", "create", "canaries", "--filter", "policy = pinned")
        tracked = self.cli.run("device", "track-fleet", "--view", "canaries")
        self.assertIn("2 devices track the fleet", tracked.out)
        self.assertIn("4 follow, 0 stay pinned", tracked.out)
        self.assertEqual(self.names("policy = pinned"), [])

    def test_a_selection_keeps_to_what_one_sees_and_may_operate(self):
        self.world.fleet("acme/other", devices=1)
        both = self.http.send("POST", "/v1/devices/pin", {"filter": "not online", "release": "1.0.0"})
        self.assert_refused(both, 409, "several-fleets")
        self.assertEqual(set(both.json["candidates"]), {"acme/thermo", "acme/other"})
        ada, _ = self.user("ada", "operator")
        pinned = ada.post("/v1/devices/pin", {"filter": "not online", "release": "1.0.0"})
        self.assertEqual(len(pinned["changes"]), 4)  # The other fleet is not there for ada.
        bob, _ = self.user("bob", "observer")
        self.assert_refused(
            bob.send("POST", "/v1/devices/track-fleet", {"filter": "policy = pinned"}), 403,
            "not-allowed")
        odd = ada.send("POST", "/v1/devices/track-fleet", {"filter": "online", "devices": []})
        self.assert_refused(odd, 400, "invalid-field")

    def test_lists_and_views_are_as_before_after_kill_9(self):
        self.cli.json("view", "create", "berlin", "--filter", "tag.site = berlin")
        before = self.names(view="berlin", sort="name")
        self.world.server.kill()
        self.world.server.start()
        self.assertEqual(self.names(view="berlin", sort="name", http=self.world.http), before)
        self.assertEqual(before, ["kitchen", "lobby"])


if __name__ == "__main__":
    unittest.main()
