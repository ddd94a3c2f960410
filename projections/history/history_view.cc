#include "projections/history/history_view.h"

#include <string>

#include "core/base/overloaded.h"
#include "projections/history/history_entry.h"
#include "projections/history/keys.h"

namespace muster {
namespace {

void hold_slug(ViewBatch& batch, Sequence since, const std::string& slug, FleetId fleet) {
  batch.put(history_key(HistoryKey::slug_of_fleet, slug, slug_mark, since), id_bytes(fleet));
}

/// By which names things will be looked for.
void put_names(ViewBatch& batch, const Recorded& recorded) {
  const Sequence at = recorded.sequence;
  std::visit(Overloaded{
                 [&](const FleetCreated& e) { hold_slug(batch, at, e.slug, e.id); },
                 [&](const FleetRenamed& e) { hold_slug(batch, at, e.slug, e.fleet); },
                 [&](const FleetTransferred& e) { hold_slug(batch, at, e.slug, e.fleet); },
                 [&](const DeviceRegistered& e) {
                   batch.put(history_key(HistoryKey::life_of_uuid, e.uuid, e.id), {});
                 },
                 [](const auto&) {},  // All others give no name.
             },
             recorded.event);
}

HistoryEntry entry_of(const Recorded& recorded, const Concern& concern) {
  const Subject subject = subject_of(recorded.event);
  return {.sequence = recorded.sequence,
          .actor = recorded.meta.actor.user,
          .fleet = concern.fleet,
          .organisation = concern.organisation,
          .device = DeviceId{subject.kind == EntityKind::device ? subject.id : 0},
          .kind = std::string(name_of(recorded.event))};
}

}  // namespace

std::string_view HistoryView::name() const { return history_view; }

void HistoryView::apply(ViewBatch& batch, const Recorded& recorded) {
  owners_.learn(batch, recorded.event);
  put_names(batch, recorded);
  const auto concerns = concerns_of(recorded.event, batch, owners_);
  for (const Concern& concern : concerns) {
    blocks_.add(batch, concern.stream, entry_of(recorded, concern));
  }
  if (const UserId actor = recorded.meta.actor.user; actor != UserId{}) {
    const Concern first = concerns.empty() ? Concern{} : concerns.front();
    blocks_.add(batch, deeds_of(actor), entry_of(recorded, first));
  }
  if (latest_ && latest_->at != recorded.meta.at) put(batch, *latest_);
  latest_ = {.at = recorded.meta.at, .last = recorded.sequence};
}

void HistoryView::put(ViewBatch& batch, const Moment& moment) {
  batch.put_unread(history_key(HistoryKey::last_at, LatestFirst{moment.at}), id_bytes(moment.last));
}

void HistoryView::finish(ViewBatch& batch) {
  blocks_.write(batch);
  if (latest_) put(batch, *latest_);
  latest_.reset();
}

}  // namespace muster
