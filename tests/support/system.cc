#include "tests/support/system.h"

#include <doctest/doctest.h>

#include <future>
#include <utility>

namespace muster::test {

System::System(const std::filesystem::path& folder, EngineOptions options) {
  std::filesystem::create_directories(folder);
  auto opened = StateStore::open(
      {.log = folder / "log",
       .views = folder / "views",
       .subject_keys = folder / "keys",
       .first =
           [this] {
             return Command{
                 .id = random_ulid(clock_.now()),
                 .body = Initialise{
                     .log = id, .epoch = epoch, .username = "admin", .token_name = "first"}};
           },
       .engine = options},
      clock_);
  REQUIRE_MESSAGE(opened.has_value(), opened.error().message);
  store_ = std::move(*opened);
  if (store_->is_new()) must(CreateOrganisation{.handle = "acme", .name = {}});
}

void System::follow() {
  following_ = true;
  store_->follow();
  await_folded(log().head());
}

void System::await_folded(Sequence sequence) {
  auto folded = std::make_shared<std::promise<void>>();
  store_->runner().when(sequence, [folded] { folded->set_value(); });
  folded->get_future().get();
}

Outcome System::run(CommandBody body) {
  Command command{.actor = Actor{UserId{1}, TokenId{1}},
                  .id = random_ulid(clock_.now()),
                  .confirmed = true,
                  .body = std::move(body)};
  auto answered = std::make_shared<std::promise<Outcome>>();
  const auto queued = store_->engine().submit(
      std::move(command), [answered](Outcome outcome) { answered->set_value(std::move(outcome)); });
  if (!queued) return tl::unexpected(Refusal(queued.error()));
  Outcome outcome = answered->get_future().get();
  if (outcome && following_ && !outcome->events().empty()) {
    await_folded(outcome->events().back().sequence);
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
