#include "tools/bench/append/engine_stand.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "core/base/uuid.h"
#include "tools/bench/support/folding.h"
#include "tools/bench/support/in_flight.h"
#include "tools/store/state_store.h"

namespace muster::bench {
namespace {

using std::chrono::steady_clock;

constexpr std::size_t in_flight_min = 64;
constexpr std::size_t in_flight_max = 8'000;  // Below what the engine's queue holds.
constexpr std::size_t batches_in_flight = 8;

constexpr const char* organisation = "bench";
constexpr const char* fleet = "bench/fleet";
constexpr const char* device_type = "raspberrypi4-64";
constexpr std::size_t commit_length = 40;

std::string commit_of(std::size_t release) {
  std::string commit = fmt::format("{:07x}", release + 1);
  commit.resize(commit_length, '0');
  return commit;
}

Result<std::vector<Record>> records_after(const EventLog& log, Sequence last) {
  std::vector<Record> records;
  const auto read = log.read_after(last, [&](Sequence, std::string_view record) {
    records.emplace_back(record);
    return true;
  });
  if (!read) return tl::unexpected(read.error());
  return records;
}

Engine::Timings difference(const Engine::Timings& to, const Engine::Timings& from) {
  return {.deciding = to.deciding - from.deciding,
          .encoding = to.encoding - from.encoding,
          .appending = to.appending - from.appending,
          .answering = to.answering - from.answering,
          .batches = to.batches - from.batches,
          .events = to.events - from.events};
}

/// What the engine's time went into once it has noted the time of so many events: it does that
/// behind their answers.
Engine::Timings timings_at(const Engine& engine, std::uint64_t events) {
  Engine::Timings timings = engine.timings();
  while (timings.events < events) {
    std::this_thread::yield();
    timings = engine.timings();
  }
  return timings;
}

}  // namespace

class EngineStand::Parts {
 public:
  explicit Parts(std::filesystem::path folder) : folder_(std::move(folder)) {}

  Result<void> populate(std::size_t devices);
  Result<void> open(std::size_t batch_events);
  Result<EngineRun> run(const EngineLoad& load);

 private:
  [[nodiscard]] Command command(CommandBody body) const;
  std::vector<Command> next_pins(const EngineLoad& load);

  const std::filesystem::path folder_;
  SystemClock clock_;
  std::vector<std::string> devices_;
  std::size_t pins_ = 0;
  std::optional<InFlight> in_flight_;  // So many that they fill the batches.
  std::unique_ptr<StateStore> store_;  // Last: it ends before who waits for its answers.
};

Result<void> EngineStand::Parts::open(std::size_t batch_events) {
  store_.reset();
  auto store = StateStore::open(
      {.log = folder_ / "log",
       .views = folder_ / "views",
       .subject_keys = folder_ / "keys",
       .first =
           [this] {
             return Command{
                 .id = random_ulid(clock_.now()),
                 .body = Initialise{
                     .log = random_uuid(), .epoch = 1, .username = "admin", .token_name = "first"}};
           },
       .engine = {.batch_events = batch_events}},
      clock_);
  if (!store) return tl::unexpected(std::move(store).error());
  store_ = std::move(*store);
  in_flight_.emplace(std::clamp(batch_events * batches_in_flight, in_flight_min, in_flight_max));
  store_->follow();
  return {};
}

Command EngineStand::Parts::command(CommandBody body) const {
  const Timestamp now = clock_.now();
  return Command{.actor = Actor{UserId{1}, TokenId{1}},
                 .id = random_ulid(now),
                 .idempotency = {},
                 .reason = {},
                 .expect_version = {},
                 .expect_count = {},
                 .confirmed = true,
                 .dry_run = false,
                 .body = std::move(body)};
}

Result<void> EngineStand::Parts::populate(std::size_t devices) {
  std::vector<CommandBody> bodies{CreateOrganisation{.handle = organisation, .name = {}},
                                  CreateFleet{.slug = fleet,
                                              .device_type = device_type,
                                              .type = FleetType::microservices,
                                              .uuid = random_uuid()}};
  for (std::size_t release = 0; release < 2; ++release) {
    CreateRelease create{.fleet = fleet, .commit = commit_of(release)};
    create.status = ReleaseStatus::success;
    bodies.emplace_back(std::move(create));
  }
  for (std::size_t i = 0; i < devices; ++i) {
    const Uuid uuid = random_uuid();
    devices_.push_back(to_string(uuid));
    bodies.emplace_back(
        RegisterDevice{.fleet = fleet, .uuid = uuid, .device_type = {}, .name = {}});
  }
  Result<void> sent = open(EngineOptions{}.batch_events);
  for (auto body = bodies.begin(); sent && body != bodies.end(); ++body) {
    sent = in_flight_->submit(store_->engine(), command(std::move(*body)));
  }
  return sent ? in_flight_->finish() : sent;
}

/// Each device in turn, to the one release and, when all are there, to the other.
std::vector<Command> EngineStand::Parts::next_pins(const EngineLoad& load) {
  std::vector<Command> pins;
  pins.reserve(load.pins);
  for (std::size_t i = 0; i < load.pins; ++i, ++pins_) {
    Command pin = command(PinDevices{.devices = {devices_[pins_ % devices_.size()]},
                                     .release = commit_of(pins_ / devices_.size() % 2)});
    if (load.keys) pin.idempotency = Idempotency{.key = to_string(pin.id), .request = {}};
    pins.push_back(std::move(pin));
  }
  return pins;
}

Result<EngineRun> EngineStand::Parts::run(const EngineLoad& load) {
  StateStore& store = *store_;
  const Sequence before = store.log().head();
  const Engine::Timings timings_before = store.engine().timings();
  std::vector<Command> pins = next_pins(load);
  EngineRun result;
  const auto began = steady_clock::now();
  for (Command& pin : pins) {
    auto sent = in_flight_->submit(store.engine(), std::move(pin));
    if (!sent) return tl::unexpected(sent.error());
  }
  if (auto done = in_flight_->finish(); !done) return tl::unexpected(done.error());
  result.elapsed = steady_clock::now() - began;
  await_folded(store);
  result.folded = steady_clock::now() - began;
  const auto timings = timings_at(store.engine(), timings_before.events + load.pins);
  result.timings = difference(timings, timings_before);
  auto records = records_after(store.log(), before);
  if (!records) return tl::unexpected(records.error());
  result.records = std::move(*records);
  return result;
}

Result<std::unique_ptr<EngineStand>> EngineStand::make(const std::filesystem::path& folder,
                                                       std::size_t devices,
                                                       std::size_t batch_events) {
  auto parts = std::make_unique<Parts>(folder);
  const auto made = parts->populate(devices).and_then([&] { return parts->open(batch_events); });
  if (!made) return tl::unexpected(made.error());
  return std::unique_ptr<EngineStand>(new EngineStand(std::move(parts)));
}

EngineStand::EngineStand(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

EngineStand::~EngineStand() = default;

Result<EngineRun> EngineStand::run(const EngineLoad& load) { return parts_->run(load); }

}  // namespace muster::bench
