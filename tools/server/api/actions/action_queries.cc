#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include "tools/server/api/actions/action_list.h"
#include "tools/server/api/api.h"
#include "tools/server/api/problems.h"
#include "tools/server/api/routes.h"

// Lists of actions, and what became of them.

namespace muster {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t looked_at_max = 20'000;  // For one page, also where few fit.

/// Where a page ended: at an action, or, among the devices of one, at a device of it.
struct ActionCursor {
  Sequence n;
  DeviceId device;
};

std::string write(const ActionCursor& cursor) {
  return fmt::format("{}.{}", cursor.n.value(), cursor.device.value());
}

std::optional<ActionCursor> read_action_cursor(std::string_view text) {
  const auto dot = std::min(text.find('.'), text.size());
  const auto n = parse_decimal(text.substr(0, dot));
  const auto device = parse_decimal(text.substr(std::min(dot + 1, text.size())));
  if (!n || !device || *device > UINT32_MAX) return std::nullopt;
  return ActionCursor{Sequence{*n}, DeviceId{static_cast<std::uint32_t>(*device)}};
}

/// One page of lines, newest first; `state` leaves out the others.
class ActionPage {
 public:
  /// Problems: 400 `invalid-field` for a bad `limit`, `after` or `state`.
  static HttpResult<ActionPage> of(const Query& query) {
    ActionPage page;
    const auto limit = page_limit(query);
    if (!limit) return tl::unexpected(limit.error());
    page.limit_ = *limit;
    if (const std::string* after = query.request.parameter("after")) {
      page.after_ = read_action_cursor(*after);
      if (!page.after_) {
        return tl::unexpected(
            invalid_parameter_problem("after", "the `next` of a page of this very list"));
      }
    }
    if (const std::string* state = query.request.parameter("state")) {
      page.state_ = *state;
      const bool known = parse_action_state(*state) || *state == "cancelling" || *state == "open";
      if (!known) {
        return tl::unexpected(invalid_parameter_problem(
            "state", "open, cancelling, or a state such as queued or succeeded"));
      }
    }
    return page;
  }

  [[nodiscard]] ActionCursor after() const { return after_.value_or(ActionCursor{}); }

  /// Passes over a line; `make` makes it if it belongs to the page. False: no more are wanted.
  template <typename Make>
  bool add(const ActionCursor& at, const ActionProgress& progress, const Make& make) {
    if (count_ == limit_ || looked_at_ == looked_at_max) {
      next_ = last_;
      return false;
    }
    ++looked_at_;
    last_ = at;
    if (!fits(progress)) return true;
    ++count_;
    items_.push_back(make());
    return true;
  }

  /// Passes over what the caller may not see.
  bool pass(const ActionCursor& at) {
    last_ = at;
    if (++looked_at_ < looked_at_max) return true;
    next_ = last_;
    return false;
  }

  [[nodiscard]] HttpResponse response(const Query& query) && {
    const Json json{{"items", std::move(items_)},
                    {"next", next_ ? Json(write(*next_)) : Json(nullptr)},
                    {"position", query.reader.position().value()}};
    return HttpResponse{.body = json.dump(-1, ' ', false, Json::error_handler_t::replace)};
  }

 private:
  [[nodiscard]] bool fits(const ActionProgress& progress) const {
    if (state_.empty()) return true;
    if (state_ == "open") return !progress.over();
    return state_ == state_word(progress);
  }

  std::optional<ActionCursor> after_;
  std::string state_;
  std::size_t limit_ = 0;
  std::size_t count_ = 0;
  std::size_t looked_at_ = 0;
  Json items_ = Json::array();
  ActionCursor last_;
  std::optional<ActionCursor> next_;
};

/// The actions of one device, each as it is there.
void list_of_device(const Query& query, const Device& device, ActionPage& page) {
  const ActionReader actions(query.reader);
  Names names(query.reader);
  actions.each_of_device(device, page.after().n, [&](Sequence n) {
    const auto action = actions.find(n);
    if (!action) return true;
    const ActionProgress progress = actions.progress_on(*action, device.id);
    return page.add({n, {}}, progress,
                    [&] { return render_action(*action, device.id, progress, names); });
  });
}

/// All actions, or those of one fleet, each as one line.
void list_of_all(const Query& query, const std::optional<Fleet>& fleet, ActionPage& page) {
  const ActionReader actions(query.reader);
  Names names(query.reader);
  const auto add = [&](Sequence n) {
    const auto action = actions.find(n);
    const bool shown = action && action->asked.size() > 0 &&
                       (action->device != DeviceId{} || action->fleet != FleetId{}) &&
                       sees(query.reader, query.sight, *action);
    if (!shown) return page.pass({n, {}});
    const ActionProgress progress = actions.progress_of(*action);
    return page.add({n, {}}, progress,
                    [&] { return render_action(*action, action->device, progress, names); });
  };
  if (fleet) {
    actions.each_of_fleet(fleet->id, page.after().n, add);
  } else {
    actions.each(page.after().n, add);
  }
}

/// What one command asked for, by device: of a fleet-wide action the devices on which something
/// happened, behind the action as a whole.
void list_of_command(const Query& query, const std::vector<ActionRecord>& found, ActionPage& page) {
  const ActionReader actions(query.reader);
  Names names(query.reader);
  const ActionCursor after = page.after();
  bool more = true;
  for (const ActionRecord& action : found) {
    if (!more || action.n < after.n) continue;
    const bool begun = action.n == after.n;
    const bool whole = action.device != DeviceId{} || action.fleet != FleetId{};
    if (whole && !begun) {
      const ActionProgress progress = actions.progress_of(action);
      more = page.add({action.n, {}}, progress,
                      [&] { return render_action(action, action.device, progress, names); });
    }
    if (!more || action.device != DeviceId{}) continue;
    const DeviceId from = begun ? after.device : DeviceId{};
    actions.each_part(action.n, from, [&](DeviceId device, const ActionProgress& progress) {
      more = page.add({action.n, device}, progress,
                      [&] { return render_action(action, device, progress, names); });
      return more;
    });
  }
}

HttpResult<HttpResponse> list_actions(const Query& query) {
  auto page = ActionPage::of(query);
  if (!page) return tl::unexpected(page.error());
  const std::string* device = query.request.parameter("device");
  const std::string* slug = query.request.parameter("fleet");
  const std::string* bulk = query.request.parameter("bulk");
  if ((device != nullptr) + (slug != nullptr) + (bulk != nullptr) > 1) {
    return tl::unexpected(
        invalid_parameter_problem("device", "the only one of `device`, `fleet` and `bulk`"));
  }
  if (device != nullptr) {
    const auto row = query.sight.device(*device);
    if (!row) return tl::unexpected(row.error());
    list_of_device(query, *row, *page);
  } else if (bulk != nullptr) {
    const auto found = find_action(query.reader, query.sight, *bulk);
    if (!found) return tl::unexpected(found.error());
    list_of_command(query, *found, *page);
  } else {
    std::optional<Fleet> fleet;
    if (slug != nullptr) {
      auto row = query.sight.fleet(*slug);
      if (!row) return tl::unexpected(row.error());
      fleet = *std::move(row);
    }
    list_of_all(query, fleet, *page);
  }
  return std::move(*page).response(query);
}

HttpResult<HttpResponse> show_action(const Query& query) {
  const std::string& name = query.match.at("action");
  const auto found = find_action(query.reader, query.sight, name);
  if (!found) return tl::unexpected(found.error());
  Names names(query.reader);
  const ActionRecord& first = found->front();
  const auto id = parse_ulid(name);
  const ActionReader actions(query.reader);
  if (!id) {
    const ActionProgress progress = actions.progress_of(first);
    return HttpResponse{.body = render_action(first, first.device, progress, names).dump()};
  }
  const auto roll_up = actions.find_roll_up(*id);
  if (!roll_up) return tl::unexpected(unknown_problem(RejectionCode::unknown_action, name, ""));
  return HttpResponse{.body = render_roll_up(*roll_up, names).dump()};
}

}  // namespace

void add_action_routes(Api& api) {
  api.query("/v1/actions", list_actions);
  api.query("/v1/actions/{action}", show_action);
  add_action_commands(api);
}

}  // namespace muster
