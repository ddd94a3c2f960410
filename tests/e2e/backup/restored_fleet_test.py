"""A fleet over a restore: its devices and its broker live on, and know more than the restored
log does."""

import json
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))

from backup_support import BackupCase  # noqa: E402
from muster_world import Broker, wait_until  # noqa: E402

MARKER = "muster/v1/sys/marker"


class OutlivingBrokerTest(BackupCase):
    def more_options(self):
        self.broker = self.world.keep(Broker(self.world.folder / "broker").start())
        return "--mqtt", f"mqtt://{self.broker.address}"

    def retained(self):
        """{uuid: target} of what is at the broker; the marker comes behind them."""
        subscriber = self.world.subscribe(options=("-t", MARKER))
        subscriber.wait(lambda m: m["topic"] == MARKER, "the marker")
        subscriber.stop()
        return {message["topic"].split("/")[3]: json.loads(message["payload"])
                for message in subscriber.messages if message["topic"] != MARKER}

    def test_its_targets_are_those_of_the_restored_log(self):
        self.world.fleet()
        known = self.world.register()["uuid"]
        first, second = self.world.release(), self.world.release()
        self.world.http.post(f"/v1/devices/{known}/pin", {"release": first})
        self.world.cli.json("backup", "create")
        self.world.http.post(f"/v1/devices/{known}/pin", {"release": second})
        unknown = self.world.register()["uuid"]
        self.world.wait_told()
        self.assertIn(unknown, self.retained())
        self.lose_server()
        report = self.restore()
        self.start()
        self.world.wait_told()

        status = self.http().get("/v1/status")["broker"]
        self.assertFalse(status["alarm"], status)
        target = self.retained()[known]
        self.assertEqual((target["epoch"], target["release"]["commit"]), (report["epoch"], first))
        # What the restored log never heard of goes with the next reconciliation.
        wait_until(lambda: self.http().send("POST", "/v1/broker/reconcile").status == 200,
                   "it is reconciled, once that of the start is over")
        self.assertEqual(list(self.retained()), [known])


class ActionsTest(BackupCase):
    def state(self, device):
        return self.world.cli.json("action", "list", "--device", device)[0]["state"]

    def test_what_was_done_is_not_done_again_and_what_was_queued_is(self):
        self.world.fleet()
        busy, away = self.world.register(), self.world.register()
        for device in (busy, away):
            self.world.cli.json("device", "restart", device["uuid"])
        before = self.world.http.get("/v1/status")["log"]["epoch"]
        self.world.cli.json("backup", "create")
        agent = self.world.agent([busy])
        wait_until(lambda: self.state(busy["uuid"]) == "succeeded", "the one action is done")
        self.lose_server()
        self.restore()
        self.assertEqual(agent.stop(), 0)
        self.start()
        self.assertEqual(self.state(busy["uuid"]), "queued")

        heard = self.world.subscribe("muster/v1/d/+/action")
        both = self.world.agent([busy, away])
        for device in (busy, away):
            wait_until(lambda d=device: self.state(d["uuid"]) == "succeeded", "it is done", 60)
        for message in heard.messages:
            self.assertEqual(json.loads(message["payload"])["epoch"], before)
        self.assertEqual(self.begun(agent, busy) + self.begun(both, busy), 1)
        self.assertEqual(self.begun(both, away), 1)

    @staticmethod
    def begun(agent, device):
        return sum(each.get("state") == "started" for each in agent.of(device["uuid"], "action"))


if __name__ == "__main__":
    unittest.main()
