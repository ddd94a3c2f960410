#include "projections/row_codec.h"

#include <algorithm>
#include <array>
#include <concepts>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/base/digest.h"
#include "core/base/endian.h"

namespace muster {
namespace {

constexpr std::uint8_t row_format = 1;

template <typename T, typename Row>
concept Is = std::same_as<std::remove_const_t<T>, Row>;

// --- What a row consists of, in stored order: for writing and for reading alike. The bindings
// name every field, so that a new one breaks the build until it is stored ---

template <typename Archive, Is<DeviceType> Row>
void fields(Archive& archive, Row& row) {
  auto& [id, slug, name, architecture, os_update_supported, version] = row;
  archive(id, slug, name, architecture, os_update_supported, version);
}

template <typename Archive, Is<Organisation> Row>
void fields(Archive& archive, Row& row) {
  auto& [id, handle, name, members, created_at, version] = row;
  archive(id, handle, name, members, created_at, version);
}

template <typename Archive, Is<User> Row>
void fields(Archive& archive, Row& row) {
  auto& [id, username, enabled, instance_roles, created_at, version] = row;
  archive(id, username, enabled, instance_roles, created_at, version);
}

template <typename Archive, Is<Token> Row>
void fields(Archive& archive, Row& row) {
  auto& [id, user, name, secret_hash, role_limit, expires_at, revoked, created_at, version] = row;
  archive(id, user, name, secret_hash, role_limit, expires_at, revoked, created_at, version);
}

template <typename Archive, Is<Fleet> Row>
void fields(Archive& archive, Row& row) {
  auto& [id, uuid, organisation, name, slug, device_type, type, policy, target, target_changed,
         members, devices, pinned_devices, created_at, version] = row;
  archive(id, uuid, organisation, name, slug, device_type, type, policy, target, target_changed,
          members, devices, pinned_devices, created_at, version);
}

template <typename Archive, Is<Release> Row>
void fields(Archive& archive, Row& row) {
  auto& [id, fleet, commit, semver, revision, status, invalidated, invalidation_reason, note,
         manifest, deleted, pinned_devices, created, payload_changed, created_at, version] = row;
  archive(id, fleet, commit, semver, revision, status, invalidated, invalidation_reason, note,
          manifest, deleted, pinned_devices, created, payload_changed, created_at, version);
}

template <typename Archive, Is<Device> Row>
void fields(Archive& archive, Row& row) {
  auto& [id, uuid, fleet, device_type, lifecycle, os_variant, encoding, encoding_changed, pin,
         target_changed, name, note, tags, os_version, agent_version, running_commit, boot,
         key_generation, key_minimum, provisioning_key, created_at, version] = row;
  archive(id, uuid, fleet, device_type, lifecycle, os_variant, encoding, encoding_changed, pin,
          target_changed, name, note, tags, os_version, agent_version, running_commit, boot,
          key_generation, key_minimum, provisioning_key, created_at, version);
}

template <typename Archive, Is<ProvisioningKey> Row>
void fields(Archive& archive, Row& row) {
  auto& [id, fleet, name, secret_hash, uses, used, expires_at, revoked, created_at, version] = row;
  archive(id, fleet, name, secret_hash, uses, used, expires_at, revoked, created_at, version);
}

template <typename Archive, Is<SavedView> Row>
void fields(Archive& archive, Row& row) {
  auto& [id, owner, name, filter, shared_with, removed, created_at, version] = row;
  archive(id, owner, name, filter, shared_with, removed, created_at, version);
}

template <typename Archive, Is<Change> Row>
void fields(Archive& archive, Row& row) {
  auto& [sequence, at] = row;
  archive(sequence, at);
}

template <typename Archive, Is<Tag> Row>
void fields(Archive& archive, Row& row) {
  auto& [key, value] = row;
  archive(key, value);
}

// --- The closed sets of words, for telling damage when reading ---

template <typename T>
struct Words {
  T first;
  T last;
};
constexpr Words<Role> words_of(Role) { return {Role::observer, Role::administrator}; }
constexpr Words<OrganisationRole> words_of(OrganisationRole) {
  return {OrganisationRole::member, OrganisationRole::administrator};
}
constexpr Words<FleetType> words_of(FleetType) { return {FleetType::starter, FleetType::legacy}; }
constexpr Words<FleetPolicy> words_of(FleetPolicy) {
  return {FleetPolicy::track_latest, FleetPolicy::pinned};
}
constexpr Words<ReleaseStatus> words_of(ReleaseStatus) {
  return {ReleaseStatus::running, ReleaseStatus::cancelled};
}
constexpr Words<Lifecycle> words_of(Lifecycle) { return {Lifecycle::active, Lifecycle::deleted}; }
constexpr Words<OsVariant> words_of(OsVariant) {
  return {OsVariant::unknown, OsVariant::development};
}

constexpr Words<Encoding> words_of(Encoding) { return {Encoding::json, Encoding::flatbuffers}; }

template <typename T>
concept Number = std::unsigned_integral<T> && !std::same_as<T, bool>;

template <typename T>
concept Word = std::is_enum_v<T> && std::same_as<std::underlying_type_t<T>, std::uint8_t>;

/// Appends values. Numbers are big-endian, texts and lists have their length in front.
class RowWriter {
 public:
  template <typename... Values>
  void operator()(const Values&... values) {
    (write(values), ...);
  }

  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  void write(Number auto value) { append_big_endian(out_, value); }
  void write(bool value) { out_.push_back(value ? '\1' : '\0'); }
  void write(Word auto value) { write(static_cast<std::uint8_t>(value)); }
  void write(const Uuid& value) { out_.append(as_text(value.bytes)); }
  void write(const Digest& value) { out_.append(as_text(value)); }
  void write(Timestamp value) {
    write(static_cast<std::uint64_t>(value.time_since_epoch().count()));
  }
  void write(const std::string& value) {
    write(static_cast<std::uint32_t>(value.size()));
    out_.append(value);
  }
  template <typename Tag, typename Rep>
  void write(const StrongId<Tag, Rep>& value) {
    write(value.value());
  }
  template <typename T>
  void write(const std::optional<T>& value) {
    write(value.has_value());
    if (value) write(*value);
  }
  template <typename T>
  void write(const std::vector<T>& values) {
    write(static_cast<std::uint32_t>(values.size()));
    for (const T& value : values) write(value);
  }
  template <typename First, typename Second>
  void write(const std::pair<First, Second>& value) {
    write(value.first);
    write(value.second);
  }
  void write(const Change& value) { fields(*this, value); }
  void write(const Tag& value) { fields(*this, value); }

  std::string out_;
};

/// Reads what RowWriter wrote. After damage it reads zeros and is not `good` any more.
class RowReader {
 public:
  explicit RowReader(std::string_view bytes) : rest_(bytes) {}

  template <typename... Values>
  void operator()(Values&... values) {
    (read(values), ...);
  }

  [[nodiscard]] bool good_to_the_end() const noexcept { return good_ && rest_.empty(); }

 private:
  std::string_view take(std::size_t size) {
    if (size > rest_.size()) {
      good_ = false;
      rest_ = {};
      return {};
    }
    const auto taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }

  template <Number T>
  void read(T& value) {
    const auto bytes = take(sizeof(T));
    value = bytes.empty() ? T{0} : read_big_endian<T>(bytes);
  }
  void read(bool& value) {
    std::uint8_t byte = 0;
    read(byte);
    if (byte > 1) good_ = false;
    value = byte == 1;
  }
  template <Word T>
  void read(T& value) {
    std::uint8_t byte = 0;
    read(byte);
    const auto word = static_cast<T>(byte);
    if (word < words_of(word).first || word > words_of(word).last) good_ = false;
    if (good_) value = word;
  }
  template <std::size_t Size>
  void read(std::array<std::uint8_t, Size>& value) {
    const auto bytes = as_bytes(take(Size));
    std::ranges::copy(bytes, value.begin());
  }
  void read(Uuid& value) { read(value.bytes); }
  void read(Timestamp& value) {
    std::uint64_t ticks = 0;
    read(ticks);
    value = Timestamp{Timestamp::duration{static_cast<std::int64_t>(ticks)}};
  }
  void read(std::string& value) {
    std::uint32_t size = 0;
    read(size);
    value = take(size);
  }
  template <typename Tag, typename Rep>
  void read(StrongId<Tag, Rep>& value) {
    Rep number{};
    read(number);
    value = StrongId<Tag, Rep>{number};
  }
  template <typename T>
  void read(std::optional<T>& value) {
    bool present = false;
    read(present);
    value.reset();
    if (present) read(value.emplace());
  }
  template <typename T>
  void read(std::vector<T>& values) {
    std::uint32_t size = 0;
    read(size);
    values.clear();
    // Not reserved: a damaged size must not take the memory of a real one.
    for (std::uint32_t i = 0; i < size && good_; ++i) read(values.emplace_back());
  }
  template <typename First, typename Second>
  void read(std::pair<First, Second>& value) {
    read(value.first);
    read(value.second);
  }
  void read(Change& value) { fields(*this, value); }
  void read(Tag& value) { fields(*this, value); }

  std::string_view rest_;
  bool good_ = true;
};

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

template <typename Row>
Result<Row> decode_row(std::string_view bytes) {
  RowReader reader(bytes);
  std::uint8_t format = 0;
  Row row;
  reader(format);
  fields(reader, row);
  if (format != row_format || !reader.good_to_the_end()) {
    return fail(ErrorCode::corrupt, "a row of the registry is damaged");
  }
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

}  // namespace muster
