#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace muster::cli {

/// The body of a request: a JSON object, put together as text so that JSON from a file goes
/// through untouched. All texts must be UTF-8.
class JsonBody {
 public:
  void text(std::string_view name, std::string_view value);
  void texts(std::string_view name, const std::vector<std::string>& values);
  void number(std::string_view name, std::uint64_t value);
  void flag(std::string_view name, bool value);

  /// Left out without a value.
  void text(std::string_view name, const std::optional<std::string>& value);

  /// `json` must be one valid JSON value.
  void raw(std::string_view name, std::string_view json);

  [[nodiscard]] std::string str() const;

 private:
  std::string members_;
};

}  // namespace muster::cli
