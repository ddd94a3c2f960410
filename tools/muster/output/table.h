#pragma once

#include <string>
#include <vector>

namespace muster::cli {

/// Rows of text under a header line, in columns as wide as their widest cell.
class Table {
 public:
  explicit Table(std::vector<std::string> header) : header_(std::move(header)) {}

  /// One cell for each column of the header. An empty cell is shown as `-`.
  void add(std::vector<std::string> row);

  /// All lines, each with its end and without spaces before it.
  [[nodiscard]] std::string text() const;

 private:
  std::vector<std::string> header_;
  std::vector<std::vector<std::string>> rows_;  // Cells are printable.
};

}  // namespace muster::cli
