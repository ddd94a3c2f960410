#include "projections/row_codec.h"

#include <cstdint>

#include "projections/rows/action_fields.h"
#include "projections/rows/archive.h"
#include "projections/rows/fields.h"

namespace muster {
namespace {

constexpr std::uint8_t row_format = 1;

tl::unexpected<Error> damaged_row() {
  return fail(ErrorCode::corrupt, "a row of the registry is damaged");
}

template <typename Row>
std::string encode(const Row& row) {
  RowWriter writer;
  writer(row_format);
  fields(writer, row);
  return writer.take();
}

}  // namespace

std::string encode_row(const DeviceType& row) { return encode(row); }
std::string encode_row(const Organisation& row) { return encode(row); }
std::string encode_row(const User& row) { return encode(row); }
std::string encode_row(const Token& row) { return encode(row); }
std::string encode_row(const Fleet& row) { return encode(row); }
std::string encode_row(const Release& row) { return encode(row); }
std::string encode_row(const Device& row) { return encode(row); }
std::string encode_row(const ProvisioningKey& row) { return encode(row); }
std::string encode_row(const SavedView& row) { return encode(row); }
std::string encode_row(const DeviceQueue& row) { return encode(row); }
std::string encode_row(const FleetActions& row) { return encode(row); }
std::string encode_row(const ActionGroup& row) { return encode(row); }

template <typename Row>
Result<Row> decode_row(std::string_view bytes) {
  RowReader reader(bytes);
  std::uint8_t format = 0;
  Row row;
  reader(format);
  fields(reader, row);
  if (format != row_format || !reader.good_to_the_end()) return damaged_row();
  return row;
}

template Result<DeviceType> decode_row(std::string_view);
template Result<Organisation> decode_row(std::string_view);
template Result<User> decode_row(std::string_view);
template Result<Token> decode_row(std::string_view);
template Result<Fleet> decode_row(std::string_view);
template Result<Release> decode_row(std::string_view);
template Result<Device> decode_row(std::string_view);
template Result<ProvisioningKey> decode_row(std::string_view);
template Result<SavedView> decode_row(std::string_view);
template Result<DeviceQueue> decode_row(std::string_view);
template Result<FleetActions> decode_row(std::string_view);
template Result<ActionGroup> decode_row(std::string_view);

Result<Uuid> decode_uuid_of_device(std::string_view bytes) {
  RowReader reader(bytes);
  std::uint8_t format = 0;
  DeviceId id;
  Uuid uuid;
  reader(format, id, uuid);  // As `fields` of Device begin.
  if (format != row_format || !reader.good()) return damaged_row();
  return uuid;
}

}  // namespace muster
