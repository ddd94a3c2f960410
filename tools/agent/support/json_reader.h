#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"

namespace muster::agent {

/// A parsed document that keeps the order of its members.
class JsonDocument {
 public:
  explicit JsonDocument(nlohmann::ordered_json json);
  JsonDocument(const JsonDocument&) = delete;
  JsonDocument& operator=(const JsonDocument&) = delete;
  JsonDocument(JsonDocument&&) noexcept;
  JsonDocument& operator=(JsonDocument&&) noexcept;
  ~JsonDocument();

  [[nodiscard]] const nlohmann::ordered_json& json() const noexcept { return *json_; }

 private:
  std::unique_ptr<nlohmann::ordered_json> json_;
};

/// Errors: invalid_input if `text` is not a JSON object of sane depth.
Result<JsonDocument> parse_json_object(std::string_view text);

/// `text`, which must be a JSON object, without white space. Errors: as parse_json_object.
Result<std::string> compact_json_object(std::string_view text);

/// Reads members of one object by name and type. The first member that is missing or of another
/// type is remembered in `problem`; what is read after that is empty, so a caller reads
/// everything and asks once. Must not outlive the document.
class JsonReader {
 public:
  explicit JsonReader(const JsonDocument& document);

  [[nodiscard]] std::uint64_t number(std::string_view name) const;
  [[nodiscard]] bool flag(std::string_view name) const;
  [[nodiscard]] std::string text(std::string_view name) const;

  /// An object, as compact JSON; `{}` if the member is null or absent.
  [[nodiscard]] std::string optional_raw_object(std::string_view name) const;

  /// An object to read on; nullopt only if there is a problem.
  [[nodiscard]] std::optional<JsonReader> object(std::string_view name) const;

  /// The same, but the member may be null.
  [[nodiscard]] std::optional<JsonReader> nullable_object(std::string_view name) const;

  /// The same, but the member may be null or absent.
  [[nodiscard]] std::optional<std::uint64_t> optional_number(std::string_view name) const;
  [[nodiscard]] std::string optional_text(std::string_view name) const;
  [[nodiscard]] bool optional_flag(std::string_view name) const;

  /// A list of objects, each as compact JSON; empty if the member is absent.
  [[nodiscard]] std::vector<std::string> optional_raw_objects(std::string_view name) const;

  [[nodiscard]] const std::optional<Error>& problem() const noexcept { return problem_; }

 private:
  explicit JsonReader(const nlohmann::ordered_json& json) : json_(&json) {}
  [[nodiscard]] const nlohmann::ordered_json* find(std::string_view name) const;
  [[nodiscard]] bool is_absent(std::string_view name) const;
  void expect(bool fits, std::string_view name, std::string_view type) const;

  const nlohmann::ordered_json* json_;
  mutable std::optional<Error> problem_;
};

}  // namespace muster::agent
