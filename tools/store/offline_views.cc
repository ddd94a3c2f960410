#include "tools/store/offline_views.h"

#include <fmt/format.h>

#include <utility>

#include "projections/standard_projections.h"
#include "tools/store/first_events.h"

namespace muster {

Result<std::unique_ptr<OfflineViews>> OfflineViews::open(const std::filesystem::path& data,
                                                         For use) {
  std::unique_ptr<OfflineViews> offline(new OfflineViews());
  auto opened = offline->open_parts(data, use);
  if (opened) return offline;
  if (opened.error().code != ErrorCode::in_use) return tl::unexpected(std::move(opened).error());
  return fail(ErrorCode::in_use,
              fmt::format("a server uses the data folder {}: leave out --data and ask the server "
                          "(MUSTER_URL), or stop it first",
                          data.string()));
}

Result<void> OfflineViews::open_parts(const std::filesystem::path& data, For use) {
  auto log = RocksEventLog::open(data / "log", {.read_only = true});
  if (!log) return tl::unexpected(std::move(log).error());
  log_ = std::move(*log);
  auto keys = FileSubjectKeys::open_to_read(data / "keys" / "subjects");
  if (!keys) return tl::unexpected(std::move(keys).error());
  keys_ = std::move(*keys);
  codec_ = std::make_unique<RecordCodec>(*keys_);
  const auto identity = read_identity(*log_, *codec_);
  if (!identity) return tl::unexpected(identity.error());
  identity_ = identity->log;
  const auto folder = data / "views";
  auto views = use == For::rebuilding ? ViewStore::open(folder, identity_)
                                      : ViewStore::open_to_read(folder, identity_);
  if (!views) return tl::unexpected(std::move(views).error());
  views_ = std::move(*views);
  if (use == For::reading) return {};
  runner_ = std::make_unique<Runner>(*log_, *codec_, *views_, standard_projections());
  return runner_->catch_up();
}

RebuildParts OfflineViews::parts() noexcept {
  return {.log = *log_,
          .codec = *codec_,
          .store = *views_,
          .runner = runner_.get(),
          .identity = identity_,
          .make = standard_projection};
}

}  // namespace muster
