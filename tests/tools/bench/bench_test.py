"""`muster bench` with tiny numbers: it runs, says what it measured, and leaves nothing."""

import json
import os
import signal
import subprocess
import tempfile
import time
import unittest

MUSTER = os.environ["MUSTER_BIN"]
LATENCY = {"count", "p50", "p99", "max"}


class BenchTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def command(self, *words):
        return [MUSTER, "bench", *words, "--dir", self.folder.name]

    def run_bench(self, *words):
        ran = subprocess.run(self.command(*words), capture_output=True, text=True, timeout=60)
        self.assertEqual(os.listdir(self.folder.name), [], "something was left behind")
        return ran

    def measured(self, *words):
        ran = self.run_bench(*words, "--json")
        self.assertEqual(ran.returncode, 0, ran.stderr)
        return json.loads(ran.stdout)

    def test_append_says_rates_ratio_and_where_the_time_goes(self):
        found = self.measured("append", "--batch", "1", "7", "--batches", "4", "--rounds", "2",
                              "--devices", "3", "--idempotency-keys")
        self.assertEqual(found["benchmark"], "append")
        self.assertEqual([row["batch_size"] for row in found["results"]], [1, 7])
        for row in found["results"]:
            for field in ("engine_per_s", "raw_per_s", "ratio", "ratio_min", "ratio_max",
                          "folded_per_s", "record_bytes", "batch_mean"):
                self.assertGreater(row[field], 0, field)
            self.assertEqual(set(row["cost_us_per_event"]),
                             {"deciding", "encoding", "appending", "answering", "other"})
            self.assertEqual(set(row["sync_us"]), LATENCY)
            self.assertEqual(row["sync_us"]["count"], 8)

    def test_append_says_what_the_tree_costs(self):
        found = self.measured("append", "--batch", "5", "--batches", "4", "--rounds", "1",
                              "--devices", "3")
        self.assertEqual(found["tree_share_wanted"], 0.15)
        for field in ("tree_us_per_event", "tree_share"):
            self.assertIsInstance(found["results"][0][field], float)

    def test_verify_says_rates_and_ratio(self):
        found = self.measured("verify", "--events", "1000", "--rounds", "2", "--threads", "2")
        self.assertEqual((found["benchmark"], found["threads"]), ("verify", 2))
        self.assertGreater(found["events"], 2000)
        for field in ("bare_per_s", "record_bytes"):
            self.assertGreater(found[field], 0, field)
        self.assertEqual([row["source"] for row in found["results"]],
                         ["data folder", "export in tiles"])
        for row in found["results"]:
            for field in ("tree_per_s", "replay_per_s", "ratio", "ratio_min", "ratio_max"):
                self.assertGreater(row[field], 0, field)

    def test_past_says_how_long_each_question_takes(self):
        found = self.measured("past", "--devices", "5", "--events", "300", "--back", "50",
                              "--requests", "3")
        self.assertEqual((found["benchmark"], found["events"]), ("past", 300))
        self.assertEqual(len(found["results"]), 7)
        for row in found["results"]:
            self.assertEqual(set(row["answer_us"]), LATENCY)
            self.assertGreater(row["answer_us"]["p50"], 0)
        self.assertIn("wanted p50", self.run_bench("past", "--devices", "5", "--events", "300",
                                                   "--back", "50", "--requests", "1").stdout)

    def test_rebuild_says_rates_ratios_and_how_long_pins_took(self):
        found = self.measured("rebuild", "--devices", "5", "--events", "400", "--rounds", "2",
                              "--threads", "2", "--rate", "200")
        self.assertEqual((found["benchmark"], found["threads"]), ("rebuild", 2))
        self.assertGreaterEqual(found["events"], 400)
        self.assertGreater(found["raw_per_s"], 0)
        self.assertEqual([row["projection"] for row in found["results"]], ["registry", "history"])
        for row in found["results"]:
            for field in ("rows", "folded_per_s", "rebuilt_per_s", "ratio", "ratio_wanted"):
                self.assertGreater(row[field], 0, field)
        for field in ("pin_quiet_us", "pin_us"):
            self.assertEqual(set(found[field]), LATENCY, field)

    def test_append_prints_a_table(self):
        ran = self.run_bench("append", "--batch", "2", "--batches", "2", "--rounds", "1",
                             "--devices", "2")
        self.assertEqual(ran.returncode, 0, ran.stderr)
        self.assertIn("engine/s", ran.stdout)
        self.assertEqual(ran.stderr, "")

    def test_bulk_says_the_rates_and_their_ratio(self):
        found = self.measured("bulk", "--pins", "50", "--rounds", "2", "--devices", "7",
                              "--idempotency-keys")
        self.assertEqual((found["benchmark"], found["pins_per_round"]), ("bulk", 50))
        for field in ("http_per_s", "http_per_s_min", "engine_per_s", "ratio", "ratio_min",
                      "ratio_max"):
            self.assertGreater(found[field], 0, field)

    def test_connect_says_how_fast_devices_come_in(self):
        found = self.measured("connect", "--devices", "30", "--at-once", "7", "--rounds", "2")
        self.assertEqual(found["benchmark"], "connect")
        self.assertEqual((found["devices"], found["at_once"], found["rounds"]), (30, 7, 2))
        for field in ("first_per_s", "known_per_s", "plain_per_s", "known_to_plain",
                      "known_to_plain_min", "known_to_plain_max"):
            self.assertGreater(found[field], 0, field)
        self.assertIn("wanted", self.run_bench("connect", "--devices", "5", "--rounds", "1").stdout)
        self.assertEqual(self.run_bench("connect", "--devices", "0").returncode, 2)

    def test_pin_says_how_long_the_answer_and_the_device_took(self):
        found = self.measured("pin", "--pins", "6", "--rounds", "2", "--devices", "2",
                              "--rate", "200")
        self.assertEqual(found["benchmark"], "pin")
        for field in ("sync_us", "http_us", "to_device_us", "bare_us"):
            self.assertEqual(set(found[field]), LATENCY, field)
            self.assertEqual(found[field]["count"], 12, field)
            self.assertGreater(found[field]["p50"], 0, field)
        self.assertEqual(found["http_beyond_sync_p50_us"],
                         found["http_us"]["p50"] - found["sync_us"]["p50"])

    def test_scale_says_memory_starts_and_latencies_of_each_size(self):
        found = self.measured("scale", "--devices", "3", "40", "--pins", "5", "--fleet-pins", "2")
        self.assertEqual(found["benchmark"], "scale")
        self.assertEqual([row["devices"] for row in found["results"]], [3, 40])
        for row in found["results"]:
            for field in ("resident_bytes", "start_us", "start_killed_us"):
                self.assertGreater(row[field], 0, field)
            for field, count in (("pin_us", 5), ("fleet_pin_us", 2), ("list_us", 50)):
                self.assertEqual(set(row[field]), LATENCY, field)
                self.assertEqual(row[field]["count"], count, field)

    def test_wave_says_how_fast_both_were_and_how_long_pins_took(self):
        found = self.measured("wave", "--devices", "40", "--rounds", "2", "--rate", "100")
        self.assertEqual((found["benchmark"], found["devices"]), ("wave", 40))
        self.assertEqual(len(found["rounds"]), 2)
        for row in found["rounds"]:
            for field in ("bare_per_s", "wave_per_s", "ratio", "among_per_s"):
                self.assertGreater(row[field], 0, field)
        self.assertGreater(found["payload_bytes"], 100)
        self.assertEqual(found["answer_us"]["count"], 4)
        self.assertGreater(found["singles_us"]["count"], 0)

    def test_actions_says_how_long_they_took_to_devices_and_a_fleet(self):
        found = self.measured("actions", "--devices", "40", "--actions", "5", "--rounds", "2",
                              "--rate", "100")
        self.assertEqual((found["benchmark"], found["devices"]), ("actions", 40))
        for field, count in (("online_us", 5), ("returning_us", 5), ("answer_us", 2)):
            self.assertEqual(set(found[field]), LATENCY, field)
            self.assertEqual(found[field]["count"], count, field)
        self.assertGreater(found["pins_us"]["count"], 0)
        self.assertEqual(len(found["over_per_s"]), 2)

    def test_lists_says_how_long_the_first_page_of_each_took(self):
        found = self.measured("lists", "--devices", "200", "--requests", "2")
        self.assertEqual((found["benchmark"], found["devices"]), ("lists", 200))
        totals = {row["list"]: row["devices"] for row in found["results"]}
        for row in found["results"]:
            self.assertEqual(set(row["first_page_us"]), LATENCY)
            self.assertEqual(row["first_page_us"]["count"], 2)
        self.assertEqual(totals["(all), by name"], 200)
        self.assertEqual(totals["fleet = bench/medium"], 30)
        self.assertEqual(totals["policy = pinned, by name"], 4)
        self.assertEqual(totals["tag.site = nowhere"], 0)

    def test_numbers_out_of_bounds_are_refused_by_name(self):
        for words, complaint in ((("append", "--batch", "0"), "batch size 0"),
                                 (("append", "--batch", "1001"), "batch size 1001"),
                                 (("append", "--batches", "99999999"), "99999999 batches"),
                                 (("append", "--rounds", "0"), "0 rounds"),
                                 (("append", "--devices", "0"), "0 devices"),
                                 (("scale", "--devices", "0"), "0 devices"),
                                 (("scale", "--fleet-pins", "0"), "0 fleet pins"),
                                 (("wave", "--devices", "0"), "0 devices"),
                                 (("actions", "--devices", "10"), "10 devices"),
                                 (("pin", "--devices", "0"), "0 devices"),
                                 (("lists", "--devices", "0"), "0 devices"),
                                 (("lists", "--requests", "0"), "0 requests"),
                                 (("pin", "--pins", "0"), "0 pins"),
                                 (("pin", "--rate", "9999"), "9999 pins a second")):
            ran = self.run_bench(*words)
            self.assertEqual(ran.returncode, 2, words)
            self.assertIn(complaint, ran.stderr)

    def test_a_folder_or_a_program_that_is_not_there_is_named(self):
        ran = subprocess.run([MUSTER, "bench", "append", "--dir", "/nonexistent"],
                             capture_output=True, text=True, timeout=60)
        self.assertEqual(ran.returncode, 2)
        self.assertIn("/nonexistent", ran.stderr)
        ran = self.run_bench("pin", "--server", "/nonexistent/muster")
        self.assertEqual(ran.returncode, 1)
        self.assertIn("/nonexistent/muster", ran.stderr)

    def test_an_interrupted_run_cleans_up(self):
        running = subprocess.Popen(self.command("pin", "--pins", "1000", "--rate", "1"),
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        deadline = time.monotonic() + 30
        while not os.listdir(self.folder.name) and time.monotonic() < deadline:
            time.sleep(0.02)
        time.sleep(1)
        running.send_signal(signal.SIGINT)
        out, complaints = running.communicate(timeout=30)
        self.assertEqual(running.returncode, 1, out)
        self.assertIn("interrupted", complaints)
        self.assertEqual(os.listdir(self.folder.name), [])


if __name__ == "__main__":
    unittest.main()
