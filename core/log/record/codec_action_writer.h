#pragma once

#include "core/domain/actions/action_events.h"
#include "core/log/record/codec_builder.h"

namespace muster {

/// Builds the tables of the facts about actions.
class ActionWriter : public PayloadBuilder {
 public:
  using PayloadBuilder::PayloadBuilder;

  WirePayload operator()(const ActionQueued& e);
  WirePayload operator()(const FleetActionQueued& e);
  WirePayload operator()(const ActionSkipped& e);
  WirePayload operator()(const ActionMerged& e);
  WirePayload operator()(const ActionPublished& e);
  WirePayload operator()(const ActionDelivered& e);
  WirePayload operator()(const ActionStarted& e);
  WirePayload operator()(const ActionEnded& e);
  WirePayload operator()(const ActionCancelRequested& e);
  WirePayload operator()(const FleetActionEnded& e);
  WirePayload operator()(const ActionLateResult& e);

 private:
  Offset<wire::ActionOrder> order_of(const ActionOrder& order);
};

}  // namespace muster
