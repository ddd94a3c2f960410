#pragma once

#include "core/log/record/codec_values.h"

namespace muster::stored {

/// Reads the tables of the facts about actions.
class ActionReader : public ValueReader {
 public:
  Event read(const wire::ActionQueued& e);
  Event read(const wire::FleetActionQueued& e);
  Event read(const wire::ActionSkipped& e);
  Event read(const wire::ActionMerged& e);
  Event read(const wire::ActionPublished& e);
  Event read(const wire::ActionDelivered& e);
  Event read(const wire::ActionStarted& e);
  Event read(const wire::ActionEnded& e);
  Event read(const wire::ActionCancelRequested& e);
  Event read(const wire::FleetActionEnded& e);
  Event read(const wire::ActionLateResult& e);

 private:
  ActionOrder order(const wire::ActionOrder& order);
};

}  // namespace muster::stored
