#include "projections/inventory/inventory.h"

#include <algorithm>

namespace muster {
namespace {

/// The order of a page.
struct PageOrder {
  bool descending = false;

  bool operator()(const InventoryMark& a, const InventoryMark& b) const {
    return before(a.key, a.id, b.key, b.id);
  }
  [[nodiscard]] bool before(std::string_view key_a, DeviceId a, std::string_view key_b,
                            DeviceId b) const {
    const auto order = key_a == key_b ? a <=> b : key_a <=> key_b;
    return descending ? order > 0 : order < 0;
  }
};

/// Keeps the first so many of the marks it is shown, in the order of the page, and one more, which
/// tells whether there is a next page.
class FirstMarks {
 public:
  explicit FirstMarks(const InventoryRequest& request)
      : request_(request), order_{request.descending} {}

  void offer(std::string_view key, DeviceId id) {
    const auto& after = request_.after;
    if (after && !order_.before(after->key, after->id, key, id)) return;
    const bool full = heap_.size() > request_.limit;
    if (full && !order_.before(key, id, heap_.front().key, heap_.front().id)) return;
    if (full) {
      std::ranges::pop_heap(heap_, order_);
      heap_.pop_back();
    }
    heap_.push_back({std::string(key), id});
    std::ranges::push_heap(heap_, order_);
  }

  [[nodiscard]] std::vector<InventoryMark> take() && {
    std::ranges::sort_heap(heap_, order_);
    return std::move(heap_);
  }

 private:
  const InventoryRequest& request_;
  const PageOrder order_;
  std::vector<InventoryMark> heap_;  // The last of the page on top.
};

std::vector<InventoryMark> first_by_id(const DeviceSet& devices, const InventoryRequest& request) {
  std::vector<InventoryMark> marks;
  const auto take = [&](DeviceId id) {
    const bool passed =
        !request.after || (request.descending ? id < request.after->id : id > request.after->id);
    if (passed) marks.push_back({{}, id});
    return marks.size() <= request.limit;
  };
  if (request.descending) {
    devices.each_from_last(take);
  } else {
    devices.each(take);
  }
  return marks;
}

std::vector<InventoryMark> first_by_column(const InventoryIndex& index, const DeviceSet& devices,
                                           const InventoryRequest& request) {
  FirstMarks first(request);
  const bool by_name = request.sort == InventorySort::name;
  const auto offer_group = [&](std::uint32_t group, std::uint64_t bits, std::string_view block) {
    TextReader names(block);
    if (!by_name && block.size() != sizeof(Uuid) * devices_per_group) index.end_damaged();
    for (std::size_t place = 0; place < devices_per_group; ++place) {
      const auto key = by_name ? names.next() : block.substr(place * sizeof(Uuid), sizeof(Uuid));
      if ((bits >> place & 1U) == 0) continue;
      first.offer(key, DeviceId{static_cast<std::uint32_t>(group * devices_per_group + place)});
    }
    if (!names.good()) index.end_damaged();
  };
  index.each_group(by_name ? InventoryKey::name : InventoryKey::uuid, devices, offer_group);
  return std::move(first).take();
}

}  // namespace

InventoryPage list_devices(const Reader& reader, const InventoryScope& scope,
                           const InventoryRequest& request) {
  const DeviceSet devices = FilterEvaluation(reader, scope).select(request.filter);
  InventoryPage page;
  page.total = devices.count();
  page.devices = request.sort == InventorySort::created
                     ? first_by_id(devices, request)
                     : first_by_column(InventoryIndex(reader.snapshot()), devices, request);
  page.more = page.devices.size() > request.limit;
  if (page.more) page.devices.pop_back();
  return page;
}

std::vector<DeviceId> select_devices(const Reader& reader, const InventoryScope& scope,
                                     const Filter* filter, std::size_t limit) {
  std::vector<DeviceId> ids;
  FilterEvaluation(reader, scope).select(filter).each([&](DeviceId id) {
    if (ids.size() < limit) ids.push_back(id);
    return ids.size() < limit;
  });
  return ids;
}

}  // namespace muster
