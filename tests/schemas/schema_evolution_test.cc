#include <doctest/doctest.h>
#include <flatbuffers/idl.h>
#include <flatbuffers/util.h>

#include <string>
#include <vector>

#include "tests/schemas/schema_breaks.h"

namespace muster {
namespace {

using test::schema_breaks;

/// A schema as `flatc --binary --schema` would write it.
std::string compiled(const std::string& source) {
  flatbuffers::Parser parser;
  REQUIRE_MESSAGE(parser.Parse(source.c_str()), parser.error_);
  parser.Serialize();
  const auto& builder = parser.builder_;
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): byte to char is allowed.
  return {reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()};
}

std::string loaded(const std::string& path) {
  std::string content;
  REQUIRE_MESSAGE(flatbuffers::LoadFile(path.c_str(), true, &content), path);
  return content;
}

std::vector<std::string> breaks(const std::string& released, const std::string& current) {
  return schema_breaks(*reflection::GetSchema(released.data()),
                       *reflection::GetSchema(current.data()));
}

TEST_CASE("schemas: everything made with the released ones can still be read") {
  for (const std::string name : {"event", "channel"}) {
    const auto released = compiled(loaded(MUSTER_SCHEMAS "/released/" + name + ".fbs"));
    const auto current = loaded(MUSTER_COMPILED_SCHEMAS "/" + name + ".bfbs");
    for (const std::string& found : breaks(released, current)) {
      FAIL_CHECK(name, ": ", found);
    }
  }
}

const std::string base = R"(
namespace test;
struct Bytes { bytes:[ubyte:16]; }
struct Pair { a:int; b:int; }
enum Colour : ubyte { none = 0, red = 1, green = 2 }
table Cat { name:string (id: 0); age:int = 3 (id: 1); fur:Colour = red (id: 2); }
table Dog {
  id:Bytes (id: 0, required); pair:Pair (id: 1); bones:[int] (id: 2); weight:float (id: 3);
}
table Left { x:int (id: 0); }
union Pet { Cat = 1, Dog = 2 }
table Owner { pet:Pet (id: 1); note:string (id: 2); phone:long = null (id: 3); }
root_type Owner;
file_identifier "TEST";
)";

struct Edit {
  const char* what;
  const char* from;
  const char* to;
};

std::string edited(const Edit& edit) {
  std::string source = base;
  const auto at = source.find(edit.from);
  REQUIRE_MESSAGE(at != std::string::npos, edit.from);
  source.replace(at, std::string(edit.from).size(), edit.to);
  return compiled(source);
}

TEST_CASE("schema test: every planted break is reported") {
  const std::vector<Edit> planted{
      {"last union member removed", ", Dog = 2 }", " }"},
      {"union member renumbered", "Dog = 2 }", "Dog = 3 }"},
      {"union members swapped", "Cat = 1, Dog = 2", "Dog = 1, Cat = 2"},
      {"union member of another table", "Dog = 2 }", "Dog : Cat = 2 }"},
      {"last field removed", " weight:float (id: 3);", ""},
      {"last optional field removed", " phone:long = null (id: 3);", ""},
      {"field renamed", "note:string", "remark:string"},
      {"fields reordered", "name:string (id: 0); age:int = 3 (id: 1)",
       "name:string (id: 1); age:int = 3 (id: 0)"},
      {"type changed", "age:int", "age:long"},
      {"sign changed", "age:int", "age:uint"},
      {"element type changed", "bones:[int]", "bones:[uint]"},
      {"text to bytes", "note:string", "note:[ubyte]"},
      {"another struct", "pair:Pair", "pair:Bytes"},
      {"default changed", "age:int = 3", "age:int = 4"},
      {"default of an enum changed", "fur:Colour = red", "fur:Colour = green"},
      {"default of a float changed", "weight:float", "weight:float = 1.5"},
      {"optional taken away", "phone:long = null", "phone:long"},
      {"struct extended", "b:int; }", "b:int; c:int; }"},
      {"struct field retyped", "b:int; }", "b:float; }"},
      {"struct fields swapped", "a:int; b:int;", "b:int; a:int;"},
      {"array length changed", "[ubyte:16]", "[ubyte:32]"},
      {"required added", "note:string (id: 2)", "note:string (id: 2, required)"},
      {"required taken away", "(id: 0, required)", "(id: 0)"},
      {"new field required", "bones:[int] (id: 2); weight:float (id: 3);",
       "bones:[int] (id: 2); weight:float (id: 3); tag:string (id: 4, required);"},
      {"file identifier changed", "\"TEST\"", "\"TESU\""},
      {"root type changed", "root_type Owner", "root_type Dog"},
      {"enum value renumbered", "green = 2", "green = 3"},
      {"last enum value removed", ", green = 2", ""},
      {"enum value renamed", "green = 2", "blue = 2"},
      {"table renamed", "table Left {", "table Gone {"},
      {"enum of another type", "Colour : ubyte", "Colour : ushort"},
  };
  for (const Edit& edit : planted) {
    CAPTURE(edit.what);
    CHECK_FALSE(breaks(compiled(base), edited(edit)).empty());
  }
}

TEST_CASE("schema test: additions at the end and deprecation are no breaks") {
  CHECK(breaks(compiled(base), compiled(base)).empty());
  const std::vector<Edit> allowed{
      {"field", "phone:long = null (id: 3);", "phone:long = null (id: 3); mail:string (id: 4);"},
      {"scalar", "weight:float (id: 3);", "weight:float (id: 3); height:int = 7 (id: 4);"},
      {"union member", "union Pet { Cat = 1, Dog = 2 }",
       "table Bird { wings:int (id: 0); } union Pet { Cat = 1, Dog = 2, Bird = 3 }"},
      {"enum value", "green = 2 }", "green = 2, blue = 3 }"},
      {"table", "root_type", "table Fish { fins:int (id: 0); } root_type"},
      {"deprecation", "note:string (id: 2)", "note:string (id: 2, deprecated)"},
  };
  for (const Edit& edit : allowed) {
    CAPTURE(edit.what);
    for (const auto& found : breaks(compiled(base), edited(edit))) {
      FAIL_CHECK(found);
    }
  }
}

}  // namespace
}  // namespace muster
