#include "core/domain/lifecycle/settings.h"

#include <algorithm>

namespace muster {
namespace {

/// More changes to the same value in a row, each with devices that differed, are forgotten.
constexpr std::size_t stamps_max = 64;

struct PublicUrl {
  bool enabled = false;
  Change changed;  // By the fleet.
};

PublicUrl public_url_of(const Device& device, const Fleet& fleet) noexcept {
  PublicUrl url{.enabled = device.has(DeviceFlag::public_url), .changed = {}};
  for (const UrlStamp& stamp : fleet.url_stamps) {
    const bool concerns = stamp.changed.sequence > device.settled;
    if (concerns && stamp.enabled != url.enabled) url = {stamp.enabled, stamp.changed};
  }
  return url;
}

/// A grant that had ended before the device came never was one to it.
bool is_told_of(const FleetSupport& support, const Device& device) {
  return support.until > Timestamp{} &&
         (support.ended == Sequence{} || support.ended > device.settled);
}

}  // namespace

SettingsOfDevice settings_of(const Device& device, const Fleet& fleet) {
  const PublicUrl url = public_url_of(device, fleet);
  SettingsOfDevice of{.settings = {.public_url = url.enabled,
                                   .local_mode = device.has(DeviceFlag::local_mode),
                                   .lock_override = device.has(DeviceFlag::lock_override),
                                   .support_until = {}},
                      .changed = url.changed};
  Timestamp until = device.support_until;
  if (is_told_of(fleet.support, device)) until = std::max(until, fleet.support.until);
  if (until > Timestamp{}) of.settings.support_until = until;
  // A device whose own grant is longer than its fleet's ever was sees nothing of that.
  const bool sees_support = fleet.support.longest > device.support_until;
  if (sees_support) of.changed = std::max(of.changed, fleet.support.changed);
  return of;
}

bool has_public_url(const Device& device, const Fleet& fleet) noexcept {
  return public_url_of(device, fleet).enabled;
}

void stamp_urls(Fleet& fleet, UrlStamp stamp) {
  auto& stamps = fleet.url_stamps;
  const bool turns = !stamps.empty() && stamps.back().enabled != stamp.enabled;
  if (turns) stamps.erase(stamps.begin(), stamps.end() - 1);
  if (stamps.size() == stamps_max) {
    // As if it had been the other way just before: told to all, and right for all.
    stamps.assign(1, UrlStamp{.changed = stamp.changed, .enabled = !stamp.enabled});
  }
  stamps.push_back(stamp);
}

void settle(Device& device, const Fleet& fleet, Sequence since) {
  device.set(DeviceFlag::public_url, has_public_url(device, fleet));
  device.settled = since;
}

bool has_support(const Device& device, Timestamp now) noexcept {
  return device.support_until > now && !device.has(DeviceFlag::support_expired);
}

bool has_support(const Fleet& fleet, Timestamp now) noexcept {
  return fleet.support.until > now && fleet.support.ended == Sequence{} && !fleet.is_deleted();
}

}  // namespace muster
