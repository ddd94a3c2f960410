#include "broker-bridge/credentials/control_message.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <system_error>
#include <utility>

#include "core/base/overloaded.h"

namespace muster {
namespace {

constexpr std::string_view request_word = "muster-control-1";
constexpr std::string_view none_word = "none";

/// The words of a line, from the left.
class Words {
 public:
  explicit Words(std::string_view line) : rest_(line) {}

  std::string_view next() {
    const auto end = rest_.find(' ');
    const auto word = rest_.substr(0, end);
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    return word;
  }

  template <typename Number>
  std::optional<Number> number() {
    const auto word = next();
    Number value{};
    const auto read = std::from_chars(word.data(), word.data() + word.size(), value);
    const bool whole = read.ec == std::errc{} && read.ptr == word.data() + word.size();
    return whole ? std::optional(value) : std::nullopt;
  }

  std::optional<std::uint64_t> generation() {
    if (!rest_.starts_with(none_word)) return number<std::uint64_t>();
    next();
    return no_generation;
  }

  std::string_view all() { return std::exchange(rest_, {}); }

  [[nodiscard]] bool done() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

std::string generation_text(std::uint64_t generation) {
  return generation == no_generation ? std::string(none_word) : fmt::format("{}", generation);
}

/// A step about one key of one device.
template <typename Step>
std::optional<ControlStep> keyed_step(Words& words) {
  const auto device = parse_uuid(words.next());
  const auto generation = words.generation();
  if (!device || !generation) return std::nullopt;
  return Step{*device, *generation};
}

std::optional<ControlStep> parse_step(std::string_view line) {
  Words words(line);
  const auto what = words.next();
  std::optional<ControlStep> step;
  if (what == "table") step = BeginTable{};
  if (what == "open") step = OpenGate{};
  if (what == "minimum") step = keyed_step<SetMinimum>(words);
  if (what == "watch") step = keyed_step<WatchKey>(words);
  if (what == "kick") {
    const auto device = parse_uuid(words.next());
    if (device) step = KickDevice{*device};
  }
  return words.done() ? step : std::nullopt;
}

std::optional<ControlNotice> parse_notice(std::string_view line) {
  Words words(line);
  const auto what = words.next();
  if (what == "done" || what == "refused") {
    const auto id = words.number<std::uint64_t>();
    const auto problem = words.all();
    if (!id || (what == "done") != problem.empty()) return std::nullopt;
    return ControlAnswer{*id, std::string(problem)};
  }
  const auto device = parse_uuid(words.next());
  if (!device) return std::nullopt;
  if (what == "used") {
    const auto generation = words.number<std::uint64_t>();
    if (!generation || !words.done()) return std::nullopt;
    return KeyUsed{*device, *generation};
  }
  const auto cause = parse_refusal_cause(words.next());
  const auto count = words.number<std::uint64_t>();
  const auto last = words.number<std::int64_t>();
  if (what != "kept-out" || !cause || !count || !last || !words.done()) return std::nullopt;
  return ConnectsRefused{*device, *cause, *count, *last};
}

/// The lines of a text, each ended.
class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {}

  std::optional<std::string_view> next() {
    if (rest_.empty()) return std::nullopt;
    ++number_;
    const auto end = rest_.find('\n');
    const auto line = rest_.substr(0, end);
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    return line;
  }

  [[nodiscard]] tl::unexpected<Error> misfit() const {
    return fail(ErrorCode::invalid_input, fmt::format("line {} is not understood", number_));
  }

 private:
  std::string_view rest_;
  std::size_t number_ = 0;
};

}  // namespace

std::string render(const ControlRequest& request) {
  std::string text = fmt::format("{} {}\n", request_word, request.id);
  for (const ControlStep& step : request.steps) {
    text += std::visit(
        Overloaded{
            [](const BeginTable&) { return std::string("table"); },
            [](const SetMinimum& s) {
              return fmt::format("minimum {} {}", to_string(s.device),
                                 generation_text(s.generation));
            },
            [](const WatchKey& s) {
              return fmt::format("watch {} {}", to_string(s.device), generation_text(s.generation));
            },
            [](const KickDevice& s) { return fmt::format("kick {}", to_string(s.device)); },
            [](const OpenGate&) { return std::string("open"); },
        },
        step);
    text += '\n';
  }
  return text;
}

std::string render(std::span<const ControlNotice> notices) {
  std::string text;
  for (const ControlNotice& notice : notices) {
    text += std::visit(Overloaded{
                           [](const ControlAnswer& n) {
                             return n.problem.empty()
                                        ? fmt::format("done {}", n.id)
                                        : fmt::format("refused {} {}", n.id, n.problem);
                           },
                           [](const KeyUsed& n) {
                             return fmt::format("used {} {}", to_string(n.device), n.generation);
                           },
                           [](const ConnectsRefused& n) {
                             return fmt::format("kept-out {} {} {} {}", to_string(n.device),
                                                to_string(n.cause), n.count, n.last_s);
                           },
                       },
                       notice);
    text += '\n';
  }
  return text;
}

Result<ControlRequest> parse_control_request(std::string_view text) {
  if (text.size() > control_size_max) {
    return fail(ErrorCode::invalid_input, "the request is too large");
  }
  Lines lines(text);
  Words first(lines.next().value_or(""));
  const bool ours = first.next() == request_word;
  const auto id = first.number<std::uint64_t>();
  if (!ours || !id || !first.done()) return lines.misfit();
  ControlRequest request{.id = *id, .steps = {}};
  while (const auto line = lines.next()) {
    const auto step = parse_step(*line);
    if (!step) return lines.misfit();
    request.steps.push_back(*step);
  }
  return request;
}

Result<std::vector<ControlNotice>> parse_control_notices(std::string_view text) {
  if (text.size() > control_size_max) {
    return fail(ErrorCode::invalid_input, "the answer is too large");
  }
  Lines lines(text);
  std::vector<ControlNotice> notices;
  while (const auto line = lines.next()) {
    auto notice = parse_notice(*line);
    if (!notice) return lines.misfit();
    notices.push_back(std::move(*notice));
  }
  return notices;
}

}  // namespace muster
