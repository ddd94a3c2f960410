#pragma once

#include <flatbuffers/flatbuffers.h>

#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>
#include <vector>

#include "core/base/clock.h"
#include "core/log/record/codec_writer.h"
#include "schemas/event_generated.h"

namespace muster {

/// What the writers of payloads have in common: values of the domain as they are stored.
class PayloadBuilder {
 public:
  explicit PayloadBuilder(flatbuffers::FlatBufferBuilder& builder) : builder_(builder) {}

 protected:
  template <typename T>
  using Offset = flatbuffers::Offset<T>;
  using Text = Offset<flatbuffers::String>;

  template <typename Table>
  static WirePayload payload(Offset<Table> table) {
    return WirePayload{wire::PayloadTraits<Table>::enum_value, table.Union()};
  }

  template <typename Id>
  static std::optional<std::uint32_t> number(const std::optional<Id>& id) {
    return id ? std::optional(id->value()) : std::nullopt;
  }

  static std::int64_t micros(Timestamp at) { return at.time_since_epoch().count(); }
  static std::optional<std::int64_t> micros(const std::optional<Timestamp>& at) {
    return at ? std::optional(micros(*at)) : std::nullopt;
  }

  // The enumerations of the domain and of the schema have the same numbers (codec_values.h
  // checks it).
  template <typename Wire, typename Domain>
  static Wire same_number(Domain value) {
    return static_cast<Wire>(static_cast<std::underlying_type_t<Domain>>(value));
  }

  /// What an optional value stands for in the schema: `none` if it is not there.
  template <typename Wire, typename Domain>
  static Wire number_or_none(const std::optional<Domain>& value) {
    return value ? same_number<Wire>(*value) : Wire::none;
  }

  /// Left out if it is empty.
  Text text(std::string_view text) {
    return text.empty() ? Text() : builder_.CreateString(text.data(), text.size());
  }

  /// Left out if it is empty.
  template <typename T>
  Offset<flatbuffers::Vector<T>> list(const std::vector<T>& values) {
    if (values.empty()) return {};
    return builder_.CreateVector(values);
  }

  template <typename Id>
  static std::vector<std::uint32_t> numbers(const std::vector<Id>& ids) {
    std::vector<std::uint32_t> numbers;
    numbers.reserve(ids.size());
    for (const Id id : ids) numbers.push_back(id.value());
    return numbers;
  }

  flatbuffers::FlatBufferBuilder& builder_;
};

}  // namespace muster
