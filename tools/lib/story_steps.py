"""The story of how a release travels from a pin to the devices, step by step. What counts is what
the devices themselves say; the server's word is only used to know that it had nothing more to say.
"""

import json
import re
import secrets
import shutil
import time
import urllib.request

from story_fleet import CANARY, FLEET, NAMES, SENTINEL, SENTINEL_FLEET, Devices
from story_view import duration, release_text
from story_world import Cli, Failed, Server, wait_until

FOLLOWERS = [name for name in NAMES if name != CANARY]


class Story:
    """One telling of the story in the folder `data`; told there before, it goes on from there."""

    def __init__(self, binary, data, http, mqtt_listen, view):
        self.binary = binary
        self.view = view
        self.data = data
        self.server = Server(binary, data / "server", http, mqtt_listen, ["--spread-s", "1"])
        self.devices = Devices(data / "devices")
        self.cli = None
        self.commits = {}
        self.expected = {name: [] for name in NAMES}
        self.history_of = {}
        self.results = []
        self._started = time.monotonic()
        self._major = 1

    def steps(self):
        return [
            ("A server, a fleet, five devices", self.begin),
            ("Two releases; the devices track the fleet, the fleet tracks the latest",
             self.two_releases),
            ("A new release reaches all of them", self.new_release_reaches_all),
            ("One device is pinned: a canary tries a draft", self.canary),
            ("The fleet is pinned; the canary keeps its own pin", self.pin_fleet),
            ("A new release reaches nobody", self.new_release_reaches_nobody),
            ("The fleet tracks again and gets the newest", self.track_latest),
            ("The canary follows the fleet again", self.canary_follows),
            ("The server is killed (kill -9) and comes back: nothing is lost", self.crash),
            ("What each device was told, from first to last", self.look_back),
        ]

    def tell(self):
        """Plays all steps. The first that fails ends the story with Failed."""
        steps = self.steps()
        for number, (title, step) in enumerate(steps, 1):
            self.view.heading(f"{number}/{len(steps)}  {title}")
            self._started = time.monotonic()
            seen = step()
            self.seen(title, seen)

    def seen(self, title, text):
        took = time.monotonic() - self._started
        self.view.seen(text, took)
        self.results.append([title, "ok", duration(took)])

    def stop(self):
        self.devices.stop()
        self.server.stop()

    # --- The steps; each returns what was seen ---

    def begin(self):
        self.view.command(["muster", *self.server.command()])
        self.server.start()
        self.cli = Cli(self.binary, self.server.url, self.server.token, self.data)
        self.view.line(f"ready http={self.server.http} mqtt={self.server.mqtt}")
        self.create_what_is_missing()
        for name in [*NAMES, SENTINEL]:
            self.register(name)
        self.view.command(["muster", "agent", "run", "--dir", str(self.memory), "--mqtt",
                           self.server.mqtt, "--device", f"{self.devices.folder}/*.json"])
        self.connect(self.memory)
        self.wait_online()
        return "all five are connected"

    def two_releases(self):
        self._major = 1 + self.newest_major()
        first, second = self.version(0), self.version(1)
        self.release(first)
        self.release(second)
        self.track_again()
        self.devices.wait_running(self.all_at(second))
        self.table()
        self.devices.mark()
        return f"all run {second}, whose build was started last"

    def new_release_reaches_all(self):
        newest = self.version(2)
        self.release(newest)
        self.wait(self.all_at(newest))
        return f"all run {newest}"

    def canary(self):
        draft = self.version(3)
        self.release(draft, "--draft")
        self.muster("device", "pin", self.short(CANARY), self.commits[draft][:7])
        self.wait({CANARY: self.commits[draft]})
        return f"only the canary, {CANARY}, runs the draft {draft}"

    def pin_fleet(self):
        held = self.version(0)
        self.muster("fleet", "pin", FLEET, self.commits[held][:7])
        self.wait({name: self.commits[held] for name in FOLLOWERS})
        return f"the four that follow run {held}, the canary was told nothing"

    def new_release_reaches_nobody(self):
        before = {name: len(self.devices.history(name)) for name in NAMES}
        newest = self.version(4)
        sequence = self.release(newest)
        self.sentinel_passes(sequence)
        self.table()
        for name in NAMES:
            if len(self.devices.history(name)) != before[name]:
                raise Failed(f"{name} was told {release_text(self.devices.told(name))}, but the "
                             "fleet is pinned")
        return f"nobody was told of {newest}; a release made after it for {SENTINEL} has arrived"

    def track_latest(self):
        newest = self.version(4)
        self.muster("fleet", "track-latest", FLEET)
        self.wait({name: self.commits[newest] for name in FOLLOWERS})
        return f"the four that follow run {newest}, the canary stays where it is"

    def canary_follows(self):
        newest = self.version(4)
        self.muster("device", "track-fleet", self.short(CANARY))
        self.wait({CANARY: self.commits[newest]})
        return f"all run {newest}"

    def crash(self):
        wait_until(self.all_reported, "the server knows what the devices run")
        before, told = self.everything(), self.told()
        self.view.line(f"kill -9 {self.server.child.pid}   (at event {before['head']})")
        self.server.kill()
        self.devices.agent.wait(
            lambda: all(self.devices.runs(name)["event"] == "lost" for name in NAMES),
            "the devices notice that the broker is gone, too")
        self.view.command(["muster", *self.server.command()])
        self.server.start()
        self.wait_online()
        self.must_be_equal("what the server knows", before, self.everything())
        self.sequence_goes_on(before["head"])
        self.read_with_empty_memory(told)
        return ("every entity, target and retained message is as before, the sequence goes on "
                f"at {before['head'] + 1}")

    def look_back(self):
        rows = []
        for name in NAMES:
            history = self.history_of[name]
            rows.append([name, " → ".join(f"{event['semver']}" for event in history)])
            told = [(event["commit"], event["policy"]) for event in history]
            self.must_be_equal(f"what {name} was told", self.expected[name], told)
            positions = [(event["epoch"], event["seq"]) for event in history]
            self.must_be_equal(f"the order of {name}'s targets", sorted(set(positions)), positions)
        self.view.table(["device", "was told"], rows)
        return "just that, nothing else, nothing twice, never an older one after a newer"

    # --- What the steps are made of ---

    @property
    def memory(self):
        return self.data / "agent"

    def muster(self, *words):
        """Runs a command as a user does, and shows it. Returns the sequence it answers."""
        self.view.command(["muster", *words])
        self._started = time.monotonic()
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
        file = self.devices.file_of(name)
        fleet = SENTINEL_FLEET if name == SENTINEL else FLEET
        if not file.exists():
            words = ["device", "register", fleet, "--name", name, "--json"]
            self.view.command(["muster", *words, ">", str(file)])
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            file.write_text(json.dumps(self.cli.json(*words[:-1])))
        self.devices.load(name)

    def connect(self, memory, on_event=None):
        self.devices.connect(self.binary, self.server.mqtt, memory, on_event)

    def wait_online(self):
        """Connected is what the devices say last, and the server has their births."""
        agent = self.devices.agent
        agent.wait(lambda: all(self.devices.runs(name) and self.devices.runs(name)["event"] != "lost"
                               for name in self.devices.uuids), "the devices are connected")
        wait_until(lambda: all(device["online"] for device in self.cli.json("device", "list")
                               if device["uuid"] in self.devices.names),
                   "the server sees the devices online")

    def newest_major(self):
        """0, or what the last telling of the story gave its releases."""
        semvers = [release["semver"] for release in self.cli.json("release", "list", FLEET)]
        return max((int(semver.split(".")[0]) for semver in semvers if semver), default=0)

    def version(self, minor):
        return f"{self._major}.{minor}.0"

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
                   for device in self.cli.json("device", "list"))

    def everything(self):
        """All that must survive, in the server's words; presence is not meant to."""
        volatile = {"online", "presence", "presence_since", "status", "progress", "flags"}
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
