#include "broker-bridge/reconcile/comparison.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "broker-bridge/channel/topic.h"

namespace muster {
namespace {

constexpr DeviceId known_id{7};
constexpr Sequence settled{100};
constexpr Basis basis{.epoch = 5, .settled = settled, .head = Sequence{200}};

std::string target(std::uint64_t epoch, std::uint64_t sequence) {
  return fmt::format(R"({{"v":1,"epoch":{},"seq":{},"release":null}})", epoch, sequence);
}

struct Row {
  const char* what;
  std::string payload;    // Empty: nothing is retained.
  std::uint64_t changed;  // In the log.
  ReconcileCounts counts;
  bool again;
};

}  // namespace

TEST_CASE("reconcile: what the broker has for a device is judged by epoch and sequence") {
  const Row rows[] = {
      {"the same", target(5, 90), 90, {.retained = 1}, false},
      {"nothing", "", 90, {.missing = 1}, true},
      {"nothing yet", "", 101, {}, false},
      {"older", target(5, 80), 90, {.retained = 1, .older = 1}, true},
      {"older, newer one on its way", target(5, 80), 101, {.retained = 1}, false},
      {"newer", target(5, 91), 90, {.retained = 1, .newer = 1}, false},
      {"newer than what is on its way", target(5, 150), 101, {.retained = 1, .newer = 1}, false},
      {"earlier epoch", target(4, 95), 90, {.retained = 1, .older = 1}, true},
      {"later epoch", target(6, 80), 90, {.retained = 1, .older = 1}, true},
      {"a word", "rubbish", 90, {.retained = 1, .unreadable = 1}, true},
      {"cut off", R"({"v":1,"epoch":5,"seq":90,"rel)", 90, {.retained = 1, .unreadable = 1}, true},
      {"no number",
       R"({"v":1,"epoch":-5,"seq":90,"r":1})",
       90,
       {.retained = 1, .unreadable = 1},
       true},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    const Uuid device = random_uuid();
    RetainedTargets retained;
    if (!row.payload.empty()) retained.hear(target_topic(device), row.payload);
    retained.settle();
    Comparison comparison(std::move(retained), basis);
    const Sequence changed{row.changed};
    comparison.device({.id = known_id, .device = device, .sequence = changed, .changed = changed});
    const Findings findings = comparison.finish();
    CHECK(findings.counts == row.counts);
    CHECK(findings.publish == (row.again ? std::vector{known_id} : std::vector<DeviceId>{}));
    CHECK(findings.clear.empty());
    CHECK(findings.newer.has_value() == (row.counts.newer == 1));
  }
}

TEST_CASE("reconcile: a target in another form than the device asked for is published again") {
  const Uuid device = random_uuid();
  for (const std::uint64_t asked : {90U, 100U, 101U}) {
    RetainedTargets retained;
    retained.hear(target_topic(device), target(5, 80));
    retained.settle();
    Comparison comparison(std::move(retained), basis);
    comparison.device({.id = known_id,
                       .device = device,
                       .sequence = Sequence{80},
                       .encoding = Encoding::flatbuffers,
                       .changed = Sequence{asked}});
    CHECK(comparison.finish().publish.size() == (asked <= 100 ? 1 : 0));  // Else it is on its way.
  }
}

TEST_CASE("reconcile: a target of no device is cleared, unless it is from beyond the log's end") {
  RetainedTargets retained;
  const Uuid stranger = random_uuid();
  const Uuid odd = random_uuid();
  const Uuid lost = random_uuid();
  retained.hear(target_topic(stranger), target(5, 200));
  retained.hear(target_topic(odd), "rubbish");
  retained.hear(target_topic(lost), target(5, 201));
  retained.hear("muster/v1/d/somebody/target", "x");
  retained.settle();
  const Findings findings = Comparison(std::move(retained), basis).finish();
  CHECK(findings.counts == ReconcileCounts{.retained = 4, .cleared = 3, .newer = 1});
  CHECK(findings.clear ==
        (stranger < odd ? std::vector{stranger, odd} : std::vector{odd, stranger}));
  CHECK(findings.clear_also == std::vector<std::string>{"muster/v1/d/somebody/target"});
  CHECK(findings.newer == lost);
}

TEST_CASE("reconcile: of a device that is told several times the last counts") {
  RetainedTargets retained;
  const Uuid device = random_uuid();
  const Uuid gone = random_uuid();
  retained.hear(target_topic(gone), target(5, 80));
  retained.hear(target_topic(device), target(5, 80));
  retained.hear("muster/v1/d/somebody/target", "x");
  retained.hear(target_topic(device), target(5, 90));
  retained.hear(target_topic(gone), "");
  retained.hear("muster/v1/d/somebody/target", "");
  retained.settle();
  REQUIRE(retained.targets().size() == 1);
  CHECK(retained.targets()[0].version->sequence == Sequence{90});
  CHECK(retained.strange_topics().empty());
}

}  // namespace muster
