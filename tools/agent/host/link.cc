#include "tools/agent/host/link.h"

#include <algorithm>
#include <utility>

namespace muster::agent {
namespace {

constexpr std::chrono::seconds answer_max(5);

}  // namespace

Link::Link(LinkPlan plan, EventQueue& queue)
    : plan_(std::move(plan)), queue_(queue), client_(plan_.mqtt, *this) {}

Result<void> Link::open() {
  if (auto connected = client_.connect(answer_max); !connected) return connected;
  return client_.subscribe(plan_.filters, answer_max);
}

Result<void> Link::publish(const MqttMessage& message, DeliveryId id) {
  return client_.publish(message, id);
}

template <typename What>
void Link::tell(What what) {
  queue_.push(Event{plan_.device, plan_.number, std::move(what)});
}

void Link::on_message(MqttMessage message) { tell(std::move(message)); }

void Link::on_delivered(DeliveryId id) { tell(Delivered{id}); }

void Link::on_lost(std::string reason) { tell(LinkLost{std::move(reason)}); }

Connector::Connector(EventQueue& queue, std::size_t devices) : queue_(queue) {
  const auto count = std::clamp<std::size_t>(devices, 1, threads_max);
  for (std::size_t i = 0; i < count; ++i) {
    threads_.emplace_back([this](const std::stop_token& stop) { run(stop); });
  }
}

Connector::~Connector() {
  for (auto& thread : threads_) thread.request_stop();
}

void Connector::open(LinkPlan plan) { add(std::move(plan)); }

void Connector::close(std::unique_ptr<Link> link) { add(std::move(link)); }

void Connector::add(Job job) {
  {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
  }
  filled_.notify_one();
}

void Connector::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    std::unique_lock lock(mutex_);
    if (!filled_.wait(lock, stop, [this] { return !jobs_.empty(); })) return;
    Job job = std::move(jobs_.front());  // A link in it closes at the end of this scope.
    jobs_.pop_front();
    lock.unlock();
    if (auto* plan = std::get_if<LinkPlan>(&job)) open_now(std::move(*plan));
  }
}

void Connector::open_now(LinkPlan plan) {
  const auto device = plan.device;
  const auto number = plan.number;
  auto link = std::make_unique<Link>(std::move(plan), queue_);
  auto opened = link->open();
  if (!opened) link.reset();
  if (opened) {
    queue_.push(Event{device, number, LinkUp{std::move(link)}});
  } else {
    queue_.push(Event{device, number, LinkFailed{std::move(opened.error())}});
  }
}

}  // namespace muster::agent
