"""A device of its own for the part of the story about actions: mostly it is away."""

import json

from story_world import Agent, Failed

ENDED = ("succeeded", "failed", "rejected", "expired", "cancelled")


class Traveller:
    """One device with an agent of its own, which runs only while the device is there."""

    NAME = "traveller"

    def __init__(self, folder):
        self.file = folder / f"{self.NAME}.json"
        self.memory = folder / f"{self.NAME}-memory"
        self.agent = None

    @property
    def uuid(self):
        return json.loads(self.file.read_text())["uuid"]

    def arrives(self, binary, mqtt):
        self.agent = Agent(binary, mqtt, self.memory, [self.file])

    def leaves(self):
        if self.agent:
            self.agent.stop()
            self.agent = None

    def did(self, action_id=None):
        """What it says of its actions since it arrived, or of one of them."""
        return [event for event in self.agent.of(self.uuid, "action")
                if action_id in (None, event["id"])]

    def wait_done(self, action_id):
        """Waits until it says that the action has ended; Failed if not well."""
        def ended():
            return any(event["state"] in ENDED for event in self.did(action_id))
        self.agent.wait(ended, f"{self.NAME} has done action {action_id}")
        states = [event["state"] for event in self.did(action_id)]
        if states.count("started") != 1 or states[-1] != "succeeded":
            raise Failed(f"{self.NAME} says of action {action_id}: {', '.join(states)}")

    def wait_running(self, commit):
        def runs():
            said = self.agent.last(self.uuid, "running")
            return said is not None and said["commit"] == commit
        self.agent.wait(runs, f"{self.NAME} runs {commit[:7]}")

    def wait_told(self, commit):
        def told():
            said = self.agent.last(self.uuid, "target")
            return said is not None and said["commit"] == commit
        self.agent.wait(told, f"{self.NAME} is told of {commit[:7]}")
