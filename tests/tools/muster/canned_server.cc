#include "tests/tools/muster/canned_server.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <fstream>

#include "core/base/uuid.h"
#include "tools/muster/command_line.h"

namespace muster::test {

CannedServer::CannedServer() {
  answer(200, "{}");
  auto started = HttpServer::start({}, [this](HttpRequest request, const HttpRespond& respond_to) {
    respond_to(respond(std::move(request)));
  });
  REQUIRE(started.has_value());
  server_ = std::move(*started);
  variables = {{"MUSTER_URL", url()},
               {"MUSTER_TOKEN", "s3cret-token"},
               {"XDG_CONFIG_HOME", (folder() / "config").string()}};
}

HttpResponse CannedServer::respond(HttpRequest request) {
  const std::lock_guard lock(mutex_);
  asked_.push_back(fmt::format("{} {}{}{}", to_string(request.method), request.target,
                               request.body.empty() ? "" : " ", request.body));
  auto response = answer_;
  if (const auto found = answers_.find(request.target); found != answers_.end()) {
    response = {200, "application/json", found->second, {}};
  }
  last_ = std::move(request);
  return response;
}

void CannedServer::answer(int status, std::string body) {
  const std::lock_guard lock(mutex_);
  const bool good = status < 300;
  answer_ = {status, good ? "application/json" : "application/problem+json", std::move(body), {}};
}

void CannedServer::answer(const std::string& target, std::string body) {
  const std::lock_guard lock(mutex_);
  answers_[target] = std::move(body);
}

Ran CannedServer::run(const std::vector<std::string>& arguments, const std::string& input) {
  Ran ran;
  std::istringstream in(input);
  cli::Surroundings around{[&ran](std::string_view text) { ran.out.append(text); },
                           [&ran](std::string_view text) { ran.err.append(text); }, in,
                           [this](const std::string& name) -> std::optional<std::string> {
                             const auto found = variables.find(name);
                             if (found == variables.end()) return std::nullopt;
                             return found->second;
                           }};
  ran.exit_code = cli::run_command_line(arguments, around, {});
  return ran;
}

std::vector<std::string> CannedServer::asked() {
  const std::lock_guard lock(mutex_);
  return std::exchange(asked_, {});
}

HttpRequest CannedServer::last() const {
  const std::lock_guard lock(mutex_);
  REQUIRE(last_.has_value());
  return *last_;
}

std::string CannedServer::url() const {
  return fmt::format("http://127.0.0.1:{}", server_->port());
}

std::string CannedServer::file(const std::string& text) const {
  const auto path = folder() / to_string(random_uuid());
  std::ofstream(path) << text;
  return path.string();
}

}  // namespace muster::test
