"""The story of how a release travels from a pin to the devices, step by step. What counts is what
the devices themselves say; the server's word is only used to know that it had nothing more to say.
"""

from story_fleet import CANARY, FLEET, NAMES, SENTINEL, SENTINEL_FLEET
from story_stage import Stage
from story_view import duration, release_text
from story_world import Failed, wait_until

FOLLOWERS = [name for name in NAMES if name != CANARY]


class Story(Stage):
    """One telling of the story in the folder `data`; told there before, it goes on from there."""

    def __init__(self, *stage):
        super().__init__(*stage)
        self.results = []

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
            ("A device that is away is told to reboot; it does so once, when it comes",
             self.reboot_the_absent),
            ("It moves to another fleet, and is told at once", self.move),
            ("What each device was told, from first to last", self.look_back),
        ]

    def tell(self):
        """Plays all steps. The first that fails ends the story with Failed."""
        steps = self.steps()
        for number, (title, step) in enumerate(steps, 1):
            self.view.heading(f"{number}/{len(steps)}  {title}")
            self.start_clock()
            self.results.append([title, "FAILED", ""])
            seen = step()
            self.view.seen(seen, self.took_s())
            self.results[-1] = [title, "ok", duration(self.took_s())]

    def steps_seen(self):
        return sum(outcome == "ok" for _, outcome, _ in self.results)

    def is_whole(self):
        return self.steps_seen() == len(self.steps())

    # --- The steps; each returns what was seen ---

    def begin(self):
        self.start_server()
        self.create_what_is_missing()
        for name in [*NAMES, SENTINEL]:
            self.register(name)
        self.view.command(["muster", "agent", "run", "--dir", str(self.memory), "--mqtt",
                           self.server.mqtt, "--device", f"{self.devices.folder}/*.json"])
        self.connect(self.memory)
        self.wait_online()
        return "all five are connected"

    def two_releases(self):
        self.major = 1 + self.newest_major()
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
            lambda: not any(map(self.devices.is_connected, NAMES)),
            "the devices notice that the broker is gone, too")
        self.start_server()
        self.wait_online()
        self.must_be_equal("what the server knows", before, self.everything())
        self.sequence_goes_on(before["head"])
        self.read_with_empty_memory(told)
        return ("every entity, target and retained message is as before, the sequence goes on "
                f"at {before['head'] + 1}")

    def reboot_the_absent(self):
        uuid = self.bring_in_traveller()
        self.muster("device", "reboot", uuid[:8], "--reason", "it looks stuck")
        reboot = self.newest_action(uuid)
        self.must_be_equal("the state of the reboot", "queued", reboot["state"])
        self.traveller.arrives(self.binary, self.server.mqtt)
        self.traveller.wait_done(reboot["id"])
        self.wait_known(uuid, reboot["id"], "succeeded")
        self.muster("action", "show", reboot["id"])
        self.muster("device", "blink", uuid[:8])
        blink = self.newest_action(uuid)
        self.traveller.wait_done(blink["id"])
        done = [event["kind"] for event in self.traveller.did() if event["state"] == "succeeded"]
        self.must_be_equal("what the device did last", ["reboot", "blink"], done[-2:])
        self.must_be_equal("how often it rebooted", 1, done.count("reboot"))
        return "it rebooted when it came, once; the next action found nothing left to do before it"

    def move(self):
        uuid = self.traveller.uuid
        target = self.cli.json("fleet", "show", SENTINEL_FLEET)["target_release"]
        self.muster("device", "move", uuid[:8], "--fleet", SENTINEL_FLEET)
        self.traveller.wait_told(target)
        told_after = self.took_s()
        self.traveller.wait_running(target)
        self.traveller.leaves()
        return (f"it was told after {duration(told_after)}, emptied its volumes and runs the "
                "release of its new fleet")

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
