#include "tools/agent/link.h"

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

Connector::Connector(EventQueue& queue)
    : queue_(queue), thread_([this](const std::stop_token& stop) { run(stop); }) {}

void Connector::open(LinkPlan plan) {
  {
    const std::lock_guard lock(mutex_);
    plans_.push_back(std::move(plan));
  }
  filled_.notify_one();
}

void Connector::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    std::unique_lock lock(mutex_);
    if (!filled_.wait(lock, stop, [this] { return !plans_.empty(); })) return;
    auto plan = std::move(plans_.front());
    plans_.pop_front();
    lock.unlock();
    open_now(std::move(plan));
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
