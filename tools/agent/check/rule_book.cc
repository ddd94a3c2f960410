#include "tools/agent/check/rule_book.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/base/assert.h"

namespace muster::agent {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 30> rules{{
    {"1a", "connects with its uuid as client id and user name, and with its password"},
    {"1b", "has a will on up/presence, at QoS 1 and not retained, that says it is gone"},
    {"1c", "subscribes to target, action, cancel and sys/bridge at QoS 1 before its birth"},
    {"1d", "publishes a birth with the session of its will"},
    {"2a", "answers a new target with a state of its epoch and seq"},
    {"2b", "answers the same target again with a state"},
    {"2c", "ignores a target older than the last"},
    {"2d", "takes a target of a higher epoch, whatever its seq"},
    {"2e", "keeps running what runs when the target is taken away"},
    {"3a", "makes the release run and reports it done"},
    {"3b", "keeps running what runs when there is no release"},
    {"3c", "does not apply before the action that after_action names"},
    {"4", "holds back applying while there is an update lock"},
    {"5a",
     "sends birth, state and last ack again for a new instance of the bridge, within the spread"},
    {"5b", "sends nothing when the bridge says the same again"},
    {"6", "stores targets and does not apply them in local mode"},
    {"7a", "survives messages that it cannot read"},
    {"7b", "ignores members that it does not know"},
    {"8", "comes back after its connection broke: new session, birth and state"},
    {"9a", "publishes on its own up topics only, at QoS 1, nothing retained"},
    {"9b", "writes every presence, state and ack as the contract has them"},
    {"10a", "acks the end of an action"},
    {"10b", "acks an action as started before its end"},
    {"10c", "answers the same action again with its result, and does not do it again"},
    {"10d", "does not do actions of another id, a lower number or an earlier epoch"},
    {"10e", "remembers all that when its program is started again"},
    {"11a", "does not do what was cancelled before it began"},
    {"11b", "answers a cancel of what has ended with the truth"},
    {"11c", "refuses what it does not know, and goes on"},
    {"12", "lets an action expire that does not begin in time"},
}};

}  // namespace

std::string_view to_string(Verdict verdict) noexcept {
  switch (verdict) {
    case Verdict::passed:
      return "pass";
    case Verdict::failed:
      return "FAIL";
    case Verdict::skipped:
      return "skip";
  }
  return "skip";
}

RuleBook::RuleBook(const CheckOptions& options) : options_(options) {
  for (const auto& [number, rule] : rules) {
    entries_.push_back({.line = {.number = std::string(number),
                                 .rule = std::string(rule),
                                 .verdict = Verdict::skipped,
                                 .seen = {}}});
  }
}

void RuleBook::judge(std::string_view number, bool kept, std::string seen) {
  settle(number, kept ? Verdict::passed : Verdict::failed, std::move(seen));
}

void RuleBook::skip(std::string_view number, std::string why) {
  settle(number, Verdict::skipped, std::move(why));
}

void RuleBook::settle(std::string_view number, Verdict verdict, std::string seen) {
  const auto entry =
      std::ranges::find(entries_, number, [](const Entry& each) { return each.line.number; });
  MUSTER_ASSERT(entry != entries_.end(), "only rules of the book are judged");
  if (std::exchange(entry->settled, true)) return;
  entry->line.verdict = verdict;
  entry->line.seen = std::move(seen);
  if (options_.show) options_.show(entry->line);
}

std::vector<CheckLine> RuleBook::finish(const std::string& why) {
  std::vector<CheckLine> lines;
  for (Entry& entry : entries_) {
    if (!entry.settled) settle(entry.line.number, Verdict::skipped, why);
    lines.push_back(entry.line);
  }
  return lines;
}

}  // namespace muster::agent
