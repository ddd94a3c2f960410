#pragma once

#include <string>
#include <string_view>

#include "core/base/error.h"
#include "core/log/checkpoint/note_key.h"

namespace muster {

// C2SP signed notes: a text, an empty line, and a line for each signature of the text.

/// `text`, which must end in a line feed, signed.
[[nodiscard]] std::string sign_note(std::string_view text, const NoteSigner& signer);

/// The text of `note`, signed by `verifier`'s key. Signatures of others do not matter.
/// Errors: invalid_input if it is no signed note, has no signature of that key, or a wrong one.
[[nodiscard]] Result<std::string> open_note(std::string_view note, const NoteVerifier& verifier);

}  // namespace muster
