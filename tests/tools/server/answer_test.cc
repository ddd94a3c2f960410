#include "tools/server/api/answer.h"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <string_view>

#include "tests/support/system.h"
#include "tests/support/temporary_folder.h"

using namespace muster;        // NOLINT(google-build-using-namespace)
using namespace muster::test;  // NOLINT(google-build-using-namespace)

// Answers that are written directly are those that documents would make.

namespace {

struct Answers {
  Answers() {
    system.follow();
    fleet = system.fleet("thermo");
    first = system.release(fleet, "aaaaaaaa");
    second = system.release(fleet, "bbbbbbbb", true);
    device = system.device(fleet);
  }

  /// The answer, which must be the same in both ways.
  std::string answer(const Accepted& accepted) {
    const Reader reader(system.store());
    AnswerWriter writer(
        {.user_tokens = users, .device_tokens = devices, .identity = {}, .mqtt = {}}, reader);
    std::string text = "before";
    writer.append(text, accepted);
    const std::string whole = writer.document(accepted);
    CHECK(text == "before" + whole);
    return whole;
  }

  Accepted pin(const std::string& release) {
    auto outcome = system.run(PinDevices{.devices = {to_string(device)}, .release = release});
    REQUIRE(outcome.has_value());
    return *std::move(outcome);
  }

  TemporaryFolder folder;
  System system{folder.path()};
  UserTokens users{Digest{}};
  DeviceTokens devices = *DeviceTokens::open(folder.path() / "key.pem", folder.path() / "old.pem");
  std::string fleet;
  std::string first;
  std::string second;
  Uuid device;
};

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE_FIXTURE(Answers, "answers: a pin is answered as documents would, whatever came before") {
  Accepted pinned = pin(first);
  const std::string fresh = answer(pinned);
  CHECK_MESSAGE(has(fresh, R"("from":null)"), fresh);
  CHECK_MESSAGE(has(fresh, R"("following":0,"pinned":1,"changes":[)"), fresh);
  CHECK_MESSAGE(has(fresh, R"("views":"current"})"), fresh);
  pinned.repeated = true;
  CHECK(has(answer(pinned), R"("repeated":true)"));
  const std::string again = answer(pin(second));
  CHECK_MESSAGE(has(again, R"("from":"aaaaaaaa)"), again);
  CHECK_MESSAGE(has(again, "(draft)"), again);
  const std::string unchanged = answer(pin(second));
  CHECK_MESSAGE(has(unchanged, R"("changed":false)"), unchanged);
}

TEST_CASE_FIXTURE(Answers, "answers: dry runs, and what the lists do not show yet") {
  Accepted pinned = pin(first);
  const auto batch = std::make_shared<Batch>(pinned.events().begin(), pinned.events().end());
  pinned = {.batch = batch, .count = 1};
  auto& pin = std::get<DevicePinned>(batch->front().event);
  pinned.dry_run = true;
  CHECK(has(answer(pinned), R"("dry_run":true,"sequence":null)"));
  pinned.dry_run = false;
  pin.reach.reset();
  CHECK_FALSE(has(answer(pinned), "following"));
  pin = {.id = DeviceId{77}, .release = ReleaseId{78}, .previous_pin = ReleaseId{79}};
  batch->front().sequence = Sequence{1'000'000};
  const std::string behind = answer(pinned);
  CHECK_MESSAGE(has(behind, R"("version_text":null,"device":"id:77","from":"id:79")"), behind);
  CHECK_MESSAGE(has(behind, R"("views":"behind"})"), behind);
  batch->front().meta.count = 2;  // One of several is told of in `changes` alone.
  CHECK(has(answer(pinned), R"("version_text":null,"changes")"));
}
