#include "tools/server/refusals/refusal_log.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

#include "core/base/log.h"

namespace muster {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t text_size_max = 500;

std::string line_of(const RefusalEntry& entry) {
  const nlohmann::ordered_json json{{"n", entry.number},
                                    {"at", to_rfc3339(entry.at)},
                                    {"user", entry.actor.user.value()},
                                    {"token", entry.actor.token.value()},
                                    {"remote", entry.remote},
                                    {"what", entry.what.substr(0, text_size_max)},
                                    {"code", entry.code},
                                    {"entity", entry.entity.substr(0, text_size_max)}};
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

template <typename T>
T value_at(const nlohmann::json& json, const char* name, const T& otherwise) {
  const auto found = json.find(name);
  const bool fits =
      found != json.end() &&
      (std::is_same_v<T, std::string> ? found->is_string() : found->is_number_unsigned());
  return fits ? found->get<T>() : otherwise;
}

std::optional<RefusalEntry> entry_of(const std::string& line) {
  const auto json = nlohmann::json::parse(line, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  const auto at = parse_rfc3339(value_at(json, "at", std::string()));
  RefusalEntry entry{.number = value_at<std::uint64_t>(json, "n", 0),
                     .at = at.value_or(Timestamp{}),
                     .actor = {.user = UserId{value_at<std::uint32_t>(json, "user", 0)},
                               .token = TokenId{value_at<std::uint32_t>(json, "token", 0)}},
                     .remote = value_at(json, "remote", std::string()),
                     .what = value_at(json, "what", std::string()),
                     .code = value_at(json, "code", std::string()),
                     .entity = value_at(json, "entity", std::string())};
  if (!at || entry.number == 0) return std::nullopt;
  return entry;
}

std::vector<std::string> lines_of(const fs::path& file) {
  std::vector<std::string> lines;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) lines.push_back(std::move(line));
  return lines;
}

bool fits(const RefusalEntry& entry, const RefusalQuery& query) {
  return (!query.user || entry.actor.user == *query.user) &&
         (query.code.empty() || entry.code == query.code) &&
         (!query.before || entry.number < *query.before);
}

}  // namespace

RefusalLog::RefusalLog(const fs::path& folder)
    : current_(folder / "current.jsonl"), previous_(folder / "previous.jsonl") {}

Result<std::unique_ptr<RefusalLog>> RefusalLog::open(const fs::path& folder) {
  std::error_code failure;
  fs::create_directories(folder, failure);
  if (!failure) fs::permissions(folder, fs::perms::owner_all, failure);
  if (failure) {
    return fail(ErrorCode::failed,
                fmt::format("cannot make the folder {}: {}", folder.string(), failure.message()));
  }
  std::unique_ptr<RefusalLog> log(new RefusalLog(folder));
  const auto started = log->start();
  if (!started) return tl::unexpected(started.error());
  return log;
}

Result<void> RefusalLog::start() {
  const std::scoped_lock lock(mutex_);
  for (const fs::path& file : {previous_, current_}) {
    const auto lines = lines_of(file);
    entries_ = lines.size();
    for (auto line = lines.rbegin(); line != lines.rend(); ++line) {
      const auto entry = entry_of(*line);
      if (!entry) continue;
      number_ = std::max(number_, entry->number);
      break;
    }
  }
  out_.open(current_, std::ios::app);
  if (out_) return {};
  return fail(ErrorCode::failed, fmt::format("cannot write {}", current_.string()));
}

/// The current file is full: it takes the place of the one before.
void RefusalLog::turn_over() {
  out_.close();
  std::error_code failure;
  fs::rename(current_, previous_, failure);
  out_.open(current_, std::ios::trunc);
  entries_ = 0;
}

void RefusalLog::add(RefusalEntry entry) {
  const std::scoped_lock lock(mutex_);
  if (entries_ >= entries_per_file) turn_over();
  entry.number = ++number_;
  ++entries_;
  out_ << line_of(entry) << '\n' << std::flush;
  const bool failed = !out_;
  if (failed && !failed_) log_error("refusals are not kept: file={}", current_.string());
  failed_ = failed;
  if (failed) out_.clear();
}

std::vector<RefusalEntry> RefusalLog::find(const RefusalQuery& query, Timestamp now) const {
  std::vector<RefusalEntry> found;
  const std::scoped_lock lock(mutex_);
  for (const fs::path& file : {current_, previous_}) {
    const auto lines = lines_of(file);
    for (auto line = lines.rbegin(); line != lines.rend(); ++line) {
      auto entry = entry_of(*line);
      if (!entry || !fits(*entry, query)) continue;
      if (found.size() == query.limit || entry->at + kept_for < now) return found;
      found.push_back(std::move(*entry));
    }
  }
  return found;
}

}  // namespace muster
