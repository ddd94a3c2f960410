#include "core/log/checkpoint/checkpoint.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "core/base/base64.h"

namespace muster {
namespace {

/// The next line of `text`, which is cut off; nullopt if there is none.
std::optional<std::string_view> take_line(std::string_view& text) {
  const auto end = text.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const auto line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  std::uint64_t size = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), size);
  // Only as it is written: neither zeros in front nor anything behind.
  if (read.ec != std::errc{} || fmt::to_string(size) != text) return std::nullopt;
  return size;
}

}  // namespace

std::string make_origin(std::string_view name, const Uuid& log, std::uint64_t epoch) {
  return fmt::format("{}/{}/e{}", name, to_string(log), epoch);
}

Origin parse_origin(std::string_view text) {
  const auto last = text.rfind("/e");
  if (last == std::string_view::npos || last == 0) return {};
  const auto middle = text.rfind('/', last - 1);
  const auto epoch = parse_size(text.substr(last + 2));
  if (middle == std::string_view::npos || !epoch) return {};
  return {.name = std::string(text.substr(0, middle)),
          .log = std::string(text.substr(middle + 1, last - middle - 1)),
          .epoch = *epoch};
}

std::string to_text(const Checkpoint& checkpoint) {
  return fmt::format("{}\n{}\n{}\n", checkpoint.origin, checkpoint.head.size,
                     to_base64(checkpoint.head.root));
}

Result<Checkpoint> parse_checkpoint(std::string_view text) {
  const auto origin = take_line(text);
  const auto size = take_line(text);
  const auto root = take_line(text);
  const auto number = size ? parse_size(*size) : std::nullopt;
  const auto hash = root ? from_base64(*root) : std::nullopt;
  Checkpoint checkpoint;
  if (!number || !hash || origin->empty() || hash->size() != checkpoint.head.root.size()) {
    return fail(ErrorCode::invalid_input, "it is no checkpoint: origin, size and root");
  }
  checkpoint.origin = *origin;
  checkpoint.head.size = *number;
  std::copy(hash->begin(), hash->end(), checkpoint.head.root.begin());
  return checkpoint;
}

}  // namespace muster
