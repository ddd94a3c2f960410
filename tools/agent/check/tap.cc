#include "tools/agent/check/tap.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace muster::agent {
namespace {

constexpr int look_for_orders_every_ms = 20;
constexpr int backlog = 8;
constexpr std::size_t records_max = 100'000;  // A device that says more is heard no further.
constexpr std::size_t read_bytes = 16'384;

bool write_all(const UniqueFd& socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

/// What there is; nullopt at the end of the connection.
std::optional<std::string> read_some(const UniqueFd& socket) {
  std::string bytes(read_bytes, '\0');
  const auto got = ::recv(socket.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return std::string();
  if (got <= 0) return std::nullopt;
  bytes.resize(static_cast<std::size_t>(got));
  return bytes;
}

}  // namespace

/// A connection of the device and the one to the broker that belongs to it.
struct Tap::Line {
  std::size_t number = 0;
  UniqueFd device;
  UniqueFd broker;
  mqtt::PacketStream said;  // By the device.
  unsigned version = 4;
  bool said_goodbye = false;
};

Tap::Tap(UniqueFd listener, std::uint16_t port, const mqtt::Address& broker)
    : listener_(std::move(listener)), port_(port), broker_(broker) {
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

Tap::~Tap() {
  thread_.request_stop();
  thread_.join();
}

Result<std::unique_ptr<Tap>> Tap::open(const mqtt::Address& broker) {
  UniqueFd listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): as sockets want it.
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener.get(), generic, size) != 0 || ::listen(listener.get(), backlog) != 0 ||
      ::getsockname(listener.get(), generic, &size) != 0) {
    return fail(ErrorCode::failed, fmt::format("cannot listen: {}", std::strerror(errno)));
  }
  return std::unique_ptr<Tap>(new Tap(std::move(listener), ntohs(address.sin_port), broker));
}

std::size_t Tap::mark() const {
  const std::lock_guard lock(mutex_);
  return records_.size();
}

std::optional<TapRecord> Tap::await(std::size_t mark, const Wanted& wanted,
                                    std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  std::size_t seen = mark;
  std::optional<TapRecord> found;
  noted_.wait_for(lock, patience, [&] {
    for (; seen < records_.size() && !found; ++seen) {
      if (wanted(records_[seen])) found = records_[seen];
    }
    return found.has_value();
  });
  return found;
}

std::vector<TapRecord> Tap::records(std::size_t mark) const {
  const std::lock_guard lock(mutex_);
  return {records_.begin() + static_cast<std::ptrdiff_t>(std::min(mark, records_.size())),
          records_.end()};
}

void Tap::cut() {
  const std::lock_guard lock(mutex_);
  cut_wanted_ = true;
}

void Tap::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    std::vector<pollfd> ready{{listener_.get(), POLLIN, 0}};
    for (const auto& line : lines_) {
      ready.push_back({line->device.get(), POLLIN, 0});
      ready.push_back({line->broker.get(), POLLIN, 0});
    }
    ::poll(ready.data(), ready.size(), look_for_orders_every_ms);
    const bool cuts = [this] {
      const std::lock_guard lock(mutex_);
      return std::exchange(cut_wanted_, false);
    }();
    std::erase_if(lines_, [&](const auto& line) {
      if (!cuts && pass_on(*line)) return false;
      note({line->number, TapRecord::Left{line->said_goodbye}});
      return true;
    });
    if ((ready.front().revents & POLLIN) != 0) accept_one();
  }
}

void Tap::accept_one() {
  auto line = std::make_unique<Line>();
  line->number = ++connections_;
  line->device = UniqueFd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  line->broker = UniqueFd(::socket(broker_.bytes.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const bool connected = line->device.is_open() && line->broker.is_open() &&
                         ::connect(line->broker.get(), broker_.generic(), broker_.size) == 0;
  if (connected) lines_.push_back(std::move(line));
}

/// False when one of the two is gone.
bool Tap::pass_on(Line& line) {
  const auto said = read_some(line.device);
  if (!said) return false;
  line.said.append(*said);
  for (auto packet = line.said.next(); packet; packet = line.said.next()) {
    if (!*packet) break;
    take(line, **packet);
  }
  if (!write_all(line.broker, *said)) return false;
  const auto answered = read_some(line.broker);
  return answered && write_all(line.device, *answered);
}

void Tap::take(Line& line, const mqtt::Packet& packet) {
  if (packet.type == mqtt::PacketType::connect) {
    if (auto connect = mqtt::read_connect(packet)) {
      line.version = connect->version;
      note({line.number, std::move(*connect)});
    }
  } else if (packet.type == mqtt::PacketType::subscribe) {
    if (auto subscriptions = mqtt::read_subscribe(packet, line.version)) {
      note({line.number, std::move(*subscriptions)});
    }
  } else if (packet.type == mqtt::PacketType::publish) {
    if (auto publish = mqtt::read_client_publish(packet, line.version)) {
      note({line.number, std::move(*publish)});
    }
  } else if (packet.type == mqtt::PacketType::disconnect) {
    line.said_goodbye = true;
  }
}

void Tap::note(TapRecord record) {
  {
    const std::lock_guard lock(mutex_);
    if (records_.size() < records_max) records_.push_back(std::move(record));
  }
  noted_.notify_one();
}

}  // namespace muster::agent
