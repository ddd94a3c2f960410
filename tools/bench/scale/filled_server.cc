#include "tools/bench/scale/filled_server.h"

#include <fmt/format.h>

#include <utility>

#include "tools/bench/scale/filled_folder.h"

namespace muster::bench {

Result<std::unique_ptr<FilledServer>> FilledServer::start(const std::filesystem::path& program,
                                                          const std::filesystem::path& folder,
                                                          std::size_t devices, std::size_t told_max,
                                                          const Progress& progress) {
  auto broker = mqtt::PlainBroker::start(folder);
  if (!broker) return tl::unexpected(broker.error());
  const auto mqtt = fmt::format("mqtt://127.0.0.1:{}", broker->port());
  {
    const auto first = ServerProcess::start(program, folder, mqtt);  // Makes its data folder.
    if (!first) return tl::unexpected(first.error());
  }
  auto told = fill_folder(folder / "data", devices, told_max, progress);
  if (!told) return tl::unexpected(told.error());
  auto server = ServerProcess::start(program, folder, mqtt);
  if (!server) return tl::unexpected(server.error());
  return std::unique_ptr<FilledServer>(
      new FilledServer(std::move(*broker), std::move(*server), std::move(*told)));
}

}  // namespace muster::bench
