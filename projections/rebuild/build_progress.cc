#include "projections/rebuild/build_progress.h"

#include <fmt/format.h>

#include <fstream>
#include <system_error>

#include "core/base/hex.h"
#include "core/log/event_log.h"

namespace muster {
namespace {

constexpr const char* file_name = "progress";
constexpr const char* fresh_name = "progress.new";
constexpr const char* first_word = "muster-rebuild-1";
constexpr const char* last_word = "end";
constexpr std::size_t runs_max = 100'000;

}  // namespace

std::optional<BuildProgress> read_progress(const std::filesystem::path& folder) {
  std::ifstream file(folder / file_name);
  std::string word;
  std::string log;
  std::string record;
  std::uint64_t position = 0;
  std::size_t runs = 0;
  BuildProgress progress;
  file >> word >> log >> progress.view >> progress.version >> position >> record >> runs;
  const auto uuid = parse_uuid(log);
  if (!file || word != first_word || !uuid || runs > runs_max) return std::nullopt;
  progress.log = *uuid;
  progress.position = Sequence{position};
  const auto bytes = from_hex(record);
  if (!bytes || bytes->size() != progress.record.size()) return std::nullopt;
  std::ranges::copy(*bytes, progress.record.begin());
  for (std::uint64_t size = 0; progress.runs.size() < runs && file >> size;) {
    progress.runs.push_back(size);
  }
  file >> word;
  if (!file || word != last_word) return std::nullopt;
  return progress;
}

Result<void> write_progress(const std::filesystem::path& folder, const BuildProgress& progress) {
  {
    std::ofstream file(folder / fresh_name, std::ios::trunc);
    file << fmt::format("{}\n{}\n{} {}\n{} {}\n{}", first_word, to_string(progress.log),
                        progress.view, progress.version, progress.position.value(),
                        to_hex(progress.record), progress.runs.size());
    for (const std::uint64_t size : progress.runs) file << ' ' << size;
    file << '\n' << last_word << '\n' << std::flush;
    if (!file) {
      return fail(ErrorCode::failed, fmt::format("{} cannot be written; is the disk full?",
                                                 (folder / fresh_name).string()));
    }
  }
  std::error_code error;
  std::filesystem::rename(folder / fresh_name, folder / file_name, error);
  if (!error) return {};
  return fail(ErrorCode::failed,
              fmt::format("{}: {}", (folder / file_name).string(), error.message()));
}

std::optional<Digest> digest_of_record(const EventLog& log, Sequence sequence) {
  std::optional<Digest> digest;
  if (sequence == Sequence{}) return Digest{};
  const auto read =
      log.read_after(Sequence{sequence.value() - 1}, [&](Sequence, std::string_view record) {
        digest = sha256({as_bytes(record)});
        return false;
      });
  return read ? digest : std::nullopt;
}

}  // namespace muster
