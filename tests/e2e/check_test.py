"""`muster agent check` with devices that keep to the contract, and with some that break a rule."""

import json
import os
import subprocess
import sys
import unittest
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

from muster_world import Case, binary  # noqa: E402

HERE = Path(__file__).resolve().parent
# Quicker than for a person's device, and yet patient enough for a busy machine.
QUICK = ("--step-s", "6", "--wait-s", "30", "--reconnect-s", "10", "--quiet-ms", "700",
         "--spread-s", "1")

# What is broken, and the rules that fail for it: all of them, for one may lead to another.
BROKEN = {
    "client-id": {"1a"},
    "no-will": {"1b", "1d"},
    "retained-will": {"1b"},
    "qos0-subscription": {"1c"},
    "birth-session": {"1d", "8"},
    "same": {"2b"},
    "older": {"2c"},
    "empty": {"2e"},
    "no-release": {"3b"},
    "after-action": {"3c"},
    "instance": {"5a"},
    "chatty": {"5b"},
    "local-mode": {"6"},
    "strict": {"7b"},
    "session": {"8"},
    "reconnect": {"8"},
    "qos0": {"9a"},
    "retained": {"9a"},
    "no-start": {"10b"},
    "again": {"10c", "10e", "11a", "11b"},
    "past": {"10d"},
    "by-number": {"10d"},
    "forgets": {"10e"},
    "early-cancel": {"11a", "11b"},
    "late-cancel": {"11b", "10e"},
    "any-kind": {"11c"},
    "quiet-acks": {"5a"},
    "no-end": {"10a", "11c"},
}
# Here the rest of the conversation suffers: this one fails, others may.
BROKEN_ALL_OVER = {"epoch": "2d", "crash": "7a", "odd-state": "9b"}


def check(command, *options, **variables):
    """The exit code, and the verdict for each rule."""
    ran = subprocess.run([binary(), "agent", "check", "--json", "--exec", command,
                          *(options or QUICK)], capture_output=True, text=True, timeout=300,
                         env={**os.environ, **variables})
    if not ran.stdout:
        raise AssertionError(f"{ran.returncode}: {ran.stderr}")
    report = json.loads(ran.stdout)
    verdicts = {rule["number"]: rule["verdict"] for rule in report["rules"]}
    seen = {rule["number"]: rule["seen"] for rule in report["rules"] if rule["verdict"] == "fail"}
    return ran.returncode, verdicts, seen


def check_script(broken="", version="4"):
    return check(f"exec node {HERE / 'contract_device.js'}", BREAK=broken, MQTT_VERSION=version)


def side_by_side(checks):
    """What each of them says, in their order: a check waits more than it works."""
    with ThreadPoolExecutor(14) as pool:
        return list(pool.map(lambda each: each(), checks))


def failed(verdicts):
    return {number for number, verdict in verdicts.items() if verdict == "fail"}


class CheckTest(Case):
    def assert_all_kept(self, outcome):
        code, verdicts, seen = outcome
        self.assertEqual((code, seen), (0, {}))
        self.assertEqual({n for n, v in verdicts.items() if v == "skip"}, {"4", "12"})
        self.assertEqual(len(verdicts), 30)

    def test_our_own_agent_keeps_every_rule_in_both_forms(self):
        encodings = ("json", "flatbuffers")
        commands = [f'exec {binary()} agent run --dir {self.world.folder / encoding} '
                    f'--encoding {encoding} --mqtt "$MUSTER_MQTT_HOST:$MUSTER_MQTT_PORT" '
                    '--device "$MUSTER_DEVICE_FILE" --step-ms 20' for encoding in encodings]
        outcomes = side_by_side([partial(check, command) for command in commands])
        for encoding, outcome in zip(encodings, outcomes):
            with self.subTest(encoding=encoding):
                self.assert_all_kept(outcome)

    def test_a_foreign_device_keeps_every_rule_in_both_versions_of_mqtt(self):
        versions = ("4", "5")
        outcomes = side_by_side([partial(check_script, version=each) for each in versions])
        for version, outcome in zip(versions, outcomes):
            with self.subTest(version=version):
                self.assert_all_kept(outcome)

    def test_a_device_that_breaks_one_rule_fails_on_that_one(self):
        outcomes = side_by_side([partial(check_script, what) for what in BROKEN])
        for (what, rules), (code, verdicts, seen) in zip(BROKEN.items(), outcomes):
            with self.subTest(broken=what, seen=seen):
                self.assertEqual(code, 1)
                self.assertEqual(failed(verdicts), rules)

    def test_what_spoils_the_conversation_fails_where_it_begins(self):
        outcomes = side_by_side([partial(check_script, what) for what in BROKEN_ALL_OVER])
        for (what, rule), (code, verdicts, seen) in zip(BROKEN_ALL_OVER.items(), outcomes):
            with self.subTest(broken=what, seen=seen):
                self.assertEqual(code, 1)
                self.assertIn(rule, failed(verdicts))

    def test_a_device_that_does_not_come_is_said_so(self):
        code, verdicts, seen = check("exec sleep 60", "--wait-s", "1")
        self.assertEqual(code, 1)
        self.assertEqual(seen, {"1a": "it did not connect"})
        self.assertEqual(set(verdicts.values()), {"fail", "skip"})


if __name__ == "__main__":
    unittest.main()
