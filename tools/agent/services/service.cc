#include "tools/agent/services/service.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include "core/base/log.h"

namespace muster::agent {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds pause_first = 1s;
constexpr std::chrono::milliseconds pause_longest = 1min;
constexpr auto stable_after = 10s;  // One that ran this long is started again without delay.
constexpr int blocks_max = 64;      // Read at once: one that floods must not hold up the others.

/// Ours, without what concerns the agent alone, and what the service is told.
std::vector<std::string> environment_of(const ServiceSpec& service, const Uuid& device,
                                        const ServiceFolders& folders) {
  std::vector<std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const auto name = std::string(text.substr(0, text.find('=')));
    if (!name.starts_with("MUSTER_") && !service.environment.contains(name)) {
      all.emplace_back(text);
    }
  }
  for (const auto& [name, value] : service.environment) {
    all.push_back(fmt::format("{}={}", name, value));
  }
  all.push_back(fmt::format("MUSTER_DEVICE={}", to_string(device)));
  all.push_back(fmt::format("MUSTER_SERVICE={}", service.name));
  all.push_back(fmt::format("MUSTER_LOCK={}", folders.lock_of(service).string()));
  return all;
}

}  // namespace

Service::Service(ServiceSpec spec, const Uuid& device, ServiceFolders& folders, int lock)
    : spec_(std::move(spec)),
      device_(device),
      folders_(folders),
      lock_(lock),
      log_(folders.log_of(spec_)) {}

void Service::start(TimePoint now) {
  started_at_ = now;
  const auto started = try_start();
  if (started) return;
  log_warn("service not started: device={} service={} why=\"{}\"", to_string(device_), spec_.name,
           started.error().message);
  plan_start(now);
}

Result<void> Service::try_start() {
  if (auto prepared = folders_.prepare(spec_); !prepared) return prepared;
  auto process = GuardedProcess::start({.command = spec_.command,
                                        .environment = environment_of(spec_, device_, folders_),
                                        .folder = folders_.of(spec_),
                                        .lock = lock_});
  if (!process) return tl::unexpected(process.error());
  process_.emplace(std::move(*process));
  log_info("service started: device={} service={}", to_string(device_), spec_.name);
  return {};
}

void Service::look(TimePoint now) {
  if (!process_) return;
  read_output();
  if (!process_->has_ended()) return;
  read_output();
  log_info("service ended: device={} service={} code={}", to_string(device_), spec_.name,
           process_->exit_code());
  process_.reset();
  plan_start(now);
}

void Service::read_output() {
  std::array<char, 4096> block{};
  for (int i = 0; i < blocks_max; ++i) {
    const auto count = ::read(process_->output(), block.data(), block.size());
    if (count == 0) process_->close_output();  // It has closed its own end.
    if (count <= 0) return;
    log_.append({block.data(), static_cast<std::size_t>(count)});
  }
}

void Service::plan_start(TimePoint now) {
  constexpr int doublings_max = 8;
  if (now - started_at_ >= stable_after) deaths_ = 0;
  const auto pause = pause_first * (1 << std::min(deaths_, doublings_max));
  start_at_ = deaths_ == 0 && now - started_at_ >= stable_after
                  ? now
                  : now + std::min(pause, pause_longest);
  ++deaths_;
}

}  // namespace muster::agent
