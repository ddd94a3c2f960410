#include "core/log/backup/backup_note.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>

#include "core/base/base64.h"
#include "core/base/digest.h"

namespace muster {
namespace {

constexpr std::string_view format_key = "muster-backup";
constexpr std::string_view format = "1";

using Lines = std::map<std::string, std::string, std::less<>>;

Lines split(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    const auto space = std::min(line.find(' '), line.size());
    const auto value = space < line.size() ? line.substr(space + 1) : std::string_view();
    lines.insert_or_assign(std::string(line.substr(0, space)), std::string(value));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

/// Reads one line after the other, and remembers whether all made sense.
class NoteReader {
 public:
  explicit NoteReader(std::string_view text) : lines_(split(text)) {}

  [[nodiscard]] std::string text(std::string_view key) const {
    const auto line = lines_.find(key);
    return line == lines_.end() ? std::string() : line->second;
  }

  std::uint64_t number(std::string_view key) {
    const std::string digits = text(key);
    std::uint64_t value = 0;
    const auto* end = digits.data() + digits.size();
    const auto read = std::from_chars(digits.data(), end, value);
    right_ = right_ && !digits.empty() && read.ec == std::errc{} && read.ptr == end;
    return value;
  }

  Timestamp time(std::string_view key) {
    const auto at = parse_rfc3339(text(key));
    right_ = right_ && at.has_value();
    return at ? *at : Timestamp{};
  }

  Uuid uuid(std::string_view key) {
    const auto value = parse_uuid(text(key));
    right_ = right_ && value.has_value();
    return value.value_or(Uuid{});
  }

  Digest digest(std::string_view key) {
    const auto bytes = from_base64(text(key));
    Digest value{};
    right_ = right_ && bytes && bytes->size() == value.size();
    if (right_) std::ranges::copy(*bytes, value.begin());
    return value;
  }

  /// A text of several lines.
  std::string folded(std::string_view key) {
    if (!lines_.contains(key)) return {};
    const auto bytes = from_base64(text(key));
    right_ = right_ && bytes.has_value();
    return bytes ? std::string(as_text(*bytes)) : std::string();
  }

  [[nodiscard]] bool is_right() const { return right_; }

 private:
  const Lines lines_;
  bool right_ = true;
};

}  // namespace

std::string to_text(const BackupNote& note) {
  std::string text = fmt::format(
      "{} {}\nlog {}\nepoch {}\nevents {}\nroot {}\nlast-event {}\nmade {}\nmuster {}\n",
      format_key, format, to_string(note.log), note.epoch, note.head.size,
      to_base64(note.head.root), to_rfc3339(note.last_event), to_rfc3339(note.made_at),
      note.made_by);
  if (!note.checkpoint.empty()) {
    text.append(
        fmt::format("checkpoint {}\nkey {}\n", to_base64(as_bytes(note.checkpoint)), note.key));
  }
  return text;
}

Result<BackupNote> parse_backup_note(std::string_view text) {
  NoteReader in(text);
  const std::string version = in.text(format_key);
  if (version.empty()) {
    return fail(ErrorCode::corrupt, "it does not say that it is a backup of Muster's");
  }
  if (version != format) {
    return fail(
        ErrorCode::incompatible,
        fmt::format("its note has format {}, which a newer Muster knows: use that one", version));
  }
  BackupNote note{.log = in.uuid("log"),
                  .epoch = in.number("epoch"),
                  .head = {.size = in.number("events"), .root = in.digest("root")},
                  .last_event = in.time("last-event"),
                  .made_at = in.time("made"),
                  .made_by = in.text("muster"),
                  .checkpoint = in.folded("checkpoint"),
                  .key = in.text("key")};
  if (!in.is_right()) return fail(ErrorCode::corrupt, "its note is not whole");
  return note;
}

}  // namespace muster
