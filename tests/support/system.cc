#include "tests/support/system.h"

#include <doctest/doctest.h>

#include <future>
#include <utility>

#include "projections/load_state.h"
#include "projections/standard_projections.h"

namespace muster::test {
namespace {

template <typename T>
T must_have(Result<T> result) {
  REQUIRE_MESSAGE(result.has_value(), result.error().message);
  return std::move(*result);
}

}  // namespace

System::System(const std::filesystem::path& folder, EngineOptions options) {
  std::filesystem::create_directories(folder);
  keys_ = must_have(FileSubjectKeys::open(folder / "keys"));
  codec_ = std::make_unique<RecordCodec>(*keys_);
  log_ = must_have(RocksEventLog::open(folder / "log"));
  const bool is_new = log_->head() == Sequence{};
  store_ = must_have(ViewStore::open(folder / "views", id));
  runner_ = std::make_unique<Runner>(*log_, *codec_, *store_, standard_projections());
  const auto caught_up = runner_->catch_up();
  REQUIRE_MESSAGE(caught_up.has_value(), caught_up.error().message);
  remembered_ = std::make_unique<StoredIdempotency>(*store_);
  auto loaded = must_have(load_state(*store_));
  engine_ = std::make_unique<Engine>(
      options,
      Engine::Parts{.log = *log_, .codec = *codec_, .remembered = *remembered_, .clock = clock_},
      std::move(loaded.state), loaded.last_event);
  if (!is_new) return;
  must(Initialise{
      .log = id, .epoch = epoch, .username = "admin", .token_name = "first", .secret_hash = {}});
  must(CreateOrganisation{.handle = "acme", .name = {}});
}

System::~System() {
  engine_->stop();
  stop_following();
}

void System::follow() {
  following_ = true;
  runner_->follow(engine_->tail());
}

void System::stop_following() { runner_.reset(); }

Outcome System::run(CommandBody body) {
  const bool first = std::holds_alternative<Initialise>(body);
  Command command{.actor = {}, .id = random_ulid(clock_.now()), .body = std::move(body)};
  if (!first) command.actor = Actor{UserId{1}, TokenId{1}};
  command.confirmed = true;
  auto answered = std::make_shared<std::promise<Outcome>>();
  const auto queued = engine_->submit(
      std::move(command), [answered](Outcome outcome) { answered->set_value(std::move(outcome)); });
  if (!queued) return tl::unexpected(Refusal(queued.error()));
  Outcome outcome = answered->get_future().get();
  if (outcome && following_ && !outcome->events.empty()) {
    auto folded = std::make_shared<std::promise<void>>();
    runner_->when(outcome->events.back().sequence, [folded] { folded->set_value(); });
    folded->get_future().get();
  }
  return outcome;
}

void System::must(CommandBody body) {
  const Outcome outcome = run(std::move(body));
  if (outcome) return;
  const auto* rejection = std::get_if<Rejection>(&outcome.error());
  FAIL((rejection != nullptr ? rejection->rule : std::get<Error>(outcome.error()).message));
}

std::string System::fleet(std::string_view name) {
  std::string slug = "acme/" + std::string(name);
  must(CreateFleet{.slug = slug, .device_type = "raspberrypi4-64", .uuid = random_uuid()});
  return slug;
}

std::string System::release(const std::string& fleet, std::string_view digits, bool draft) {
  std::string commit(digits);
  commit.resize(40, '0');
  must(CreateRelease{.fleet = fleet,
                     .commit = commit,
                     .semver = "1.0.0",
                     .status = ReleaseStatus::success,
                     .draft = draft});
  return commit;
}

Uuid System::device(const std::string& fleet) {
  const Uuid uuid = random_uuid();
  must(RegisterDevice{.fleet = fleet, .uuid = uuid, .device_type = {}, .name = {}});
  return uuid;
}

void System::pin(const Uuid& device, const std::string& release) {
  must(PinDevices{.devices = {to_string(device)}, .release = release});
}

void System::pin(const std::string& fleet, const std::string& release) {
  must(PinFleet{.fleet = fleet, .release = release});
}

}  // namespace muster::test
