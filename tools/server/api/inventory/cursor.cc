#include "tools/server/api/inventory/cursor.h"

#include "core/base/base64.h"
#include "core/base/digest.h"
#include "core/base/endian.h"

namespace muster {
namespace {

constexpr std::size_t id_size = sizeof(std::uint32_t);
constexpr std::size_t check_size = 8;

std::string check_of(std::string_view place, std::string_view list) {
  const Digest digest = sha256({as_bytes(place), as_bytes("\n"), as_bytes(list)});
  return std::string(as_text(digest).substr(0, check_size));
}

}  // namespace

std::string write_cursor(const InventoryMark& mark, std::string_view list) {
  std::string place;
  append_big_endian(place, mark.id.value());
  place.append(mark.key);
  return to_base64url(as_bytes(place + check_of(place, list)));
}

std::optional<InventoryMark> read_cursor(std::string_view text, std::string_view list) {
  const auto bytes = from_base64url(text);
  if (!bytes || bytes->size() < id_size + check_size) return std::nullopt;
  const std::string_view all = as_text(*bytes);
  const auto place = all.substr(0, all.size() - check_size);
  if (all.substr(place.size()) != check_of(place, list)) return std::nullopt;
  return InventoryMark{.key = std::string(place.substr(id_size)),
                       .id = DeviceId{read_big_endian<std::uint32_t>(place)}};
}

}  // namespace muster
