#include "tools/store/erasure_ledger.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <sstream>
#include <string>
#include <system_error>

#include "core/log/disk/posix_file.h"
#include "core/log/disk/secret_file.h"

namespace muster {
namespace {

namespace fs = std::filesystem;

constexpr const char* first_line = "muster-erased 1";

std::int64_t micros(Timestamp at) { return at.time_since_epoch().count(); }

std::string to_line(const Erasure& erasure) {
  return fmt::format("{} {} {} {}\n", to_string(erasure.log), erasure.user.value(),
                     micros(erasure.created_at), micros(erasure.erased_at));
}

std::optional<Erasure> parse_line(const std::string& line) {
  std::istringstream in(line);
  std::string log;
  std::uint32_t user = 0;
  std::int64_t created = 0;
  std::int64_t erased = 0;
  if (!(in >> log >> user >> created >> erased)) return std::nullopt;
  const auto uuid = parse_uuid(log);
  if (!uuid) return std::nullopt;
  return Erasure{.log = *uuid,
                 .user = UserId{user},
                 .created_at = Timestamp(std::chrono::microseconds(created)),
                 .erased_at = Timestamp(std::chrono::microseconds(erased))};
}

Error damaged_ledger(const fs::path& file, std::string_view line) {
  return Error{
      ErrorCode::corrupt,
      fmt::format("{} is no ledger of erasures: `{}`; put back the original", file.string(), line)};
}

}  // namespace

Result<std::vector<Erasure>> load_erasures(const fs::path& file) {
  std::vector<Erasure> all;
  std::error_code ignored;
  if (!fs::exists(file, ignored)) return all;
  const auto in = PosixFile::open(file, O_RDONLY);
  if (!in) return tl::unexpected(in.error());
  const auto content = in->read_all();
  if (!content) return tl::unexpected(content.error());
  std::istringstream lines(*content);
  std::string line;
  if (!std::getline(lines, line) || line != first_line) {
    return tl::unexpected(damaged_ledger(file, line));
  }
  while (std::getline(lines, line)) {
    const auto erasure = parse_line(line);
    if (!erasure) return tl::unexpected(damaged_ledger(file, line));
    all.push_back(*erasure);
  }
  return all;
}

Result<void> add_erasures(const fs::path& file, const std::vector<Erasure>& erasures) {
  auto all = load_erasures(file);
  if (!all) return tl::unexpected(std::move(all).error());
  const std::size_t before = all->size();
  for (const Erasure& erasure : erasures) {
    const bool known =
        std::ranges::any_of(*all, [&](const Erasure& other) { return other.is_of_same(erasure); });
    if (!known) all->push_back(erasure);
  }
  if (all->size() == before) return {};
  std::string text(first_line);
  text.push_back('\n');
  for (const Erasure& erasure : *all) text.append(to_line(erasure));
  return write_secret(file, text);
}

}  // namespace muster
