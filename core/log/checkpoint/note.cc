#include "core/log/checkpoint/note.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <optional>

#include "core/base/base64.h"
#include "core/base/digest.h"
#include "core/base/utf8.h"

namespace muster {
namespace {

constexpr std::string_view signature_mark = "\u2014 ";
constexpr std::size_t note_bytes_max = 1'000'000;
constexpr std::size_t signatures_max = 100;

tl::unexpected<Error> no_note(std::string_view why) {
  return fail(ErrorCode::invalid_input, fmt::format("it is no signed note: {}", why));
}

/// The signature in a line `— NAME BASE64` if it is of that key.
enum class Found { other, malformed, own };

Found read_signature(std::string_view line, const NoteVerifier& verifier, NoteSignature& own) {
  if (!line.starts_with(signature_mark)) return Found::malformed;
  line.remove_prefix(signature_mark.size());
  const auto space = line.find(' ');
  if (space == std::string_view::npos || space == 0) return Found::malformed;
  const auto bytes = from_base64(line.substr(space + 1));
  if (!bytes || bytes->size() <= verifier.id().size()) return Found::malformed;
  const bool is_own = line.substr(0, space) == verifier.name() &&
                      std::equal(verifier.id().begin(), verifier.id().end(), bytes->begin());
  if (!is_own) return Found::other;
  if (bytes->size() != verifier.id().size() + own.size()) return Found::malformed;
  std::copy(bytes->begin() + static_cast<std::ptrdiff_t>(verifier.id().size()), bytes->end(),
            own.begin());
  return Found::own;
}

bool is_note_text(std::string_view text) {
  const bool printable = std::ranges::all_of(
      text, [](char c) { return c == '\n' || static_cast<unsigned char>(c) >= ' '; });
  return text.ends_with('\n') && printable && is_utf8(text);
}

}  // namespace

std::string sign_note(std::string_view text, const NoteSigner& signer) {
  const NoteSignature signature = signer.sign(text);
  std::string bytes;
  bytes.append(as_text(signer.verifier().id())).append(as_text(signature));
  return fmt::format("{}\n{}{} {}\n", text, signature_mark, signer.verifier().name(),
                     to_base64(as_bytes(bytes)));
}

Result<std::string> open_note(std::string_view note, const NoteVerifier& verifier) {
  if (note.size() > note_bytes_max) return no_note("it is too long");
  const auto blank = note.rfind("\n\n");
  if (blank == std::string_view::npos) return no_note("no empty line stands before signatures");
  const std::string_view text = note.substr(0, blank + 1);
  std::string_view lines = note.substr(blank + 2);
  if (!is_note_text(text)) return no_note("its text is not plain UTF-8");
  if (lines.empty() || !lines.ends_with('\n')) return no_note("its last line is cut off");
  bool found = false;
  for (std::size_t count = 0; !lines.empty(); ++count) {
    if (count == signatures_max) return no_note("it has too many signatures");
    const auto end = lines.find('\n');
    NoteSignature signature{};
    const Found kind = read_signature(lines.substr(0, end), verifier, signature);
    lines.remove_prefix(end + 1);
    if (kind == Found::malformed) return no_note("a signature line is malformed");
    if (kind == Found::other) continue;
    if (!verifier.verify(text, signature)) {
      return fail(ErrorCode::invalid_input,
                  fmt::format("its signature by {} is wrong", verifier.name()));
    }
    found = true;
  }
  if (found) return std::string(text);
  return fail(ErrorCode::invalid_input, fmt::format("it is not signed by {}", verifier.text()));
}

}  // namespace muster
