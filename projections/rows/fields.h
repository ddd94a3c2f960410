#pragma once

#include "core/domain/entities.h"
#include "projections/rows/archive.h"

// What a row consists of, in stored order: for writing and for reading alike. The bindings name
// every field, so that a new one breaks the build until it is stored.

namespace muster {

template <typename Archive, Is<DeviceType> Row>
void fields(Archive& archive, Row& row) {
  auto& [id, slug, name, architecture, os_update_supported, version] = row;
  archive(id, slug, name, architecture, os_update_supported, version);
}

template <typename Archive, Is<Organisation> Row>
void fields(Archive& archive, Row& row) {
  auto& [id, handle, name, members, billing_valid, deactivation_fees, created_at, version] = row;
  archive(id, handle, name, members, billing_valid, deactivation_fees, created_at, version);
}

template <typename Archive, Is<User> Row>
void fields(Archive& archive, Row& row) {
  auto& [id, username, enabled, instance_roles, erased, created_at, version] = row;
  archive(id, username, enabled, instance_roles, erased, created_at, version);
}

template <typename Archive, Is<Token> Row>
void fields(Archive& archive, Row& row) {
  auto& [id, user, name, secret_hash, role_limit, expires_at, revoked, created_at, version] = row;
  archive(id, user, name, secret_hash, role_limit, expires_at, revoked, created_at, version);
}

template <typename Archive, Is<Fleet> Row>
void fields(Archive& archive, Row& row) {
  auto& [id, uuid, organisation, name, slug, device_type, type, policy, target, target_changed,
         members, devices, pinned_devices, deactivated_devices, public_urls, url_stamps, support,
         deleted, vouched, joined, created_at, version] = row;
  archive(id, uuid, organisation, name, slug, device_type, type, policy, target, target_changed,
          members, devices, pinned_devices, deactivated_devices, public_urls, url_stamps, support,
          deleted, vouched, joined, created_at, version);
}

template <typename Archive, Is<Release> Row>
void fields(Archive& archive, Row& row) {
  auto& [id, fleet, commit, semver, revision, status, invalidated, invalidation_reason, note,
         note_author, manifest, deleted, pinned_devices, created, payload_changed, created_at,
         version] = row;
  archive(id, fleet, commit, semver, revision, status, invalidated, invalidation_reason, note,
          note_author, manifest, deleted, pinned_devices, created, payload_changed, created_at,
          version);
}

template <typename Archive, Is<Device> Row>
void fields(Archive& archive, Row& row) {
  auto& [id, uuid, fleet, device_type, lifecycle, os_variant, encoding, flags, encoding_changed,
         pin, target_changed, after_action, settled, support_until, name, note, note_author, tags,
         os_version, agent_version, running_commit, boot, key_generation, key_minimum,
         provisioning_key, created_at, version] = row;
  archive(id, uuid, fleet, device_type, lifecycle, os_variant, encoding, flags, encoding_changed,
          pin, target_changed, after_action, settled, support_until, name, note, note_author, tags,
          os_version, agent_version, running_commit, boot, key_generation, key_minimum,
          provisioning_key, created_at, version);
}

template <typename Archive, Is<ProvisioningKey> Row>
void fields(Archive& archive, Row& row) {
  auto& [id, fleet, name, secret_hash, uses, used, expires_at, revoked, created_at, version] = row;
  archive(id, fleet, name, secret_hash, uses, used, expires_at, revoked, created_at, version);
}

template <typename Archive, Is<SavedView> Row>
void fields(Archive& archive, Row& row) {
  auto& [id, owner, name, filter, shared_with, removed, created_at, version] = row;
  archive(id, owner, name, filter, shared_with, removed, created_at, version);
}

template <>
inline constexpr bool is_part<Change> = true;

template <typename Archive, Is<Change> Row>
void fields(Archive& archive, Row& row) {
  auto& [sequence, at] = row;
  archive(sequence, at);
}

template <>
inline constexpr bool is_part<UrlStamp> = true;

template <typename Archive, Is<UrlStamp> Row>
void fields(Archive& archive, Row& row) {
  auto& [changed, enabled] = row;
  archive(changed, enabled);
}

template <>
inline constexpr bool is_part<FleetSupport> = true;

template <typename Archive, Is<FleetSupport> Row>
void fields(Archive& archive, Row& row) {
  auto& [until, longest, changed, ended] = row;
  archive(until, longest, changed, ended);
}

template <>
inline constexpr bool is_part<Tag> = true;

template <typename Archive, Is<Tag> Row>
void fields(Archive& archive, Row& row) {
  auto& [key, value] = row;
  archive(key, value);
}

}  // namespace muster
