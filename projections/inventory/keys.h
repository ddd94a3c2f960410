#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/endian.h"
#include "projections/key_layout.h"

// The keys of the inventory. A term is a byte that says what it is, then its value: an id of fixed
// size, or texts that end in a mark of their own, so that no term is the beginning of another.
// Behind a term stands the number of a block. A change raises the version of InventoryView.

namespace muster {

inline constexpr std::string_view inventory_view = "inventory";

enum class InventoryKey : char {
  // Terms: term, chunk → which of these 1,024 devices it is true of (DeviceChunk).
  every = 1,   // Has been registered.
  fleet,       // id
  type,        // id
  lifecycle,   // word
  os_variant,  // word
  pinned,      // Has a pin of its own.
  pinned_to,   // id of the release
  running,     // commit; the empty one: no release
  os,          // text
  agent,       // text
  tag_key,     // key
  tag,         // key, value

  // Columns: group → a value of each of these 64 devices.
  name = 0x20,
  uuid,
  changed,  // Seconds since 1970: when its pin, or what it runs, last changed.

  facts = 0x30,  // id → DeviceFacts, of those that reported something or have tags

  release_by_commit = 0x40,  // commit, id → nothing
  release_by_semver          // semver, id → nothing
};

/// Devices in a chunk of a term, and in a group of a column. Device N is number N % of them.
inline constexpr std::uint32_t devices_per_chunk = 1'024;
inline constexpr std::uint32_t devices_per_group = 64;

/// Appends the beginning of a text as it is within a term.
inline void append_text_start(std::string& term, std::string_view text) {
  for (const char c : text) {
    term.push_back(c);
    if (c == '\0') term.push_back('\xff');
  }
}

inline void append_value(std::string& term, std::string_view text) {
  append_text_start(term, text);
  term.append(2, '\0');
}
template <typename Tag, typename Rep>
void append_value(std::string& term, const StrongId<Tag, Rep>& id) {
  append_part(term, id);
}

/// The term of that kind about these values.
template <typename... Values>
[[nodiscard]] std::string term_of(InventoryKey kind, const Values&... values) {
  std::string term(1, static_cast<char>(kind));
  (append_value(term, values), ...);
  return term;
}

/// The key of one block of a term or column.
[[nodiscard]] inline std::string block_key(std::string term, std::uint32_t number) {
  append_big_endian(term, number);
  return term;
}

/// The number at the end of a key.
[[nodiscard]] inline std::uint32_t number_of(std::string_view key) {
  return read_big_endian<std::uint32_t>(key.substr(key.size() - sizeof(std::uint32_t)));
}

}  // namespace muster
