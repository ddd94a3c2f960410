#pragma once

#include "core/domain/actions/action_rows.h"
#include "projections/rows/archive.h"

// What the rows of open actions consist of; see fields.h.

namespace muster {

template <>
inline constexpr bool is_part<ActionOrder> = true;
template <>
inline constexpr bool is_part<OpenAction> = true;
template <>
inline constexpr bool is_part<UnansweredAction> = true;
template <>
inline constexpr bool is_part<ActionCounts> = true;
template <>
inline constexpr bool is_part<FleetAction> = true;

template <typename Archive, Is<ActionOrder> Row>
void fields(Archive& archive, Row& row) {
  auto& [kind, os_version, force, deliver_by, execute_within_s, max_parallel, stop_after_failures] =
      row;
  archive(kind, os_version, force, deliver_by, execute_within_s, max_parallel, stop_after_failures);
}

template <typename Archive, Is<OpenAction> Row>
void fields(Archive& archive, Row& row) {
  auto& [n, id, order, fleet, group, by_move, requesters, state, attempts, delivered_at, cancelling,
         boot] = row;
  archive(n, id, order, fleet, group, by_move, requesters, state, attempts, delivered_at,
          cancelling, boot);
}

template <typename Archive, Is<UnansweredAction> Row>
void fields(Archive& archive, Row& row) {
  auto& [n, id, fleet] = row;
  archive(n, id, fleet);
}

template <typename Archive, Is<DeviceQueue> Row>
void fields(Archive& archive, Row& row) {
  auto& [id, joined, done, closed, open, unanswered, down_since, data_of] = row;
  archive(id, joined, done, closed, open, unanswered, down_since, data_of);
}

template <typename Archive, Is<ActionCounts> Row>
void fields(Archive& archive, Row& row) {
  auto& [devices, in_flight, succeeded, failed, skipped, ended] = row;
  archive(devices, in_flight, succeeded, failed, skipped, ended);
}

template <typename Archive, Is<FleetAction> Row>
void fields(Archive& archive, Row& row) {
  auto& [action, last_device, counts, ended] = row;
  archive(action, last_device, counts, ended);
}

template <typename Archive, Is<FleetActions> Row>
void fields(Archive& archive, Row& row) {
  auto& [id, open] = row;
  archive(id, open);
}

template <typename Archive, Is<ActionGroup> Row>
void fields(Archive& archive, Row& row) {
  auto& [id, max_parallel, stop_after_failures, counts, open] = row;
  archive(id, max_parallel, stop_after_failures, counts, open);
}

}  // namespace muster
