#include "tools/muster/output/table.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "core/base/assert.h"
#include "tools/muster/output/text.h"

namespace muster::cli {
namespace {

using Row = std::vector<std::string>;

constexpr std::size_t gap = 2;

void put_row(std::string& out, const Row& row, const std::vector<std::size_t>& widths) {
  std::size_t spaces = 0;
  for (std::size_t i = 0; i < row.size(); ++i) {
    out.append(spaces, ' ').append(row[i]);
    spaces = widths[i] - width_of(row[i]) + gap;
  }
  out.push_back('\n');
}

}  // namespace

void Table::add(std::vector<std::string> row) {
  MUSTER_ASSERT(row.size() == header_.size(), "a row has as many cells as the header");
  for (auto& cell : row) cell = cell.empty() ? "-" : printable(cell);
  rows_.push_back(std::move(row));
}

std::string Table::text() const {
  std::vector<std::size_t> widths;
  widths.reserve(header_.size());
  for (const auto& name : header_) widths.push_back(width_of(name));
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  }
  std::string out;
  put_row(out, header_, widths);
  for (const auto& row : rows_) put_row(out, row, widths);
  return out;
}

}  // namespace muster::cli
