#include <fmt/format.h>

#include <algorithm>

#include "core/domain/decide/context.h"
#include "core/domain/decide/names.h"
#include "core/domain/filter/filter.h"
#include "core/domain/filter/view_name.h"

namespace muster {
namespace {

constexpr std::ptrdiff_t views_max = 1'000;  // Of one user.

std::string entity_of(std::string_view name) { return fmt::format("view {}", name); }

tl::expected<void, Rejection> check_room(const Context& context, const std::string& name) {
  const auto& views = context.state.saved_views();
  const auto is_own = [&](const SavedView& view) {
    return !view.removed && view.owner == context.asker.user;
  };
  const auto taken = [&](const SavedView& view) { return is_own(view) && view.name == name; };
  if (std::ranges::any_of(views, taken)) {
    return reject(RejectionCode::view_name_taken, entity_of(name),
                  "you have a view of this name already",
                  "remove that one first, or choose another name");
  }
  if (std::ranges::count_if(views, is_own) >= views_max) {
    return reject(RejectionCode::invalid_field, entity_of(name),
                  fmt::format("a user has at most {} views", views_max), "remove some first");
  }
  return {};
}

/// The fleet that a view is shared with, as the asker's role in it.
std::optional<Role> role_in_shared(const Context& context, const SavedView& view) {
  if (!view.shared_with) return std::nullopt;
  const Fleet& fleet = *context.state.find(*view.shared_with);
  if (fleet.is_deleted()) return std::nullopt;
  return role_in(context.asker, fleet, *context.state.find(fleet.organisation));
}

std::vector<const SavedView*> visible_views(const Context& context) {
  std::vector<const SavedView*> visible;
  for (const SavedView& view : context.state.saved_views()) {
    if (view.removed) continue;
    const bool seen = view.owner == context.asker.user || role_in_shared(context, view);
    if (seen) visible.push_back(&view);
  }
  return visible;
}

}  // namespace

Decision decide_one(const Context& context, const CreateView& command) {
  if (!is_name(command.name)) {
    return reject(RejectionCode::invalid_name, fmt::format("view `{}`", command.name),
                  fmt::format("its name must be {}", name_rule), "choose another name");
  }
  const auto filter = parse_filter(command.filter);
  if (!filter) return tl::unexpected(invalid_filter(command.filter, filter.error()));
  std::optional<FleetId> shared_with;
  if (!command.shared_with.empty()) {
    const auto fleet = find_fleet(context, command.shared_with, Role::fleet_operator);
    if (!fleet) return tl::unexpected(fleet.error());
    shared_with = (*fleet)->id;
  }
  const auto room = check_room(context, command.name);
  if (!room) return tl::unexpected(room.error());
  return std::vector<Event>{SavedViewCreated{.id = context.state.next_saved_view(),
                                             .owner = context.asker.user,
                                             .name = command.name,
                                             .filter = command.filter,
                                             .shared_with = shared_with}};
}

Decision decide_one(const Context& context, const RemoveView& command) {
  const auto view = resolve_view(visible_views(context), context.asker.user, command.view);
  if (!view) return tl::unexpected(view.error());
  const bool own = (*view)->owner == context.asker.user;
  if (!own && role_in_shared(context, **view) != Role::administrator) {
    return reject(RejectionCode::not_allowed, entity_of((*view)->name),
                  "only its owner and administrators of the fleet it is shared with remove it",
                  "ask one of them");
  }
  const auto fresh = check_version(context, (*view)->version, entity_of((*view)->name));
  if (!fresh) return tl::unexpected(fresh.error());
  return std::vector<Event>{SavedViewRemoved{.id = (*view)->id}};
}

}  // namespace muster
