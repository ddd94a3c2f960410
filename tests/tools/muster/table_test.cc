#include "tools/muster/output/table.h"

#include <doctest/doctest.h>

#include <string>

using muster::cli::Table;

TEST_CASE("table: columns are as wide as their widest cell, lines end without spaces") {
  Table table({"slug", "devices", "note"});
  table.add({"acme/thermo", "5", "warm"});
  table.add({"a/b", "12345678", ""});
  CHECK(table.text() ==
        "slug         devices   note\n"
        "acme/thermo  5         warm\n"
        "a/b          12345678  -\n");
}

TEST_CASE("table: letters beyond ASCII take one column each") {
  Table table({"name", "n"});
  table.add({"Küche", "1"});
  table.add({"Keller", "2"});
  CHECK(table.text() == "name    n\nKüche   1\nKeller  2\n");
}

TEST_CASE("table: a name cannot break the table or steer the terminal") {
  Table table({"name", "n"});
  table.add(
      {"a\nb\x1b[2Jc\xc2\x9b"
       "d",
       "1"});
  CHECK(table.text() == "name        n\na?b?[2Jc?d  1\n");
}

TEST_CASE("table: without rows it is the header") { CHECK(Table({"a", "b"}).text() == "a  b\n"); }
