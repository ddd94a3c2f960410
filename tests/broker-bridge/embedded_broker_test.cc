#include "broker-bridge/embedded_broker.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <atomic>
#include <cstdio>
#include <fstream>
#include <memory>
#include <string>

#include "tests/support/broker_support.h"

using namespace muster;        // NOLINT(google-build-using-namespace)
using namespace muster::test;  // NOLINT(google-build-using-namespace)
using namespace std::chrono_literals;

namespace {

EmbeddedBrokerOptions options_in(const TemporaryFolder& folder) {
  return broker_options(folder.path() / "run");
}

}  // namespace

TEST_CASE("embedded broker: it is ready when start returns, and stopping leaves no process") {
  const TemporaryFolder folder;
  auto broker = EmbeddedBroker::start(options_in(folder), nullptr);
  REQUIRE_MESSAGE(broker.has_value(), broker.error().message);
  const pid_t pid = (*broker)->pid();
  CHECK(is_running(pid));
  CHECK((*broker)->port() != 0);
  CHECK((*broker)->restarts() == 0);
  struct stat status{};
  REQUIRE(::stat((folder.path() / "run").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777U) == 0700U);
  broker->reset();
  CHECK_FALSE(is_running(pid));
}

TEST_CASE("embedded broker: killed, it is back on its port and says so") {
  const TemporaryFolder folder;
  std::atomic<int> ready_again{0};
  auto broker = EmbeddedBroker::start(options_in(folder), [&ready_again] { ++ready_again; });
  REQUIRE_MESSAGE(broker.has_value(), broker.error().message);
  for (int round = 1; round <= 3; ++round) {
    const pid_t pid = (*broker)->pid();
    REQUIRE(::kill(pid, SIGKILL) == 0);
    REQUIRE(comes_true([&] { return ready_again == round; }, 5s));
    CHECK((*broker)->pid() != pid);
    CHECK((*broker)->restarts() == round);
    CHECK_FALSE((*broker)->failure().has_value());
  }
}

TEST_CASE("embedded broker: a taken port is an error that names it") {
  const TemporaryFolder folder;
  const auto first = EmbeddedBroker::start(options_in(folder), nullptr);
  REQUIRE(first.has_value());
  const TemporaryFolder other_folder;
  auto options = options_in(other_folder);
  options.port = (*first)->port();
  const auto second = EmbeddedBroker::start(options, nullptr);
  REQUIRE_FALSE(second.has_value());
  CHECK(second.error().code == ErrorCode::in_use);
  CHECK(second.error().message.find(std::to_string(options.port)) != std::string::npos);
}

TEST_CASE("embedded broker: it is not restarted in a loop when its configuration is refused") {
  const TemporaryFolder folder;
  auto broker = EmbeddedBroker::start(options_in(folder), nullptr);
  REQUIRE(broker.has_value());
  std::ofstream(folder.path() / "run" / "mosquitto.conf", std::ios::app) << "nonsense true\n";
  REQUIRE(::kill((*broker)->pid(), SIGKILL) == 0);
  REQUIRE(comes_true([&] { return (*broker)->failure().has_value(); }, 5s));
  CHECK((*broker)->failure()->message.find("nonsense") != std::string::npos);
  CHECK((*broker)->pid() == 0);
  CHECK((*broker)->restarts() == 0);
}

TEST_CASE("embedded broker: what is no host is refused") {
  const TemporaryFolder folder;
  for (const char* host : {"", "127.0.0.1\nx", "127.0.0.1 x", "a/b", "#"}) {
    CAPTURE(host);
    auto options = options_in(folder);
    options.host = host;
    const auto broker = EmbeddedBroker::start(options, nullptr);
    REQUIRE_FALSE(broker.has_value());
    CHECK(broker.error().code == ErrorCode::invalid_input);
  }
}

TEST_CASE("embedded broker: without mosquitto the error says what to install") {
  const TemporaryFolder folder;
  auto options = options_in(folder);
  options.binary = folder.path() / "mosquitto";
  const auto broker = EmbeddedBroker::start(options, nullptr);
  REQUIRE_FALSE(broker.has_value());
  CHECK(broker.error().message.find("apt install mosquitto") != std::string::npos);
}

TEST_CASE("embedded broker: a flood of log lines does not stop it") {
  const TemporaryFolder folder;
  auto options = options_in(folder);
  // More than a pipe holds; what comes too fast may be lost, but nothing waits for us.
  options.binary = folder.path() / "chatty";
  std::ofstream(options.binary) << "#!/bin/sh\n/usr/bin/seq 1 200000\n/bin/sleep 0.2\n"
                                << "echo last; exit 3\n";
  std::filesystem::permissions(options.binary, std::filesystem::perms::owner_all);
  const auto broker = EmbeddedBroker::start(options, nullptr);
  REQUIRE_FALSE(broker.has_value());
  CHECK(broker.error().message.find("exit code 3") != std::string::npos);
  CHECK(broker.error().message.ends_with("last"));
}

TEST_CASE("embedded broker: it ends when the program that started it is killed") {
  const TemporaryFolder folder;
  const std::string command =
      std::string("echo $$; exec ") + MUSTER_BROKER_HOLDER + " " + (folder.path() / "run").string();
  const std::unique_ptr<FILE, int (*)(FILE*)> output(::popen(command.c_str(), "r"), ::pclose);
  REQUIRE(output != nullptr);
  int holder = 0;
  int broker = 0;
  REQUIRE(std::fscanf(output.get(), "%d %d", &holder, &broker) == 2);
  REQUIRE(is_running(broker));
  REQUIRE(::kill(holder, SIGKILL) == 0);
  const bool is_gone = comes_true([&] { return !is_running(broker); }, 30s);
  CHECK(is_gone);
  if (!is_gone) {
    ::kill(broker, SIGKILL);
  }
}
