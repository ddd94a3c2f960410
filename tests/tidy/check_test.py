"""The parts of tools/check that can be wrong without anyone noticing: what counts as changed, and
what the last line says."""

import subprocess
import tempfile
import unittest
from pathlib import Path

LIB = Path(__file__).resolve().parents[2] / "tools/lib"


def bash(script, folder):
    script = f'set -euo pipefail; lib="{LIB}"; . "$lib/say.sh"; {script}'
    return subprocess.run(["bash", "-c", script], cwd=folder, capture_output=True, text=True,
                          stdin=subprocess.DEVNULL)


class Folder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)


class ChangedSourcesTest(Folder):
    def setUp(self):
        super().setUp()
        self.git("init", "-q", "-b", "main")
        self.commit("a.cc", "b.cc", "b.h", "c.cc")

    def git(self, *arguments):
        subprocess.run(["git", "-c", "user.name=t", "-c", "user.email=t@t", *arguments],
                       cwd=self.root, check=True, capture_output=True)

    def commit(self, *names):
        for name in names:
            with (self.root / name).open("a") as file:
                file.write("//\n")
        self.git("add", ".")
        self.git("commit", "-q", "-m", "change")

    def changed(self):
        done = bash('. "$lib/changed_files.sh"; changed_sources', self.root)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.split()

    def test_the_first_commit_of_all_changes_everything(self):
        self.assertEqual(self.changed(), ["a.cc", "b.cc", "c.cc"])

    def test_on_the_main_line_it_is_the_last_commit(self):
        self.commit("a.cc")
        self.commit("c.cc")
        self.assertEqual(self.changed(), ["c.cc"])

    def test_on_a_branch_it_is_all_of_the_branch_and_what_is_not_committed(self):
        self.git("checkout", "-q", "-b", "topic")
        self.commit("a.cc")
        self.commit("new.cc")
        (self.root / "c.cc").write_text("int c;\n")
        self.assertEqual(self.changed(), ["a.cc", "c.cc", "new.cc"])

    def test_a_header_stands_for_its_source_and_a_deleted_file_for_nothing(self):
        self.commit("b.h")
        (self.root / "a.cc").unlink()
        self.assertEqual(self.changed(), ["b.cc"])


class SummaryTest(Folder):
    def run_steps(self, script):
        done = bash(f'. "$lib/steps.sh"; {script}; summary', self.root)
        return done.returncode, done.stdout.splitlines()

    def test_the_last_line_sums_the_tests_of_all_runs(self):
        (self.root / "1.xml").write_text('<testsuite tests="5" failures="1" skipped="1"/>')
        (self.root / "2.xml").write_text('<testsuite tests="2" failures="0" disabled="0"/>')
        code, said = self.run_steps("count_tests 1.xml; count_tests 2.xml")
        self.assertEqual((code, said[-1]), (0, "5 passed, 1 failed"))

    def test_a_step_that_fails_without_a_test_counts_as_a_failure_and_the_rest_runs(self):
        code, said = self.run_steps("step one false || true; step two true")
        self.assertEqual((code, said[-1]), (1, "0 passed, 1 failed"))
        self.assertTrue([line for line in said if line.startswith("one") and "FAILED" in line])
        self.assertTrue([line for line in said if line.startswith("two") and "ok" in line])


if __name__ == "__main__":
    unittest.main()
