"""Plants one violation of each kind and sees it reported, with its line and its way out."""

import subprocess
import tempfile
import unittest
from pathlib import Path

import cpp_source
import tidy


def findings(path, text, exists=lambda _: False):
    return tidy.check_file(path, text, exists)


class Reported(unittest.TestCase):
    """assert_reported(path, text, line, words): exactly one finding, there, with these words."""

    def assert_reported(self, path, text, line, words, exists=lambda _: False):
        found = findings(path, text, exists)
        self.assertEqual(len(found), 1, found)
        self.assertTrue(found[0].startswith(f"{path}:{line}: "), found[0])
        self.assertIn(words, found[0])

    def assert_clean(self, path, text, exists=lambda _: False):
        self.assertEqual(findings(path, text, exists), [])


class LayerTest(Reported):
    def test_an_arrow_that_points_up_is_reported(self):
        for path, include in [
            ("core/base/a.cc", "core/domain/ids.h"),
            ("core/domain/a.cc", "core/log/event_log.h"),
            ("core/log/a.cc", "core/engine/engine.h"),
            ("core/engine/a.cc", "projections/store.h"),
            ("projections/a.cc", "broker-bridge/bridge.h"),
            ("projections/a.cc", "core/engine/engine.h"),
            ("broker-bridge/a.cc", "core/log/event_log.h"),
            ("broker-bridge/a.cc", "tools/muster/server/server.h"),
        ]:
            with self.subTest(path=path, include=include):
                self.assert_reported(path, f'\n#include "{include}"\n', 2, "which may include only")

    def test_an_arrow_that_points_down_is_clean(self):
        self.assert_clean("tools/muster/main.cc", '#include "broker-bridge/bridge.h"\n')
        self.assert_clean("core/engine/a.cc", '#include "core/base/error.h"\n')
        self.assert_clean("tests/core/a_test.cc", '#include "tools/muster/client.h"\n')

    def test_production_code_that_includes_tests_is_reported(self):
        self.assert_reported("core/log/a.cc", '#include "tests/support/folder.h"\n', 1,
                             "nothing outside tests/")

    def test_an_include_that_is_not_a_full_path_is_reported(self):
        self.assert_reported("core/log/a.cc", '#include "event_log.h"\n', 1, "write it in full")

    def test_a_folder_without_a_layer_is_reported(self):
        self.assert_reported("extras/a.cc", '#include "core/base/error.h"\n', 1, "LAYERS")

    def test_an_include_in_a_comment_or_a_string_is_not_one(self):
        self.assert_clean("core/base/a.cc", '// #include "tools/x.h"\n'
                          'auto s = "#include <mqtt/client.h>";\n')


class LibraryTest(Reported):
    def test_a_library_out_of_its_place_is_reported(self):
        for path, include, words in [
            ("core/log/record.cc", "<flatbuffers/flatbuffers.h>", "only codecs"),
            ("core/log/record.cc", '"schemas/event_generated.h"', "only codecs"),
            ("projections/targets.cc", "<rocksdb/db.h>", "see RocksDB"),
            ("broker-bridge/bridge.cc", "<mqtt/async_client.h>", "use MqttClient"),
            ("broker-bridge/bridge.cc", "<CLI/CLI.hpp>", "only tools/"),
            ("core/engine/engine.cc", "<boost/asio.hpp>", "only tools/"),
            ("tools/muster/main.cc", "<spdlog/spdlog.h>", "core/base/log.h"),
            ("projections/targets.cc", "<openssl/evp.h>", "core/base"),
            ("projections/targets.cc", "<nlohmann/json.hpp>", "JSON belongs"),
            ("core/engine/engine.cc", "<nlohmann/json_fwd.hpp>", "JSON belongs"),
            ("core/base/error.cc", "<doctest/doctest.h>", "stay in tests/"),
            ("core/domain/decide.cc", "<thread>", "pure"),
            ("core/domain/decide.cc", "<boost/container/deque.hpp>", "only tools/"),
            ("core/domain/decide.cc", "<sys/stat.h>", "pure"),
        ]:
            with self.subTest(path=path, include=include):
                self.assert_reported(path, f"#include {include}\n", 1, words)

    def test_a_json_library_in_a_header_is_reported(self):
        self.assert_reported("tools/muster/a.h", "#pragma once\n#include <nlohmann/json.hpp>\n", 2,
                             "json_fwd.hpp")

    def test_the_state_sees_containers_of_boost_and_nothing_else_of_it(self):
        once = "#pragma once\n#include "
        self.assert_clean("core/domain/state.h", once + "<boost/container/deque.hpp>\n")
        self.assert_reported("core/domain/state.h", once + "<boost/asio.hpp>\n", 2, "pure")

    def test_a_library_in_its_place_is_clean(self):
        for path, include in [
            ("core/log/record_codec.cc", '"schemas/event_generated.h"'),
            ("core/log/rocks_event_log.cc", "<rocksdb/db.h>"),
            ("projections/view_store.cc", "<rocksdb/db.h>"),
            ("broker-bridge/mqtt_client.cc", "<mqtt/async_client.h>"),
            ("core/base/log.cc", "<spdlog/spdlog.h>"),
            ("broker-bridge/payload.cc", "<nlohmann/json.hpp>"),
            ("core/engine/engine.cc", "<thread>"),
            ("tests/core/a_test.cc", "<rapidcheck.h>"),
        ]:
            with self.subTest(path=path, include=include):
                self.assert_clean(path, f"#include {include}\n")


class ShapeTest(Reported):
    def test_a_file_that_is_too_long_is_reported(self):
        self.assert_reported("core/log/a.h", "#pragma once\n" + "\n" * 250, 251, "at most 250")
        self.assert_reported("core/log/a.cc", "\n" * 401, 401, "at most 400")
        self.assert_reported("tests/core/a_test.cc", "\n" * 501, 501, "at most 500")
        self.assert_clean("core/log/a.cc", "\n" * 400)

    def test_a_line_that_is_too_wide_is_reported(self):
        self.assert_reported("core/log/a.cc", "\n//" + "é" * 99, 2, "101 columns")
        self.assert_clean("core/log/a.cc", "//" + "é" * 98)

    def test_a_function_that_is_too_long_is_reported(self):
        body = "  f();\n" * 69
        long = "\nnamespace m {\nint f(int a) {\n" + body + "}\n}\n"
        self.assert_reported("core/log/a.cc", long, 3, "a function of 71 lines")
        self.assert_clean("core/log/a.cc", long.replace("  f();\n", "", 1))

    def test_a_header_without_pragma_once_is_reported(self):
        self.assert_reported("core/log/a.h", "#include <string>\n", 1, "#pragma once")
        self.assert_clean("core/log/a.h", "// Why it is here.\n\n#pragma once\n")

    def test_a_header_that_is_not_first_in_its_own_source_is_reported(self):
        both = "\n#include <string>\n" '#include "core/log/a.h"\n'
        self.assert_reported("core/log/a.cc", both, 2, "first include", lambda _: True)
        self.assert_clean("core/log/a.cc", both, lambda _: False)

    def test_a_folder_with_too_many_files_is_reported(self):
        paths = [f"core/log/{number}.cc" for number in range(21)]
        found = tidy.check_folders(paths)
        self.assertEqual(len(found), 1)
        self.assertIn("core/log/:1: 21 C++ files", found[0])
        self.assertEqual(tidy.check_folders(paths[1:]), [])

    def test_marks_of_unfinished_work_and_paths_of_one_machine_are_reported(self):
        for mark in ("TO" "DO", "FIX" "ME", "X" "XX", "HA" "CK"):
            self.assert_reported("README.md", f"one\n{mark}: two\n", 2, mark)
        self.assert_reported("core/log/a.cc", 'auto p = "/home/me/data";\n', 1, "absolute path")
        self.assert_clean("README.md", "mktemp muster.XXXXXX, https://example.org/home/a\n")


class FunctionTest(unittest.TestCase):
    def lengths(self, text):
        return list(cpp_source.functions(text))

    def test_each_shape_of_a_function_is_found_once(self):
        for text in [
            "int f() {\n  if (a) {\n  }\n}",
            "A::A(int b) : b_{b}, c_{1}\n{\n\n}",
            "A::A(int b) : b_(b) {\n\n\n}",
            "class A {\n  auto f() const noexcept -> B {\n  g([] { return 1; });\n\n  }\n};",
            'TEST_CASE("a { brace") {\n\n\n}',
            "struct B f(char c) {\n  return c == '{';\n\n}",
        ]:
            with self.subTest(text=text):
                self.assertEqual([length for _, length in self.lengths(text)], [4])

    def test_tables_and_types_are_no_functions(self):
        for text in [
            "struct A {\n  int a{1};\n};",
            "constexpr std::array a{\n  B{1},\n};",
            "auto a = std::to_array<B>({\n  {1, f(2)},\n});",
            '#define A(x) { f(x); \\\n }\nenum class C : int { a, b };',
        ]:
            with self.subTest(text=text):
                self.assertEqual(self.lengths(text), [])

    def test_strings_and_digit_separators_do_not_confuse(self):
        text = 'auto s = R"x({ " )x";\nint f() {\n  return 1\'000 + g("}\\"");\n}\n'
        self.assertEqual(self.lengths(text), [(2, 3)])


class TreeTest(unittest.TestCase):
    def test_a_violation_in_a_tracked_file_is_found_and_an_untracked_file_is_not_read(self):
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            (root / "core/base").mkdir(parents=True)
            (root / "core/base/a.cc").write_text('#include "tools/x.h"\n')
            (root / "core/base/b.cc").write_text('#include "tools/x.h"\n')
            subprocess.run(["git", "init", "-q", folder], check=True)
            subprocess.run(["git", "-C", folder, "add", "core/base/a.cc"], check=True)
            found = tidy.check_tree(root)
        self.assertEqual(len(found), 1, found)
        self.assertTrue(found[0].startswith("core/base/a.cc:1: "))

    def test_a_folder_with_too_many_tracked_files_is_found(self):
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            (root / "core/log").mkdir(parents=True)
            for number in range(21):
                (root / f"core/log/{number}.cc").touch()
            subprocess.run(["git", "init", "-q", folder], check=True)
            subprocess.run(["git", "-C", folder, "add", "."], check=True)
            found = tidy.check_tree(root)
        self.assertEqual(len(found), 1, found)
        self.assertIn("core/log/:1: 21 C++ files", found[0])


if __name__ == "__main__":
    unittest.main()
