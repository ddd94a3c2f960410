#include <doctest/doctest.h>
#include <fmt/format.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/temporary_folder.h"
#include "tests/tools/server/api_world.h"
#include "tools/muster/apply/command_file.h"
#include "tools/muster/apply/progress_bar.h"
#include "tools/muster/command_line.h"

using namespace muster;        // NOLINT(google-build-using-namespace)
using namespace muster::cli;   // NOLINT(google-build-using-namespace)
using namespace muster::test;  // NOLINT(google-build-using-namespace)
using Json = nlohmann::ordered_json;

// `muster apply` against a real server, and the parts it is made of.

namespace {

struct Ran {
  int exit_code = -1;
  std::string out;
  std::string err;
};

struct Apply {
  Apply() {
    world.fleet("thermo");
    release = world.release("thermo", "aaaaaaaa");
    other = world.release("thermo", "bbbbbbbb");
    device = world.device("thermo");
  }

  Ran run(std::vector<std::string> words, const std::string& input = "",
          const std::string& url = "") {
    Ran ran;
    std::istringstream in(input);
    Surroundings around{[&](std::string_view text) { ran.out.append(text); },
                        [&](std::string_view text) { ran.err.append(text); }, in,
                        [&](const std::string& name) -> std::optional<std::string> {
                          if (name == "MUSTER_URL") return url.empty() ? world.url() : url;
                          if (name == "MUSTER_TOKEN") return world.token_of("admin");
                          return std::nullopt;
                        }};
    words.insert(words.begin(), "apply");
    ran.exit_code = run_command_line(words, around, {});
    return ran;
  }

  [[nodiscard]] std::string file(const std::string& text) {
    const auto path = folder.path() / fmt::format("file-{}", files++);
    std::ofstream(path, std::ios::binary) << text;
    return path.string();
  }

  [[nodiscard]] std::string pin(const std::string& to) const {
    return fmt::format(R"({{"command":"device.pin","device":"{}","release":"{}"}})"
                       "\n",
                       device, to);
  }

  ApiWorld world;
  TemporaryFolder folder;
  int files = 0;
  std::string release;
  std::string other;
  std::string device;
};

}  // namespace

TEST_CASE_FIXTURE(Apply, "apply: does the commands of a file, and nothing when it is sent again") {
  const std::string name = file(pin(release) + "\n" + pin(other) + pin(other));
  const Ran first = run({name});
  CHECK(first.exit_code == 0);
  CHECK(first.out.starts_with("3 commands: 2 done, 1 with nothing to do; "));
  const std::uint64_t head = world.head();
  const Ran again = run({name, "--json"});
  CHECK(again.exit_code == 0);
  const Json summary = Json::parse(again.out);
  CHECK(summary["repeated"] == 2);
  CHECK(summary["changed"] == 0);
  CHECK(world.head() == head);
  CHECK(run({name, "--idempotency-key", "anew"}).out.starts_with("3 commands: 2 done"));
}

TEST_CASE_FIXTURE(Apply, "apply: from standard input, and a dry run that changes nothing") {
  const std::uint64_t head = world.head();
  const Ran dry = run({"-", "--dry-run"}, pin(release));
  CHECK(dry.exit_code == 0);
  CHECK(dry.out.starts_with("1 command: 1 would be done; "));
  CHECK(world.head() == head);
  CHECK(run({"-"}, pin(release)).out.starts_with("1 command: 1 done; "));
  CHECK(world.head() == head + 1);
}

TEST_CASE_FIXTURE(Apply, "apply: lines that fail are told by number, kept, and make it fail") {
  const std::string failures = (folder.path() / "failures").string();
  const std::string broken = pin("nothing");
  const Ran ran = run({file(pin(release) + broken + "{\n" + pin(other)), "--failures", failures});
  CHECK(ran.exit_code == 1);
  CHECK(ran.out.starts_with("4 commands: 2 done, 2 failed; "));
  CHECK(ran.err.find("line 2: ") != std::string::npos);
  CHECK(ran.err.find("[unknown-release]\nline 3: ") != std::string::npos);
  std::ifstream kept(failures);
  std::string line;
  REQUIRE(std::getline(kept, line));
  CHECK(Json::parse(line)["code"] == "unknown-release");
  CHECK(Json::parse(line)["given"].get<std::string>() + "\n" == broken);
  REQUIRE(std::getline(kept, line));
  CHECK(Json::parse(line)["line"] == 3);
  CHECK(Json::parse(line)["given"] == "{");
  CHECK_FALSE(std::getline(kept, line));
  const Json summary = Json::parse(run({file(broken), "--json"}).out);
  CHECK(summary["failures"][0]["line"] == 1);
}

TEST_CASE_FIXTURE(Apply, "apply: only the first failures are shown, and where the rest is") {
  std::string lines;
  for (int i = 0; i < 30; ++i) lines += pin("nothing");
  const Ran ran = run({file(lines)});
  CHECK(ran.exit_code == 1);
  CHECK(ran.err.find("line 20: ") != std::string::npos);
  CHECK(ran.err.find("line 21: ") == std::string::npos);
  CHECK(ran.err.find("and 10 more; --failures FILE") != std::string::npos);
}

TEST_CASE_FIXTURE(Apply, "apply: --stop-on-error does nothing after the first failure") {
  const Ran ran = run({file(pin(release) + pin("nothing") + pin(other)), "--stop-on-error"});
  CHECK(ran.exit_code == 1);
  CHECK(ran.out.starts_with("3 commands: 1 done, 1 failed, 1 not tried; "));
  CHECK(world.must(HttpMethod::get, "/v1/devices/" + device)["pinned_release"] == release);
}

TEST_CASE_FIXTURE(Apply, "apply: what cannot be sent at all says why") {
  CHECK(run({file("\n\n")}).exit_code == 2);
  CHECK(run({}).exit_code == 2);
  CHECK(run({"/nonexistent/file"}).exit_code == 1);
  CHECK(run({folder.path().string()}).exit_code == 1);
  CHECK(run({file(pin(release)), "--failures", "/nonexistent/file"}).exit_code == 1);
  const Ran refused = run({file(pin(release)), "--idempotency-key", std::string(151, 'k')});
  CHECK(refused.exit_code == 1);
  CHECK(refused.err.find("[invalid-field]") != std::string::npos);
}

TEST_CASE("command file: lines by number, parts from anywhere, the same digest for the same text") {
  const TemporaryFolder folder;
  std::istringstream none;
  const Surroundings around{[](std::string_view) {}, [](std::string_view) {}, none,
                            [](const std::string&) { return std::nullopt; }};
  const auto open = [&](const std::string& text) {
    const auto path = folder.path() / "file";
    std::ofstream(path, std::ios::binary) << text;
    return CommandFile::open(around, path.string()).value();
  };
  const CommandFile small = open("one\n \n\nfour\nfive");
  CHECK(small.commands() == 3);
  CommandFile::Cursor lines(small);
  CHECK(lines.line(1) == "one");
  CHECK(lines.line(4) == "four");
  CHECK(lines.line(5) == "five");
  CHECK_FALSE(lines.line(6).has_value());
  CommandFile::Cursor parts(small);
  parts.skip_to(4);
  CHECK(parts.part() == "four\nfive");
  CHECK(parts.part().empty());
  const std::string digest = small.digest();
  CHECK(digest.size() == 32);
  CHECK(open("one\n \n\nfour\nfive").digest() == digest);
  CHECK(open("one\n \n\nfour\nfive\n").digest() != digest);

  std::string text;
  for (int i = 1; i <= 50'000; ++i) text += fmt::format("line {}\n", i);
  const CommandFile large = open(text);
  CHECK(large.commands() == 50'000);
  CommandFile::Cursor far(large);
  CHECK(far.line(49'999) == "line 49999");
  CommandFile::Cursor rest(large);
  rest.skip_to(20'000);
  std::string read;
  for (std::string part = rest.part(); !part.empty(); part = rest.part()) read += part;
  CHECK(read == text.substr(text.find("line 20000\n")));
}

TEST_CASE("progress bar: drawn over itself on a terminal, a line now and then elsewhere") {
  using std::chrono::seconds;
  CHECK(progress_text({.done = 250, .total = 1'000}, seconds(1)) ==
        "[######..................]  25%  250 of 1000  250/s  0:03 left");
  CHECK(progress_text({.done = 1'000, .total = 1'000, .failed = 2}, seconds(4)) ==
        "[########################] 100%  1000 of 1000  250/s  0:00 left  2 failed");
  CHECK(progress_text({.done = 1, .total = 20'000}, seconds(1)).find("5:33:19 left") !=
        std::string::npos);
  std::string shown;
  const std::function<void(std::string_view)> err = [&](std::string_view text) { shown += text; };
  const auto start = ProgressBar::Clock::now();
  ProgressBar bar(err, true, start);
  bar.update({.done = 1, .total = 2}, start + std::chrono::milliseconds(10));
  bar.clear();
  CHECK(shown.empty());
  bar.update({.done = 1, .total = 2}, start + seconds(1));
  CHECK(shown.starts_with("\r["));
  bar.clear();
  CHECK(shown.ends_with("\r"));
  shown.clear();
  ProgressBar plain(err, false, start);
  plain.update({.done = 1, .total = 2}, start + seconds(1));
  CHECK(shown.empty());
  plain.update({.done = 1, .total = 2}, start + seconds(11));
  CHECK(shown.ends_with("\n"));
}
