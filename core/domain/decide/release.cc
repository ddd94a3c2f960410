#include <fmt/format.h>

#include <algorithm>

#include "core/domain/decide/context.h"
#include "core/domain/decide/names.h"
#include "core/domain/decide/release_name.h"

namespace muster {
namespace {

constexpr std::size_t manifest_size_max = 8'192;
constexpr std::string_view default_semver = "0.0.0";

/// A release and its fleet, found by name, allowed, and at the expected version.
struct Named {
  const Fleet* fleet;
  const Release* release;
};

tl::expected<Named, Rejection> find_named(const Context& context, const ReleaseName& name,
                                          ReleaseUse use) {
  const Fleet* fleet = nullptr;
  std::string wanted = name.release;
  if (name.fleet.empty()) {
    const auto id = release_id_of(name.release);
    const Release* release = id ? context.state.find(*id) : nullptr;
    const auto allowed = release == nullptr ? Found<Fleet>(nullptr)
                                            : allow_fleet(context, release->fleet, Role::developer);
    if (!allowed) return tl::unexpected(allowed.error());
    fleet = *allowed;
    if (fleet == nullptr) {
      return reject(RejectionCode::unknown_release, fmt::format("release {}", name.release),
                    "without a fleet a release is named by its id, and there is none "
                    "of this id that you may see",
                    "give --fleet SLUG, or id:N");
    }
    wanted = fmt::format("id:{}", id->value());  // Not the digits alone: a commit may begin so.
  } else {
    const auto found = find_fleet(context, name.fleet, Role::developer);
    if (!found) return tl::unexpected(found.error());
    fleet = *found;
  }
  const auto release = find_release(context, *fleet, wanted, use);
  if (!release) return tl::unexpected(release.error());
  const auto fresh = check_version(context, (*release)->version, describe(**release));
  if (!fresh) return tl::unexpected(fresh.error());
  return Named{fleet, *release};
}

tl::expected<void, Rejection> check_manifest(const std::string& manifest) {
  if (manifest.size() <= manifest_size_max) return {};
  return reject(RejectionCode::invalid_manifest, "manifest",
                fmt::format("a manifest has at most {} bytes; this one has {}", manifest_size_max,
                            manifest.size()),
                "put large things where devices can fetch them, and their url, sha256 and size "
                "into the manifest");
}

/// One success per fleet and commit, `except` the release that is about to become it.
tl::expected<void, Rejection> check_commit_free(const Context& context, const Fleet& fleet,
                                                std::string_view commit, ReleaseId except) {
  for (const ReleaseId id : context.state.releases_at(commit)) {
    const Release* other = context.state.find(id);
    const bool holds = other->fleet == fleet.id && other->status == ReleaseStatus::success &&
                       !other->deleted && other->id != except;
    if (!holds) continue;
    return reject(RejectionCode::commit_taken, fmt::format("commit {}", commit),
                  fmt::format("fleet {} has a successful release of this commit already: id:{}",
                              fleet.slug, id.value()),
                  "use that release, or build another commit");
  }
  return {};
}

std::uint32_t next_revision(const State& state, FleetId fleet, std::string_view semver) {
  std::uint32_t revision = 0;
  for (const ReleaseId id : state.releases_of(fleet)) {
    const Release* other = state.find(id);
    if (other->semver == semver && other->revision) {
      revision = std::max(revision, *other->revision + 1);
    }
  }
  return revision;
}

/// A tracking fleet goes to the latest eligible release, after `changed` became eligible or not.
void follow_latest(std::vector<Event>& events, const Context& context, const Fleet& fleet,
                   ReleaseId changed, bool eligible) {
  if (fleet.policy != FleetPolicy::track_latest) return;
  const auto latest = latest_eligible(context.state, fleet.id, changed, eligible);
  if (!latest) return;  // The target stays: devices never lose what they run.
  retarget(events, fleet, *latest,
           eligible ? TargetCause::release_eligible : TargetCause::release_ineligible);
}

tl::expected<void, Rejection> check_new_release(const Context& context, const Fleet& fleet,
                                                const CreateRelease& command,
                                                std::string_view semver) {
  if (!is_commit(command.commit)) {
    return reject(RejectionCode::invalid_commit, fmt::format("commit `{}`", command.commit),
                  fmt::format("a commit is {}", commit_rule), "give the full commit");
  }
  if (!is_semver(semver)) {
    return reject(RejectionCode::invalid_semver, fmt::format("semver `{}`", semver),
                  fmt::format("a semver is {}", semver_rule), "for example 1.4.2");
  }
  if (command.status != ReleaseStatus::running && command.status != ReleaseStatus::success) {
    return reject(RejectionCode::invalid_field, "status",
                  "a release starts as running, or as success when it is built already",
                  "create it as running, then `muster release finish` it");
  }
  if (command.note.size() > note_size_max) {
    return reject(RejectionCode::invalid_field, "note",
                  fmt::format("a note has at most {} bytes", note_size_max), "shorten it");
  }
  auto fits = check_manifest(command.manifest);
  if (!fits || command.status != ReleaseStatus::success) return fits;
  return check_commit_free(context, fleet, command.commit, ReleaseId{});
}

/// Who keeps `release` from being deleted, in words; empty if nobody does.
std::vector<std::string> holders(const State& state, const Fleet& fleet, const Release& release) {
  constexpr std::size_t shown_max = 10;
  std::vector<std::string> names;
  if (fleet.target == release.id) names.push_back(fmt::format("fleet {}", fleet.slug));
  std::uint32_t unnamed = release.pinned_devices;
  if (unnamed == 0) return names;
  for (const Device& device : state.devices()) {
    if (device.pin != release.id) continue;
    if (names.size() == shown_max) break;
    names.push_back(fmt::format("device {}", to_string(device.uuid)));
    --unnamed;
  }
  if (unnamed > 0) names.push_back(fmt::format("{} more devices", unnamed));
  return names;
}

}  // namespace

Decision decide_one(const Context& context, const CreateRelease& command) {
  const auto fleet = find_fleet(context, command.fleet, Role::developer);
  if (!fleet) return tl::unexpected(fleet.error());
  const std::string semver = command.semver.empty() ? std::string(default_semver) : command.semver;
  const auto valid = check_new_release(context, **fleet, command, semver);
  if (!valid) return tl::unexpected(valid.error());
  ReleaseCreated created{.id = context.state.next_release(),
                         .fleet = (*fleet)->id,
                         .commit = command.commit,
                         .semver = semver,
                         .revision = {},
                         .status = command.status,
                         .note = command.note,
                         .manifest = command.manifest};
  if (!command.draft) created.revision = next_revision(context.state, (*fleet)->id, semver);
  const ReleaseId id = created.id;
  std::vector<Event> events{std::move(created)};
  if (!command.draft && command.status == ReleaseStatus::success) {
    follow_latest(events, context, **fleet, id, true);
  }
  return events;
}

Decision decide_one(const Context& context, const FinishRelease& command) {
  const auto named = find_named(context, command.name, ReleaseUse::finish);
  if (!named) return tl::unexpected(named.error());
  const Release& release = *named->release;
  if (command.status == ReleaseStatus::running) {
    return reject(RejectionCode::invalid_field, "status", "running is no end of a build",
                  "give success, failed or cancelled");
  }
  if (release.status != ReleaseStatus::running) {
    const bool same_manifest = command.manifest.empty() || command.manifest == release.manifest;
    if (release.status == command.status && same_manifest) return std::vector<Event>{};
    return reject(
        RejectionCode::release_not_running, describe(release),
        fmt::format("its status changes only from running; it is {}", to_string(release.status)),
        "create a new release; `muster release invalidate` withdraws a success");
  }
  const auto fits = check_manifest(command.manifest);
  if (!fits) return tl::unexpected(fits.error());
  if (command.status == ReleaseStatus::success) {
    const auto free = check_commit_free(context, *named->fleet, release.commit, release.id);
    if (!free) return tl::unexpected(free.error());
  }
  std::vector<Event> events{
      ReleaseFinished{.id = release.id, .status = command.status, .manifest = command.manifest}};
  const bool eligible =
      command.status == ReleaseStatus::success && !release.draft() && !release.invalidated;
  if (eligible) follow_latest(events, context, *named->fleet, release.id, true);
  return events;
}

Decision decide_one(const Context& context, const FinalizeRelease& command) {
  const auto named = find_named(context, command.name, ReleaseUse::finalize);
  if (!named) return tl::unexpected(named.error());
  const Release& release = *named->release;
  if (!release.draft()) return std::vector<Event>{};
  std::vector<Event> events{
      ReleaseFinalized{.id = release.id,
                       .revision = next_revision(context.state, named->fleet->id, release.semver)}};
  if (release.pinnable()) follow_latest(events, context, *named->fleet, release.id, true);
  return events;
}

Decision decide_one(const Context& context, const InvalidateRelease& command) {
  const auto named = find_named(context, command.name, ReleaseUse::invalidate);
  if (!named) return tl::unexpected(named.error());
  const Release& release = *named->release;
  if (release.invalidated) return std::vector<Event>{};
  if (context.command.reason.empty()) {
    return reject(RejectionCode::invalid_field, "reason", "an invalidation says why",
                  "repeat with --reason TEXT");
  }
  std::vector<Event> events{ReleaseInvalidated{.id = release.id, .reason = context.command.reason}};
  if (release.eligible()) follow_latest(events, context, *named->fleet, release.id, false);
  return events;
}

Decision decide_one(const Context& context, const ValidateRelease& command) {
  const auto named = find_named(context, command.name, ReleaseUse::validate);
  if (!named) return tl::unexpected(named.error());
  const Release& release = *named->release;
  if (!release.invalidated) return std::vector<Event>{};
  std::vector<Event> events{ReleaseValidated{.id = release.id}};
  const bool eligible = release.status == ReleaseStatus::success && !release.draft();
  if (eligible) follow_latest(events, context, *named->fleet, release.id, true);
  return events;
}

Decision decide_one(const Context& context, const DeleteRelease& command) {
  const auto named = find_named(context, command.name, ReleaseUse::any);
  if (!named) return tl::unexpected(named.error());
  const Release& release = *named->release;
  auto held_by = holders(context.state, *named->fleet, release);
  if (!held_by.empty()) {
    return tl::unexpected(
        Rejection{.code = RejectionCode::release_in_use,
                  .entity = describe(release),
                  .rule = "a release that something targets or is pinned to cannot be deleted",
                  .remedy = "pin or track something else first",
                  .candidates = std::move(held_by)});
  }
  return std::vector<Event>{ReleaseDeleted{.id = release.id}};
}

}  // namespace muster
