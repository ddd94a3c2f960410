#include "projections/eras/era_view.h"

#include <string>
#include <string_view>

#include "core/base/endian.h"

namespace muster {
namespace {

constexpr std::string_view era_view = "eras";

void add(ViewBatch& batch, Sequence first, std::uint64_t epoch) {
  std::string key;
  append_big_endian(key, first.value());
  std::string value;
  append_big_endian(value, epoch);
  batch.put(key, value);
}

}  // namespace

std::string_view EraView::name() const { return era_view; }

void EraView::apply(ViewBatch& batch, const Recorded& recorded) {
  if (const auto* created = std::get_if<LogCreated>(&recorded.event)) {
    add(batch, recorded.sequence, created->epoch);
  } else if (const auto* restored = std::get_if<LogRestored>(&recorded.event)) {
    add(batch, recorded.sequence, restored->epoch);
  }
}

void EraView::finish(ViewBatch& /*batch*/) {}

std::vector<Era> load_eras(const ViewStore& store) {
  std::vector<Era> eras;
  const ViewSnapshot snapshot(store);
  snapshot.scan(era_view, {}, [&](std::string_view key, std::string_view value) {
    eras.push_back({.first = Sequence{read_big_endian<std::uint64_t>(key)},
                    .epoch = read_big_endian<std::uint64_t>(value)});
    return true;
  });
  return eras;
}

}  // namespace muster
