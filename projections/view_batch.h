#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace muster {

/// Changes of the rows of one view. Reads back what was written to it before. One thread.
/// Implementations: StoreBatch (rows in use), RowBuild (rows that are folded anew).
class ViewBatch {
 public:
  ViewBatch() = default;
  ViewBatch(const ViewBatch&) = delete;
  ViewBatch& operator=(const ViewBatch&) = delete;
  virtual ~ViewBatch() = default;

  [[nodiscard]] virtual std::optional<std::string> get(std::string_view key) const = 0;
  virtual void put(std::string_view key, std::string_view value) = 0;
  virtual void erase(std::string_view key) = 0;

  /// Puts a row that this fold will not read back or erase; of several with one key the last stays.
  virtual void put_unread(std::string_view key, std::string_view value) = 0;

  /// Ends the fold over rows that make no sense.
  [[noreturn]] virtual void end_damaged(std::string_view what) const = 0;
};

}  // namespace muster
