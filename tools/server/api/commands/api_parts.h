#pragma once

#include <functional>
#include <string>

#include "broker-bridge/bridge.h"
#include "broker-bridge/gate/refused_connects.h"
#include "broker-bridge/presence.h"
#include "core/base/clock.h"
#include "core/engine/engine.h"
#include "core/log/merkle/merkle_tree.h"
#include "core/log/record_codec.h"
#include "projections/runner.h"
#include "tools/server/api/answer.h"

namespace muster {

class BackupDesk;
class CheckpointThread;
class Rebuilder;
class RefusalLog;
class WorkQueue;

/// What the API works on. All must outlive it.
struct ApiParts {
  Engine& engine;
  const EventLog& log;
  const MerkleTree& tree;
  const RecordCodec& codec;
  const ViewStore& store;
  Runner& runner;
  const PresenceTable& presence;
  const RefusedConnects& refused;
  RefusalLog& refusals;
  CheckpointThread& checkpoints;
  BackupDesk& backups;
  Rebuilder& rebuilder;
  WorkQueue& work;
  const Clock& clock;
  std::function<BridgeHealth()> broker;
  std::function<void(ReconcileDone)> reconcile;
  std::string public_domain;  // Of devices' public URLs; empty: none is configured.
  AnswerParts answers;
};

}  // namespace muster
