#include "core/log/checkpoint/checkpoint_signer.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <system_error>
#include <utility>

#include "core/base/hex.h"
#include "core/base/log.h"
#include "core/log/checkpoint/note.h"
#include "core/log/disk/posix_file.h"
#include "core/log/disk/secret_file.h"
#include "core/log/merkle/proof.h"

namespace muster {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view default_name = "muster";

/// What is in `file`; nullopt if there is none.
Result<std::optional<std::string>> read_if_there(const fs::path& file) {
  std::error_code ignored;
  if (!fs::exists(file, ignored)) return std::nullopt;
  const auto in = PosixFile::open(file, O_RDONLY);
  if (!in) return tl::unexpected(in.error());
  return in->read_all().map([](std::string text) { return std::optional(std::move(text)); });
}

Error damaged_file(const fs::path& file, std::string_view why) {
  return Error{ErrorCode::corrupt,
               fmt::format("{}: {}; put back the original", file.string(), why)};
}

/// The name under which this log signs, given what it signed before.
Result<std::string> name_of(const CheckpointSigner::Options& options,
                            const std::optional<Checkpoint>& before, const fs::path& latest) {
  if (!before) return options.name.empty() ? std::string(default_name) : options.name;
  const Origin origin = parse_origin(before->origin);
  if (origin.log != to_string(options.log)) {
    return tl::unexpected(damaged_file(latest, "it is a checkpoint of another log"));
  }
  if (options.name.empty() || options.name == origin.name) return origin.name;
  return fail(ErrorCode::invalid_input,
              fmt::format("this log signs its checkpoints as {}: it cannot become {}, or nobody "
                          "could tell that it is the same; leave out --origin",
                          origin.name, options.name));
}

/// `may_make`: nothing was ever signed, so a missing key may be made.
Result<NoteSigner> load_key(const fs::path& file, const std::string& name, bool may_make) {
  const auto pem = read_if_there(file);
  if (!pem) return tl::unexpected(pem.error());
  if (*pem) {
    auto signer = NoteSigner::from_pem(name, **pem);
    if (signer) return signer;
    return tl::unexpected(damaged_file(file, signer.error().message));
  }
  if (!may_make) {
    return tl::unexpected(
        damaged_file(file, "the key that signed this log's checkpoints is missing"));
  }
  NoteSigner signer = NoteSigner::generate(name);
  if (auto written = write_secret(file, signer.private_pem()); !written) {
    return tl::unexpected(written.error());
  }
  return signer;
}

}  // namespace

Result<std::unique_ptr<CheckpointSigner>> CheckpointSigner::open(Files files,
                                                                 const Options& options,
                                                                 const MerkleTree& tree) {
  const auto note = read_if_there(files.latest);
  if (!note) return tl::unexpected(note.error());
  std::optional<Checkpoint> before;
  if (*note) {
    auto parsed = parse_checkpoint(**note);
    if (!parsed) return tl::unexpected(damaged_file(files.latest, parsed.error().message));
    before = *std::move(parsed);
  }
  const auto name = name_of(options, before, files.latest);
  if (!name) return tl::unexpected(name.error());
  const std::string origin = make_origin(*name, options.log, options.epoch);
  if (!is_note_key_name(origin)) {
    return fail(ErrorCode::invalid_input,
                fmt::format("--origin {}: a name is of letters, digits, dots, dashes and slashes, "
                            "at most 100, e.g. muster.example.com",
                            *name));
  }
  auto signer = load_key(files.key, origin, !before.has_value());
  if (!signer) return tl::unexpected(signer.error());
  if (auto told = write_secret(files.verifier, signer->verifier().text() + "\n"); !told) {
    return tl::unexpected(told.error());
  }
  std::unique_ptr<CheckpointSigner> made(
      new CheckpointSigner(std::move(files), std::move(*signer), tree));
  if (!before) return made;
  if (before->origin != origin) {
    log_warn("a new epoch of checkpoints begins: origin={} before={} signed_events={}", origin,
             before->origin, before->head.size);
    return made;
  }
  if (const auto right = open_note(**note, made->verifier()); !right) {
    return tl::unexpected(damaged_file(made->files_.latest, right.error().message));
  }
  made->latest_ = SignedCheckpoint{.checkpoint = *before, .note = **note};
  return made;
}

Result<SignedCheckpoint> CheckpointSigner::sign() {
  const auto before = latest();
  const TreeHead head = tree_.tree_head();
  if (before) {
    if (auto continues = check_continues(before->checkpoint.head, head); !continues) {
      return tl::unexpected(std::move(continues).error());
    }
    if (before->checkpoint.head == head) return *before;
  }
  SignedCheckpoint made{.checkpoint = {.origin = verifier().name(), .head = head}, .note = {}};
  made.note = sign_note(to_text(made.checkpoint), signer_);
  // The note is also the mark up to where was signed: durable before anybody sees it.
  if (auto durable = write_secret(files_.latest, made.note); !durable) {
    return tl::unexpected(std::move(durable).error());
  }
  const std::lock_guard lock(mutex_);
  latest_ = made;
  return made;
}

Result<void> CheckpointSigner::check_continues(const TreeHead& signed_before,
                                               const TreeHead& head) const {
  const auto contradiction = [&](std::string_view what) {
    return fail(ErrorCode::corrupt,
                fmt::format("the log does not continue what was signed: {} events with root {} "
                            "were, and {}; no checkpoint is signed: restore the newer log, or "
                            "begin a new epoch",
                            signed_before.size, to_hex(signed_before.root), what));
  };
  if (head.size < signed_before.size) {
    return contradiction(fmt::format("it has {} events now", head.size));
  }
  const auto root = root_at(tree_, signed_before.size);
  if (!root) return tl::unexpected(root.error());
  if (*root == signed_before.root) return {};
  return contradiction(fmt::format("so many have root {} now", to_hex(*root)));
}

std::optional<SignedCheckpoint> CheckpointSigner::latest() const {
  const std::lock_guard lock(mutex_);
  return latest_;
}

}  // namespace muster
