"""The tables of rules name tests that exist: each text in backquotes in their last column is the
name of a test case or of a test function somewhere under tests/."""

import re
import unittest
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
TABLES = [TESTS / "rules.md"]


def names_in_tests():
    """Names of test cases as they read, string literals joined, and of Python's test functions."""
    names = set()
    for path in TESTS.rglob("*.cc"):
        text = re.sub(r'"\s*\n\s*"', "", path.read_text())
        names.update(re.findall(r'TEST_CASE(?:_FIXTURE)?\(\s*(?:\w+,\s*)?"([^"]+)"', text))
        names.update(re.findall(r'rc::check\(\s*"([^"]+)"', text))
    for path in TESTS.rglob("*_test.py"):
        names.update(re.findall(r"def (test_\w+)\(", path.read_text()))
    return names


def rows_of(table):
    """(number, names of tests) of each row."""
    for line in table.read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 3 and re.fullmatch(r"[PA]\d+", cells[0]):
            yield cells[0], re.findall(r"`([^`]+)`", cells[2])


class RuleTableTest(unittest.TestCase):
    def test_every_rule_names_tests_that_exist(self):
        known = names_in_tests()
        for table in TABLES:
            for number, names in rows_of(table):
                self.assertTrue(names, f"{number} names no test")
                for name in names:
                    self.assertIn(name, known, f"{table.name}, {number}")

    def test_the_rules_are_numbered_one_by_one(self):
        for table in TABLES:
            numbers = [number for number, _ in rows_of(table)]
            for letter in ("P", "A"):
                own = [int(number[1:]) for number in numbers if number[0] == letter]
                self.assertEqual(own, list(range(1, len(own) + 1)))
                self.assertTrue(own)


if __name__ == "__main__":
    unittest.main()
