#include "tools/backup/restored_keys.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "core/log/disk/posix_file.h"
#include "core/log/file_subject_keys.h"

namespace muster {
namespace {

namespace fs = std::filesystem;

/// Without these the server makes new ones. The second key of devices is there only for a while.
constexpr const char* optional_key = "device-tokens-previous.pem";

Result<void> copy_secret(const fs::path& from, const fs::path& to) {
  const auto content =
      PosixFile::open(from, O_RDONLY).and_then([](const PosixFile& in) { return in.read_all(); });
  if (!content) return tl::unexpected(content.error());
  return write_secret(to, *content);
}

Result<TakenKeys> copy_keys(const KeysOrder& order) {
  TakenKeys taken;
  std::error_code ignored;
  if (!order.from.empty() && !fs::is_directory(order.from, ignored)) {
    return fail(ErrorCode::invalid_input,
                fmt::format("{} is no folder: name the kept copy of the folder `keys`",
                            order.from.string()));
  }
  for (const fs::path& to : {order.to.subject_keys(), order.to.token_key(), order.to.device_key(),
                             order.to.previous_device_key(), order.to.checkpoint_key()}) {
    const std::string name = to.filename();
    const bool is_there = !order.from.empty() && fs::exists(order.from / name, ignored);
    if (is_there) {
      if (auto copied = copy_secret(order.from / name, to); !copied) {
        return tl::unexpected(std::move(copied).error());
      }
      taken.kept.push_back(name);
    } else if (name != optional_key) {
      taken.missing.push_back(name);
    }
  }
  return taken;
}

/// Of all ledgers, and of the restored log itself, who was erased.
Result<std::vector<Erasure>> all_erasures(const KeysOrder& order) {
  std::vector<fs::path> ledgers = order.ledgers;
  if (!order.from.empty()) ledgers.push_back(order.from / erasures_name);
  std::vector<Erasure> all;
  for (const fs::path& file : ledgers) {
    if (file.empty()) continue;
    const auto erasures = load_erasures(file);
    if (!erasures) return tl::unexpected(erasures.error());
    all.insert(all.end(), erasures->begin(), erasures->end());
  }
  for (const Erasure& user : order.users) {
    if (user.erased_at != Timestamp{}) all.push_back(user);
  }
  return all;
}

}  // namespace

Result<TakenKeys> take_keys(const KeysOrder& order) {
  auto taken = copy_keys(order);
  if (!taken) return taken;
  const auto erasures = all_erasures(order);
  if (!erasures) return tl::unexpected(erasures.error());
  if (auto written = add_erasures(order.to.erasures(), *erasures); !written) {
    return tl::unexpected(std::move(written).error());
  }
  const auto keys = FileSubjectKeys::open(order.to.subject_keys());
  if (!keys) return tl::unexpected(keys.error());
  const auto has_key = [&](UserId id) {
    const auto user = std::ranges::find(order.users, id, &Erasure::user);
    if (user == order.users.end()) return id == UserId{};
    return std::ranges::none_of(*erasures,
                                [&](const Erasure& other) { return other.is_of_same(*user); });
  };
  for (const Erasure& user : order.users) {
    if (!has_key(user.user)) ++taken->erased;
  }
  std::vector<UserId> gone = (*keys)->users();
  std::erase_if(gone, has_key);
  if (auto destroyed = (*keys)->destroy(gone); !destroyed) {
    return tl::unexpected(std::move(destroyed).error());
  }
  return taken;
}

}  // namespace muster
