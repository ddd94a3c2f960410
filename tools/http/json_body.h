#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/http/problem.h"

namespace muster {

/// Reads the fields of a JSON object strictly. Ask for every field you know, then `finish`:
/// it gives the first problem there was, or that of a field nobody asked for.
///
/// A field that is missing or of the wrong type reads as an empty value (or nullopt) and is
/// remembered as the problem. `null` is not a value for any field: leave the field out.
class JsonReader {
 public:
  /// The body of a request. Problems: 415 `unsupported-media-type` (no type counts as JSON);
  /// 400 `invalid-utf8`, `malformed-json` (with line and column; also for what is no object or
  /// nested deeper than 32), `duplicate-key`. An empty body counts as `{}`.
  static HttpResult<JsonReader> read(const HttpRequest& request);

  /// The same for a text of any origin, without the check of its type.
  static HttpResult<JsonReader> parse(std::string_view text);

  JsonReader(const JsonReader&) = delete;
  JsonReader& operator=(const JsonReader&) = delete;
  JsonReader(JsonReader&&) noexcept;
  JsonReader& operator=(JsonReader&&) noexcept;
  ~JsonReader();

  std::string string(std::string_view name);
  bool boolean(std::string_view name);
  std::uint64_t unsigned_integer(std::string_view name);
  std::vector<std::string> strings(std::string_view name);

  /// Any JSON value, as compact text.
  std::string json(std::string_view name);

  std::optional<std::string> optional_string(std::string_view name);
  std::optional<bool> optional_boolean(std::string_view name);
  std::optional<std::uint64_t> optional_unsigned_integer(std::string_view name);
  std::optional<std::vector<std::string>> optional_strings(std::string_view name);
  std::optional<std::string> optional_json(std::string_view name);

  /// True if the object has the field, whatever it holds.
  [[nodiscard]] bool has(std::string_view name) const;

  /// For rules of the caller's own: remembers 400 `invalid-field` unless there is a problem
  /// already. `rule` continues "must be …", `given` is what was there instead.
  void refuse(std::string_view name, std::string_view rule, std::string_view given);

  /// The first problem, if any: 400 `invalid-field` or 400 `unknown-field`.
  [[nodiscard]] std::optional<Problem> finish() const;

 private:
  explicit JsonReader(std::unique_ptr<nlohmann::json> object);
  const nlohmann::json* find(std::string_view name);
  void require(std::string_view name, bool present);
  void refuse_value(std::string_view name, std::string_view rule, const nlohmann::json& value);
  bool is_text(std::string_view name, std::string_view rule, const nlohmann::json& value);

  std::unique_ptr<nlohmann::json> object_;
  std::vector<std::string> asked_;
  std::optional<Problem> problem_;
};

}  // namespace muster
