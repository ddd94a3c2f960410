#include "projections/inventory/index.h"

#include <optional>

namespace muster {
namespace {

/// Fewer groups than that share of a column are read one by one, more in one pass.
constexpr std::size_t pass_share = 16;

/// The text within the key of a term about one, which ends in a number.
std::string text_in(std::string_view key) {
  std::string text;
  const auto end = key.size() - sizeof(std::uint32_t);
  for (std::size_t i = 1; i + 1 < end; ++i) {
    if (key[i] == '\0' && key[i + 1] == '\0') break;
    text.push_back(key[i]);
    if (key[i] == '\0') ++i;
  }
  return text;
}

std::string start_of(InventoryKey kind, std::string_view text) {
  std::string prefix(1, static_cast<char>(kind));
  append_text_start(prefix, text);
  return prefix;
}

}  // namespace

void InventoryIndex::end_damaged() const {
  snapshot_.end_damaged("a block of the inventory is damaged");
}

void InventoryIndex::add_chunk(DeviceSet& devices, std::string_view key,
                               std::string_view block) const {
  const auto chunk = DeviceChunk::decode(block);
  if (!chunk) end_damaged();
  devices.add(number_of(key), *chunk);
}

DeviceSet InventoryIndex::devices(const std::string& term) const {
  DeviceSet found;
  snapshot_.scan(inventory_view, {term, {}}, [&](std::string_view key, std::string_view block) {
    add_chunk(found, key, block);
    return true;
  });
  return found;
}

DeviceSet InventoryIndex::devices_where(InventoryKey kind, std::string_view start,
                                        const TakesText& wanted) const {
  DeviceSet found;
  std::string last_term;
  bool taken = false;
  snapshot_.scan(inventory_view, {start_of(kind, start), {}},
                 [&](std::string_view key, std::string_view block) {
                   const auto term = key.substr(0, key.size() - sizeof(std::uint32_t));
                   if (term != last_term) {
                     last_term = term;
                     taken = wanted(text_in(key));
                   }
                   if (taken) add_chunk(found, key, block);
                   return true;
                 });
  return found;
}

void InventoryIndex::each_id(
    InventoryKey kind, const std::function<void(std::uint32_t id, const DeviceSet&)>& sink) const {
  std::optional<std::uint32_t> current;
  DeviceSet devices;
  snapshot_.scan(inventory_view, {std::string(1, static_cast<char>(kind)), {}},
                 [&](std::string_view key, std::string_view block) {
                   const auto id = read_big_endian<std::uint32_t>(key.substr(1));
                   if (current && *current != id) {
                     sink(*current, devices);
                     devices = {};
                   }
                   current = id;
                   add_chunk(devices, key, block);
                   return true;
                 });
  if (current) sink(*current, devices);
}

std::vector<std::uint32_t> InventoryIndex::ids_of(InventoryKey kind, std::string_view start,
                                                  bool whole) const {
  std::vector<std::uint32_t> ids;
  const auto prefix = whole ? term_of(kind, start) : start_of(kind, start);
  snapshot_.scan(inventory_view, {prefix, {}}, [&](std::string_view key, std::string_view) {
    ids.push_back(number_of(key));
    return true;
  });
  return ids;
}

void InventoryIndex::each_group(InventoryKey column, const DeviceSet& devices,
                                const GroupSink& sink) const {
  std::size_t wanted = 0;
  for (std::size_t i = 0; i < devices.groups(); ++i) wanted += devices.group(i) != 0 ? 1 : 0;
  const auto prefix = term_of(column);
  if (wanted * pass_share < devices.groups()) {
    for (std::size_t i = 0; i < devices.groups(); ++i) {
      if (devices.group(i) == 0) continue;
      const auto group = static_cast<std::uint32_t>(i);
      const auto block = snapshot_.get(inventory_view, block_key(prefix, group));
      if (!block) end_damaged();
      sink(group, devices.group(i), *block);
    }
    return;
  }
  snapshot_.scan(inventory_view, {prefix, {}}, [&](std::string_view key, std::string_view block) {
    const std::uint32_t group = number_of(key);
    if (group >= devices.groups()) return false;
    if (const auto bits = devices.group(group); bits != 0) sink(group, bits, block);
    return true;
  });
}

}  // namespace muster
