#include "tools/agent/services/supervisor.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/file.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <memory>
#include <utility>

#include "core/base/log.h"

namespace muster::agent {
namespace {

using SteadyClock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr auto look_every = 1s;
constexpr auto look_for_end_every = 100ms;

}  // namespace

Supervisor::Supervisor(SupervisorOptions options)
    : options_(std::move(options)),
      folders_(options_.folder, options_.has_volumes),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

Supervisor::~Supervisor() {
  thread_.request_stop();
  [[maybe_unused]] const auto woken = ::eventfd_write(wake_.get(), 1);
}

void Supervisor::run(std::vector<ServiceSpec> services, Done done) {
  add([this, wanted = std::move(services)] { return switch_to(wanted); }, std::move(done));
}

void Supervisor::remove(Volumes volumes, Done done) {
  const auto order = [this, volumes]() -> Result<void> {
    stop([](const Service&) { return true; });
    if (auto removed = folders_.remove_others({}); !removed) return removed;
    return volumes == Volumes::emptied ? folders_.empty_volumes() : Result<void>();
  };
  add(order, std::move(done));
}

void Supervisor::halt() {
  const auto order = [this]() -> Result<void> {
    stop([](const Service&) { return true; });
    return {};
  };
  add(order, [](const Result<void>&) {});
}

void Supervisor::add(Order order, Done done) {
  const std::lock_guard lock(mutex_);
  jobs_.push_back({std::move(order), std::move(done)});
  if (!thread_.joinable()) {
    thread_ = std::jthread([this](const std::stop_token& stop) { work(stop); });
  }
  [[maybe_unused]] const auto woken = ::eventfd_write(wake_.get(), 1);
}

void Supervisor::work(const std::stop_token& stop_token) {
  const bool alone = keep_others_out(stop_token);
  while (alone && !stop_token.stop_requested()) {
    if (do_next_job()) continue;
    start_due();
    auto next = SteadyClock::now() + look_every;
    for (const auto& service : services_) {
      if (!service->is_running()) next = std::min(next, service->start_at());
    }
    wait(next);
    look();
  }
  stop([](const Service&) { return true; });
  const std::lock_guard lock(mutex_);
  for (const auto& job : jobs_) job.done(fail(ErrorCode::unavailable, "the agent stops"));
}

/// The guards of an agent that was killed hold the lock until their services are gone. False on a
/// stop.
bool Supervisor::keep_others_out(const std::stop_token& stop_token) {
  const auto file = options_.folder / "services.lock";
  lock_ = UniqueFd(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  const auto begin = SteadyClock::now();
  auto say_at = begin + look_every;
  while (::flock(lock_.get(), LOCK_EX | LOCK_NB) != 0) {
    if (stop_token.stop_requested()) return false;
    if (SteadyClock::now() >= say_at) {
      log_error("services of an earlier agent still run, waiting for their end: folder={}",
                options_.folder.string());
      say_at += 1min;
    }
    wait(SteadyClock::now() + 10ms);
  }
  return true;
}

bool Supervisor::do_next_job() {
  Job job;
  {
    const std::lock_guard lock(mutex_);
    if (jobs_.empty()) return false;
    job = std::move(jobs_.front());
    jobs_.pop_front();
  }
  job.done(job.order());
  return true;
}

void Supervisor::start_due() {
  const auto now = SteadyClock::now();
  for (const auto& service : services_) {
    if (!service->is_running() && service->start_at() <= now) service->start(now);
  }
}

/// Until something ends, writes or is ordered, or it is time.
void Supervisor::wait(Service::TimePoint until) {
  std::vector<pollfd> ready{{wake_.get(), POLLIN, 0}};
  for (const auto& service : services_) {
    if (!service->is_running()) continue;
    ready.push_back({service->output(), POLLIN, 0});
    ready.push_back({service->end(), POLLIN, 0});
  }
  const auto time = std::chrono::ceil<std::chrono::milliseconds>(until - SteadyClock::now());
  ::poll(ready.data(), ready.size(), static_cast<int>(std::max<std::int64_t>(0, time.count())));
  eventfd_t orders = 0;
  ::eventfd_read(wake_.get(), &orders);
}

void Supervisor::look() {
  const auto now = SteadyClock::now();
  for (const auto& service : services_) service->look(now);
}

Result<void> Supervisor::switch_to(const std::vector<ServiceSpec>& wanted) {
  stop([&](const Service& service) {
    return std::ranges::find(wanted, service.spec()) == wanted.end();
  });
  if (auto removed = folders_.remove_others(wanted); !removed) return removed;
  for (const auto& spec : wanted) {
    const bool is_there = std::ranges::any_of(
        services_, [&](const auto& service) { return service->spec() == spec; });
    if (is_there) continue;
    services_.push_back(std::make_unique<Service>(spec, options_.device, folders_, lock_.get()));
  }
  start_due();
  return {};
}

/// They are gone when it returns.
void Supervisor::stop(const std::function<bool(const Service&)>& chosen) {
  const auto rest = std::partition(services_.begin(), services_.end(),
                                   [&](const auto& service) { return !chosen(*service); });
  const auto is_running = [](const auto& service) { return service->is_running(); };
  for (auto each = rest; each != services_.end(); ++each) {
    if (is_running(*each)) (*each)->ask_to_end();
  }
  const auto deadline = SteadyClock::now() + options_.stop_grace;
  bool killed = false;
  while (std::any_of(rest, services_.end(), is_running)) {
    const auto now = SteadyClock::now();
    if (now >= deadline && !std::exchange(killed, true)) {
      for (auto each = rest; each != services_.end(); ++each) {
        if (is_running(*each)) (*each)->kill();
      }
    }
    wait(now + look_for_end_every);
    look();
  }
  services_.erase(rest, services_.end());
}

}  // namespace muster::agent
