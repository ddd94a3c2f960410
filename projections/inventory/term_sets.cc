#include "projections/inventory/term_sets.h"

#include <algorithm>

#include "core/base/hex.h"
#include "core/domain/decide/names.h"
#include "core/domain/decide/release_name.h"
#include "core/domain/filter/version_order.h"

namespace muster {
namespace {

constexpr std::size_t prefix_length_min = 7;

bool fits(std::string_view text, const FilterTerm& term) {
  if (term.op == FilterOperator::starts_with) return text.starts_with(term.value);
  if (term.op == FilterOperator::contains) return text.find(term.value) != std::string_view::npos;
  return text == term.value;
}

bool fits(std::strong_ordering order, FilterOperator op) {
  switch (op) {
    case FilterOperator::less:
      return order < 0;
    case FilterOperator::less_or_equal:
      return order <= 0;
    case FilterOperator::greater:
      return order > 0;
    case FilterOperator::greater_or_equal:
      return order >= 0;
    default:
      return order == 0;
  }
}

}  // namespace

TermSets::TermSets(const Reader& reader, const InventoryScope& scope)
    : reader_(reader),
      scope_(scope),
      index_(reader.snapshot()),
      pinned_(index_.devices(term_of(InventoryKey::pinned))) {}

const Fleet* TermSets::fleet(FleetId id) const {
  const auto at = std::ranges::lower_bound(scope_.fleets, id, {}, &Fleet::id);
  return at == scope_.fleets.end() || at->id != id ? nullptr : &*at;
}

DeviceSet TermSets::of_fleet(FleetId fleet) const {
  return index_.devices(term_of(InventoryKey::fleet, fleet));
}

DeviceSet TermSets::in_fleet(std::string_view slug) const {
  const auto fleet = reader_.find_fleet(to_lower(slug));
  return fleet ? of_fleet(fleet->id) : DeviceSet{};
}

DeviceSet TermSets::orphaned() const {
  DeviceSet found;
  for (const Fleet& fleet : scope_.fleets) {
    if (fleet.is_deleted()) found |= of_fleet(fleet.id);
  }
  return found;
}

DeviceSet TermSets::living(Lifecycle lifecycle) const {
  if (lifecycle == Lifecycle::orphaned) return orphaned();
  return index_.devices(term_of(InventoryKey::lifecycle, to_string(lifecycle))) - orphaned();
}

DeviceSet TermSets::of_type(std::string_view slug) const {
  const auto type = reader_.find_device_type(slug);
  return type ? index_.devices(term_of(InventoryKey::type, type->id)) : DeviceSet{};
}

DeviceSet TermSets::pinned_to(std::string_view release) const {
  DeviceSet found;
  for (const Release& each : releases(release)) {
    found |= index_.devices(term_of(InventoryKey::pinned_to, each.id));
  }
  return found;
}

/// By the rule of target_release: those pinned to it, and those that follow a fleet that has it.
DeviceSet TermSets::targeting(std::string_view release) const {
  DeviceSet found;
  if (release == "none") {
    for (const Fleet& fleet : scope_.fleets) {
      if (!fleet.target) found |= of_fleet(fleet.id);
    }
    return found - pinned_;
  }
  for (const Release& each : releases(release)) {
    const bool followed = fleet(each.fleet)->target == each.id;
    if (followed) found |= of_fleet(each.fleet) - pinned_;
    found |= index_.devices(term_of(InventoryKey::pinned_to, each.id));
  }
  return found;
}

DeviceSet TermSets::running_commit(std::string_view commit) const {
  return index_.devices(term_of(InventoryKey::running, commit));
}

/// A commit or its beginning, whether it is of a release or not; else a release in its fleet.
DeviceSet TermSets::running(std::string_view release) const {
  if (release == "none") return running_commit("");
  DeviceSet found;
  if (release.size() >= prefix_length_min && is_lower_hex(release)) {
    found =
        index_.devices_where(InventoryKey::running, release, [](std::string_view) { return true; });
  }
  if (!found.empty()) return found;
  for (const Release& each : releases(release)) {
    found |= running_commit(each.commit) & of_fleet(each.fleet);
  }
  return found;
}

DeviceSet TermSets::with_version(InventoryKey kind, const FilterTerm& term) const {
  const auto wanted = parse_version(term.value);
  if (!wanted) return {};
  return index_.devices_where(kind, "", [&](std::string_view text) {
    const auto reported = parse_version(text);
    return reported && fits(compare(*reported, *wanted), term.op);
  });
}

DeviceSet TermSets::not_on_target(Timestamp since, const DeviceSet& within) const {
  DeviceSet found;
  for (const Fleet& fleet : scope_.fleets) {
    const auto target = fleet.target ? reader_.find(*fleet.target) : std::nullopt;
    if (!target || fleet.target_changed.at > since) continue;
    found |= of_fleet(fleet.id) - pinned_ - running_commit(target->commit);
  }
  index_.each_id(InventoryKey::pinned_to, [&](std::uint32_t id, const DeviceSet& devices) {
    const DeviceSet concerned = devices & within;
    const auto release = concerned.empty() ? std::nullopt : reader_.find(ReleaseId{id});
    if (release) found |= concerned - running_commit(release->commit);
  });
  return found & within;
}

DeviceSet TermSets::unchanged_since(Timestamp since, const DeviceSet& within) const {
  const auto limit = std::chrono::floor<std::chrono::seconds>(since).time_since_epoch().count();
  DeviceSet found;
  index_.each_group(InventoryKey::changed, within,
                    [&](std::uint32_t group, std::uint64_t bits, std::string_view bytes) {
                      const auto block = TimeBlock::decode(bytes);
                      if (!block) index_.end_damaged();
                      std::uint64_t kept = 0;
                      each_bit(bits, [&](std::size_t place) {
                        if (block->seconds[place] <= limit) kept |= std::uint64_t{1} << place;
                      });
                      found.set_group(group, kept);
                    });
  return found;
}

DeviceSet TermSets::named(std::span<const FilterTerm> terms, const DeviceSet& within) const {
  DeviceSet found;
  const auto fits_any = [&](std::string_view name) {
    return std::ranges::any_of(terms, [&](const FilterTerm& term) { return fits(name, term); });
  };
  index_.each_group(InventoryKey::name, within,
                    [&](std::uint32_t group, std::uint64_t bits, std::string_view bytes) {
                      TextReader names(bytes);
                      std::uint64_t kept = 0;
                      for (std::size_t place = 0; place < devices_per_group; ++place) {
                        const std::uint64_t bit = std::uint64_t{1} << place;
                        const auto name = names.next();
                        if ((bits & bit) != 0 && fits_any(name)) kept |= bit;
                      }
                      if (!names.good()) index_.end_damaged();
                      found.set_group(group, kept);
                    });
  return found;
}

DeviceSet TermSets::with_uuid(const FilterTerm& term) const {
  DeviceSet found;
  if (term.op == FilterOperator::equal && !parse_uuid(term.value)) return found;
  reader_.each_device_with(term.value, [&](DeviceId id) {
    found.add(id);
    return true;
  });
  return found;
}

std::vector<Release> TermSets::visible(const std::vector<std::uint32_t>& ids) const {
  std::vector<Release> found;
  for (const std::uint32_t id : ids) {
    auto release = reader_.find(ReleaseId{id});
    if (release && !release->deleted && fleet(release->fleet) != nullptr) {
      found.push_back(std::move(*release));
    }
  }
  return found;
}

std::vector<Release> TermSets::releases(std::string_view name) const {
  auto found = visible(index_.ids_of(InventoryKey::release_by_commit, name, true));
  if (found.empty() && name.size() >= prefix_length_min && is_lower_hex(name)) {
    found = visible(index_.ids_of(InventoryKey::release_by_commit, name, false));
  }
  if (const auto id = release_id_of(name); found.empty() && id) found = visible({id->value()});
  if (!found.empty()) return found;
  const auto semver = name.substr(0, name.find('+'));
  found = visible(index_.ids_of(InventoryKey::release_by_semver, semver, true));
  std::erase_if(found, [&](const Release& release) {
    std::vector<const Release*> one{&release};
    return !resolve_release(one, name, ReleaseUse::any).has_value();
  });
  return found;
}

}  // namespace muster
