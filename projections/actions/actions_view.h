#pragma once

#include <cstdint>
#include <string_view>

#include "projections/actions/action_records.h"
#include "projections/inventory/block_cache.h"
#include "projections/projection.h"

namespace muster {

/// A record as BlockCache keeps it.
template <typename Record>
struct ActionBlock : Record {
  [[nodiscard]] std::string encode() const {
    return encode_record(static_cast<const Record&>(*this));
  }
  [[nodiscard]] static Result<ActionBlock> decode(std::string_view bytes) {
    return decode_record<Record>(bytes).map(
        [](Record record) { return ActionBlock{std::move(record)}; });
  }
};

/// Every action ever asked for, how far it is, what became of all that one command asked for, and
/// when the clocks of those that are open run out (ActionReader reads it). A fleet-wide action is
/// one row, and one more for each device on which something happened.
class ActionsView final : public Projection {
 public:
  ActionsView();

  [[nodiscard]] std::string_view name() const override;
  [[nodiscard]] std::uint32_t version() const override { return 2; }
  void apply(ViewBatch& batch, const Recorded& recorded) override;
  void finish(ViewBatch& batch) override;

 private:
  void fold(ViewBatch& batch, const Recorded& recorded, const ActionQueued& e);
  void fold(ViewBatch& batch, const Recorded& recorded, const FleetActionQueued& e);
  void fold(ViewBatch& batch, const Recorded& recorded, const ActionSkipped& e);
  void fold(ViewBatch& batch, const Recorded& recorded, const ActionMerged& e);
  void fold(ViewBatch& batch, const Recorded& recorded, const ActionPublished& e);
  void fold(ViewBatch& batch, const Recorded& recorded, const ActionDelivered& e);
  void fold(ViewBatch& batch, const Recorded& recorded, const ActionStarted& e);
  void fold(ViewBatch& batch, const Recorded& recorded, const ActionEnded& e);
  void fold(ViewBatch& batch, const Recorded& recorded, const ActionCancelRequested& e);
  void fold(ViewBatch& batch, const Recorded& recorded, const FleetActionEnded& e);
  void fold(ViewBatch& batch, const Recorded& recorded, const ActionLateResult& e);

  ActionRecord& record(ViewBatch& batch, Sequence n);
  ActionRollUp& roll_up(ViewBatch& batch, const Ulid& id);
  ActionRollUp& start_roll_up(ViewBatch& batch, const Recorded& recorded, const ActionRecord& of,
                              FleetId fleet);

  /// How far the action is on the device: of a fleet-wide one, which touches the device by it, in a
  /// row of its own.
  template <typename E>
  ActionProgress& progress(ViewBatch& batch, const E& e);
  ActionProgress& touch(ViewBatch& batch, ActionRecord& wide, DeviceId device);

  template <typename E>
  void advance(ViewBatch& batch, const E& e, ActionProgress& progress, ActionState to);
  void count(ViewBatch& batch, const ActionRecord& of, ActionState from, ActionState to,
             std::uint32_t devices);

  BlockCache<ActionBlock<ActionRecord>> records_;
  BlockCache<ActionBlock<ActionProgress>> parts_;
  BlockCache<ActionBlock<ActionRollUp>> roll_ups_;
};

}  // namespace muster
