"""Five devices of one fleet and a sentinel in a fleet of its own, as the story uses them: they are
registered once and kept in files, and one agent process is all of them."""

import json

from story_view import release_text
from story_world import Agent

FLEET = "acme/thermo"
SENTINEL_FLEET = "acme/sentinel"
NAMES = ["kitchen", "bathroom", "hallway", "attic", "cellar"]
CANARY = "kitchen"
SENTINEL = "sentinel"


class Devices:
    """The devices, and what they themselves say they were told and run."""

    def __init__(self, folder):
        self.folder = folder
        self.uuids = {}
        self.names = {}
        self.agent = None
        self._shown = {}
        self._mark = 0

    def file_of(self, name):
        return self.folder / f"{name}.json"

    def load(self, name):
        """Reads who `name` is from what `muster device register --json` printed."""
        uuid = json.loads(self.file_of(name).read_text())["uuid"]
        self.uuids[name] = uuid
        self.names[uuid] = name

    def connect(self, binary, mqtt, memory, on_event=None):
        """Lets them run, with what they know kept in the folder `memory`."""
        files = [self.file_of(name) for name in self.uuids]
        self.agent = Agent(binary, mqtt, memory, files, on_event)

    def told(self, name):
        """The last target it got, as it says; None if it got none since it was started."""
        return self.agent.last(self.uuids[name], "target")

    def runs(self, name):
        """The event that says what it runs."""
        said = [event for event in self.agent.of(self.uuids[name])
                if event["event"] in ("running", "connected", "lost")]
        return said[-1] if said else None

    def is_connected(self, name):
        said = self.runs(name)
        return said is not None and said["event"] != "lost"

    def is_running(self, name, commit):
        return self.is_connected(name) and self.runs(name)["commit"] == commit

    def wait_running(self, expected):
        """Waits until every device in `expected`, {name: commit}, runs and was told just that."""
        def arrived():
            return all(self.is_running(name, commit) and self.told(name)
                       and self.told(name)["commit"] == commit
                       for name, commit in expected.items())
        wanted = ", ".join(f"{name} {commit[:7]}" for name, commit in expected.items())
        self.agent.wait(arrived, f"the devices run {wanted}")

    def mark(self):
        """From here on `history` counts."""
        self._mark = len(self.agent.events)

    def history(self, name):
        """Every target it was told since the mark, from first to last."""
        return self.agent.of(self.uuids[name], "target", since=self._mark)

    def rows(self):
        """A table: what each says; `*` marks what is new since the last table."""
        rows = []
        for name in NAMES:
            told = self.told(name)
            cells = [release_text(self.runs(name)), release_text(told),
                     told["policy"] if told else "-"]
            mark = "*" if self._shown.get(name, cells) != cells else ""
            self._shown[name] = cells
            rows.append([name, *cells, mark])
        return rows

    def stop(self):
        if self.agent:
            self.agent.stop()
