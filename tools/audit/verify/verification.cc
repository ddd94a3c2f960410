#include "tools/audit/verify/verification.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "core/base/hex.h"
#include "core/log/checkpoint/note.h"
#include "core/log/file_subject_keys.h"
#include "core/log/no_subject_keys.h"
#include "core/log/record_codec.h"
#include "projections/load_state.h"
#include "projections/view_store.h"
#include "tools/audit/source/data_source.h"
#include "tools/audit/verify/registry_check.h"
#include "tools/audit/verify/replay.h"
#include "tools/audit/verify/tree_check.h"
#include "tools/store/first_events.h"

namespace muster::audit {
namespace {

using std::chrono::steady_clock;

constexpr std::uint64_t events_max = (std::uint64_t{1} << 53U) - 1;  // Sequences end there.

/// One run.
class Verification {
 public:
  Verification(LogSource& source, const DataSource* data, const VerifyOptions& options)
      : source_(source), data_(data), options_(options) {}

  Result<VerifyReport> run(const VerifyProgress& progress) {
    const auto began = steady_clock::now();
    auto done = read_checkpoint()
                    .and_then([&] { return check_signature(); })
                    .and_then([&] { return check_log(progress); })
                    .and_then([&] { return keep(); });
    if (!done) return tl::unexpected(std::move(done).error());
    report_.seconds = std::chrono::duration<double>(steady_clock::now() - began).count();
    return std::move(report_);
  }

 private:
  void find(std::string kind, std::string what) {
    report_.findings.add({std::move(kind), 0, std::move(what)});
  }

  Result<void> read_checkpoint() {
    auto note = source_.checkpoint();
    if (!note) return tl::unexpected(std::move(note).error());
    note_ = *std::move(note);
    if (!note_) {
      if (data_ != nullptr) return {};
      return fail(ErrorCode::failed, "there is no checkpoint: nothing says which log this is");
    }
    auto checkpoint = parse_checkpoint(*note_);
    if (!checkpoint) {
      find("checkpoint", checkpoint.error().message);
      return {};
    }
    if (checkpoint->head.size > events_max) {
      find("checkpoint", fmt::format("no log has {} events", checkpoint->head.size));
      return {};
    }
    report_.checkpoint = *std::move(checkpoint);
    if (options_.kept.empty()) return {};
    auto kept = load_kept(kept_file(options_.kept, report_.checkpoint->origin));
    if (!kept) return tl::unexpected(std::move(kept).error());
    report_.before = *std::move(kept);
    return {};
  }

  /// The key that is to be believed: the one given, else the one of before, else the keeper's.
  Result<std::string> choose_key() {
    const auto told = source_.key();
    if (!told) return tl::unexpected(told.error());
    if (!options_.key.empty()) {
      report_.trust = KeyTrust::given;
      return options_.key;
    }
    if (report_.before) {
      report_.trust = KeyTrust::kept;
      return report_.before->key;
    }
    report_.trust = *told ? KeyTrust::first_use : KeyTrust::none;
    return told->value_or("");
  }

  Result<void> check_signature() {
    if (!report_.checkpoint) return {};
    auto key = choose_key();
    if (!key) return tl::unexpected(std::move(key).error());
    if (report_.trust == KeyTrust::none) {
      find("checkpoint", "no key is known to check its signature with: name one with --key");
      return {};
    }
    report_.key = *std::move(key);
    const auto verifier = NoteVerifier::parse(report_.key);
    if (!verifier) {
      if (report_.trust == KeyTrust::given) return tl::unexpected(verifier.error());
      find("checkpoint", fmt::format("its key: {}", verifier.error().message));
      return {};
    }
    if (const auto text = open_note(*note_, *verifier); !text) {
      find("checkpoint", text.error().message);
    } else if (verifier->name() != report_.checkpoint->origin) {
      find("checkpoint", fmt::format("{} signed a checkpoint of {}", verifier->name(),
                                     report_.checkpoint->origin));
    }
    return {};
  }

  /// Which trees' roots must be right, and what each of them is called in a finding.
  struct Claim {
    TreeHead head;
    std::string kind;
    std::string what;
  };

  void claim(const TreeHead& head, std::string kind, std::string what) {
    if (head.size <= size_) {
      claims_.push_back({head, std::move(kind), std::move(what)});
    } else {
      find("truncated", fmt::format("{} has {} events, and {} are there", what, head.size, size_));
    }
  }

  Result<void> check_log(const VerifyProgress& progress) {
    if (data_ == nullptr && !report_.checkpoint) return {};
    size_ = data_ != nullptr ? data_->log().tree_head().size : report_.checkpoint->head.size;
    if (data_ != nullptr) claim(data_->log().tree_head(), "root", "the log's own tree");
    if (data_ != nullptr && data_->note()) claim(data_->note()->head, "root", "the backup's note");
    if (report_.checkpoint) claim(report_.checkpoint->head, "root", "the checkpoint");
    if (report_.before) {
      claim(report_.before->checkpoint.head, "fork",
            fmt::format("the checkpoint verified at {}", report_.before->verified_at));
    }
    if (auto opened = open_keys(); !opened) return opened;
    if (auto opened = open_views(); !opened) return opened;
    const RecordCodec codec(*keys_);
    TreeCheck tree(source_, size_, check_options(codec), report_.findings);
    Replay replay(report_.findings);
    if (stored_) compare_at(replay);
    auto checked = tree.run([&](const std::vector<Recorded>& events) { replay.take(events); },
                            [&](std::uint64_t events) {
                              report_.events = events;
                              progress(events, size_);
                            });
    if (!checked) return checked;
    if (options_.replay && tree.complete()) {
      replay.end();
      check_epoch(replay);
    }
    report_.replayed = replay.events();
    check_claims(tree);
    return {};
  }

  [[nodiscard]] TreeCheckOptions check_options(const RecordCodec& codec) const {
    TreeCheckOptions options;
    options.threads = options_.threads > 0
                          ? options_.threads
                          : std::max<std::size_t>(1, std::thread::hardware_concurrency());
    if (options_.replay) options.codec = &codec;
    for (const Claim& claim : claims_) options.sizes.push_back(claim.head.size);
    return options;
  }

  /// A log that was restored signs in a new epoch, and says so itself.
  void check_epoch(const Replay& replay) {
    report_.eras = replay.eras();
    if (!report_.checkpoint || report_.eras.empty()) return;
    const std::uint64_t epoch = epoch_at(report_.eras, Sequence{report_.checkpoint->head.size});
    const std::uint64_t signed_in = parse_origin(report_.checkpoint->origin).epoch;
    if (signed_in == epoch) return;
    find("checkpoint", fmt::format("it was signed in epoch {}, and event {} is of epoch {}",
                                   signed_in, report_.checkpoint->head.size, epoch));
  }

  void check_claims(const TreeCheck& tree) {
    for (const Claim& claim : claims_) {
      if (!tree.reaches(claim.head.size)) continue;  // What is missing was told already.
      const Digest root = tree.root_at(claim.head.size);
      if (root == claim.head.root) continue;
      find(claim.kind, fmt::format("{} says root {} of {} events, the records have {}", claim.what,
                                   to_hex(claim.head.root), claim.head.size, to_hex(root)));
    }
  }

  /// In a data folder names can be read, and compared with those in the views.
  Result<void> open_keys() {
    const auto file =
        data_ == nullptr ? std::filesystem::path() : data_->data() / "keys" / "subjects";
    if (data_ == nullptr || !std::filesystem::exists(file)) {
      keys_ = std::make_unique<NoSubjectKeys>();
      return {};
    }
    auto keys = FileSubjectKeys::open_to_read(file);
    if (!keys) return tl::unexpected(std::move(keys).error());
    has_keys_ = true;
    keys_ = std::move(*keys);
    return {};
  }

  /// Views that are not there, or not usable, are made anew by the next start: no finding.
  Result<void> open_views() {
    if (data_ == nullptr || !has_keys_ || !options_.replay) return {};
    const auto identity = read_identity(data_->log(), RecordCodec(*keys_));
    if (!identity) return {};
    auto views = ViewStore::open_to_read(data_->data() / "views", identity->log);
    if (!views) {
      const bool none = views.error().code == ErrorCode::invalid_input;
      if (!none) find("projection", views.error().message);
      return {};
    }
    auto loaded = load_state(**views);
    if (!loaded) {
      find("projection", loaded.error().message);
      return {};
    }
    if (loaded->position.value() > size_) {
      find("projection", fmt::format("the views are at event {}, the log ends at {}",
                                     loaded->position.value(), size_));
      return {};
    }
    stored_ = std::move(*loaded);
    return {};
  }

  void compare_at(Replay& replay) {
    if (stored_->position == Sequence{}) return;
    replay.stop_at(stored_->position, [this](const State& replayed) {
      compare_rows(stored_->state, replayed, report_.findings);
      report_.compared_at = stored_->position.value();
    });
  }

  Result<void> keep() {
    if (!report_.findings.empty() || !report_.checkpoint || options_.kept.empty()) return {};
    return store_kept(
        kept_file(options_.kept, report_.checkpoint->origin),
        {.checkpoint = *report_.checkpoint, .key = report_.key, .verified_at = options_.now});
  }

  LogSource& source_;
  const DataSource* data_;
  const VerifyOptions& options_;
  std::optional<std::string> note_;
  std::uint64_t size_ = 0;
  std::vector<Claim> claims_;
  std::unique_ptr<SubjectKeys> keys_;
  bool has_keys_ = false;
  std::optional<LoadedState> stored_;
  VerifyReport report_;
};

}  // namespace

Result<VerifyReport> verify(LogSource& source, const DataSource* data, const VerifyOptions& options,
                            const VerifyProgress& progress) {
  return Verification(source, data, options).run(progress);
}

}  // namespace muster::audit
