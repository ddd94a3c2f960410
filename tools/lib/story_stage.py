"""What the steps of the story are made of: commands as a user gives them, releases, waiting for
devices, and looking at everything there is before and after a crash."""

import json
import re
import secrets
import shutil
import time
import urllib.request

from story_fleet import CANARY, FLEET, NAMES, SENTINEL, SENTINEL_FLEET, Devices
from story_traveller import Traveller
from story_world import Cli, Failed, Server, wait_until


class Stage:
    """A server, a command line and devices, all in the folder `data`."""

    def __init__(self, binary, data, http, mqtt_listen, view):
        self.binary = binary
        self.view = view
        self.data = data
        self.server = Server(binary, data / "server", http, mqtt_listen, ["--spread-s", "1"])
        self.devices = Devices(data / "devices")
        self.traveller = Traveller(data / "devices")
        self.cli = None
        self.commits = {}
        self.expected = {name: [] for name in NAMES}
        self.history_of = {}
        self.major = 1
        self._started = time.monotonic()

    def start_server(self):
        self.view.command(["muster", *self.server.command()])
        self.server.start()
        self.cli = Cli(self.binary, self.server.url, self.server.token, self.data)
        self.view.line(f"ready http={self.server.http} mqtt={self.server.mqtt}")

    def start_clock(self):
        """From here on `took_s` counts; each command starts it anew."""
        self._started = time.monotonic()

    def took_s(self):
        return time.monotonic() - self._started

    def stop(self):
        self.devices.stop()
        self.traveller.leaves()
        self.server.stop()

    @property
    def memory(self):
        return self.data / "agent"

    def muster(self, *words):
        """Runs a command as a user does, and shows it. Returns the sequence it answers."""
        self.view.command(["muster", *words])
        self.start_clock()
        answer = self.cli.run(*words)
        self.view.output(answer.out + answer.err)
        if answer.code != 0:
            raise Failed(f"`muster {' '.join(words)}` ended with code {answer.code}")
        found = re.search(r"\(sequence (\d+)", answer.out)
        return int(found.group(1)) if found else None

    def create_what_is_missing(self):
        fleets = {fleet["slug"] for fleet in self.cli.json("fleet", "list")}
        if fleets:
            self.view.line("this story was told here before: its fleet is used again")
        elif not any(org["handle"] == "acme" for org in self.cli.json("org", "list")):
            self.muster("org", "create", "acme")
        for slug in (FLEET, SENTINEL_FLEET):
            if slug not in fleets:
                self.muster("fleet", "create", slug, "--device-type", "raspberrypi4-64")

    def register(self, name):
        fleet = SENTINEL_FLEET if name == SENTINEL else FLEET
        self.write_credentials(name, fleet, self.devices.file_of(name))
        self.devices.load(name)

    def write_credentials(self, name, fleet, file):
        """Registers the device, unless it was in an earlier telling."""
        if file.exists():
            return
        words = ["device", "register", fleet, "--name", name, "--json"]
        self.view.command(["muster", *words, ">", str(file)])
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.write_text(json.dumps(self.cli.json(*words[:-1])))

    # --- The device that is mostly away ---

    def bring_in_traveller(self):
        """Registers it in the fleet, or moves it back there. Returns its uuid."""
        self.write_credentials(Traveller.NAME, FLEET, self.traveller.file)
        uuid = self.traveller.uuid
        if self.cli.json("device", "show", uuid)["fleet"] != FLEET:
            self.muster("device", "move", uuid[:8], "--fleet", FLEET)
        return uuid

    def actions(self, uuid):
        """The device's actions, in the order they were asked for."""
        return sorted(self.cli.json("action", "list", "--device", uuid), key=lambda a: a["n"])

    def newest_action(self, uuid):
        return self.actions(uuid)[-1]

    def wait_known(self, uuid, action_id, state):
        """Waits until the server, too, has the action in that state."""
        wait_until(lambda: any(action["id"] == action_id and action["state"] == state
                               for action in self.actions(uuid)),
                   f"the server knows that action {action_id} has {state}")

    def connect(self, memory, on_event=None):
        self.devices.connect(self.binary, self.server.mqtt, memory, on_event)

    def wait_online(self):
        """Connected is what the devices say last, and the server has their births."""
        agent = self.devices.agent
        agent.wait(lambda: all(map(self.devices.is_connected, self.devices.uuids)),
                   "the devices are connected")
        wait_until(lambda: all(device["online"] for device in self.cli.json("device", "list")
                               if device["uuid"] in self.devices.names),
                   "the server sees the devices online")

    def newest_major(self):
        """0, or what the last telling of the story gave its releases."""
        semvers = [release["semver"] for release in self.cli.json("release", "list", FLEET)]
        return max((int(semver.split(".")[0]) for semver in semvers if semver), default=0)

    def version(self, minor):
        return f"{self.major}.{minor}.0"

    def release(self, semver, *options, fleet=FLEET):
        commit = secrets.token_hex(20)
        if fleet == FLEET:
            self.commits[semver] = commit
        return self.muster("release", "create", fleet, "--commit", commit, "--semver", semver,
                           "--status", "success", *options)

    def track_again(self):
        """A telling that was broken off may have left pins behind."""
        if self.cli.json("fleet", "show", FLEET)["policy"] == "pinned":
            self.muster("fleet", "track-latest", FLEET)
        if self.cli.json("device", "show", self.short(CANARY))["policy"] == "pinned":
            self.muster("device", "track-fleet", self.short(CANARY))

    def short(self, name):
        return self.devices.uuids[name][:8]

    def all_at(self, semver):
        return {name: self.commits[semver] for name in NAMES}

    def wait(self, expected):
        """Waits until these devices got there, and shows all."""
        for name, commit in expected.items():
            is_pinned = name == CANARY and commit == self.commits.get(self.version(3))
            self.expected[name].append((commit, "pinned" if is_pinned else "tracking"))
        self.devices.wait_running(expected)
        self.table()

    def table(self):
        self.view.table(["device", "runs", "was told", "policy", ""], self.devices.rows())

    def sentinel_passes(self, sequence):
        """Whatever the server had to tell about the events up to `sequence` has been told when a
        later release, sent the same way, is there and the broker has confirmed all before it."""
        self.release(self.version(4), fleet=SENTINEL_FLEET)
        newest = self.cli.json("fleet", "show", SENTINEL_FLEET)["target_release"]
        self.devices.wait_running({SENTINEL: newest})
        wait_until(lambda: self.status()["broker"]["low_water"] >= sequence,
                   f"the broker has confirmed everything up to event {sequence}")

    # --- Before and after the crash ---

    def status(self):
        return self.cli.json("status")

    def all_reported(self):
        return all(device["running_release"] == device["target_release"]
                   for device in self.cli.json("device", "list")
                   if device["uuid"] in self.devices.names)

    def everything(self):
        """All that must survive, in the server's words; presence is not meant to."""
        volatile = {"online", "presence", "presence_since", "status", "progress", "flags",
                    "refused_connects"}
        devices = [{key: value for key, value in device.items() if key not in volatile}
                   for device in self.cli.json("device", "list")]
        return {
            "head": self.status()["log"]["head"],
            "organisations": self.cli.json("org", "list"),
            "users": self.cli.json("user", "list"),
            "fleets": self.cli.json("fleet", "list"),
            "releases": self.cli.json("release", "list", FLEET),
            "devices": devices,
            "targets": {device["uuid"]: self.target(device["uuid"]) for device in devices},
        }

    def target(self, uuid):
        request = urllib.request.Request(f"{self.server.url}/v1/devices/{uuid}/target",
                                         headers={"Authorization": f"Bearer {self.server.token}"})
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)

    def told(self):
        """{name: where it stands}, as the devices say."""
        return {name: {key: self.devices.told(name)[key]
                       for key in ("epoch", "seq", "commit", "policy")} for name in NAMES}

    def must_be_equal(self, what, expected, actual):
        if expected != actual:
            raise Failed(f"{what} should be\n  {expected}\nand is\n  {actual}")

    def sequence_goes_on(self, head):
        next_one = self.muster("device", "note", self.short(CANARY), f"still here after {head}")
        self.must_be_equal("the sequence of the next event", head + 1, next_one)

    def read_with_empty_memory(self, told):
        """Devices that know nothing connect: what the broker retains is all they get."""
        self.history_of = {name: self.devices.history(name) for name in NAMES}
        self.devices.stop()
        blank = self.data / "agent-with-empty-memory"
        shutil.rmtree(blank, ignore_errors=True)
        self.view.line("the same devices connect once more, with an empty memory:")
        self.connect(blank)
        self.devices.wait_running({name: each["commit"] for name, each in told.items()})
        self.must_be_equal("what is retained", told, self.told())
        self.table()
