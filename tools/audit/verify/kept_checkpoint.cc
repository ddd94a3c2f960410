#include "tools/audit/verify/kept_checkpoint.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "core/base/digest.h"
#include "core/base/hex.h"
#include "tools/audit/source/files.h"

namespace muster::audit {
namespace {

// Three lines of a checkpoint, then these.
constexpr std::string_view key_mark = "key ";
constexpr std::string_view time_mark = "verified ";
constexpr std::size_t name_digits = 32;

/// What stands behind `mark` at the beginning of a line.
std::optional<std::string> find_line(std::string_view text, std::string_view mark) {
  const auto start = text.find(fmt::format("\n{}", mark));
  if (start == std::string_view::npos) return std::nullopt;
  const auto rest = text.substr(start + 1 + mark.size());
  return std::string(rest.substr(0, rest.find('\n')));
}

}  // namespace

std::filesystem::path kept_file(const std::filesystem::path& folder, const std::string& origin) {
  return folder / to_hex(sha256({as_bytes(origin)})).substr(0, name_digits);
}

Result<std::optional<KeptCheckpoint>> load_kept(const std::filesystem::path& file) {
  const auto text = read_file(file);
  if (!text) return tl::unexpected(text.error());
  if (!*text) return std::nullopt;
  auto checkpoint = parse_checkpoint(**text);
  auto key = find_line(**text, key_mark);
  auto time = find_line(**text, time_mark);
  if (checkpoint && key && time) {
    return KeptCheckpoint{.checkpoint = std::move(*checkpoint),
                          .key = std::move(*key),
                          .verified_at = std::move(*time)};
  }
  return fail(ErrorCode::failed,
              fmt::format("{} is damaged: it should hold the checkpoint verified last; without it "
                          "a log that was rewritten since cannot be told: restore it, or remove "
                          "it to trust the log anew",
                          file.string()));
}

Result<void> store_kept(const std::filesystem::path& file, const KeptCheckpoint& kept) {
  return write_file(file, fmt::format("{}{}{}\n{}{}\n", to_text(kept.checkpoint), key_mark,
                                      kept.key, time_mark, kept.verified_at));
}

}  // namespace muster::audit
