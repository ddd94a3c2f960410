#include "tools/agent/provisioning/provisioning.h"

#include <fmt/format.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <system_error>

#include "core/base/uuid.h"
#include "tools/agent/support/files.h"
#include "tools/http/client.h"

namespace muster::agent {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds answer_within{30};
constexpr int done = 200;

Result<std::string> first_line_of(const fs::path& file) {
  auto text = read_file(file);
  if (!text) return text;
  text->resize(std::min(text->find_first_of("\r\n"), text->size()));
  if (!text->empty()) return text;
  return fail(ErrorCode::failed,
              fmt::format("{} holds no provisioning key: its first line is empty", file.string()));
}

/// Names this registration: kept, so that asking again after a lost answer registers no second
/// device.
Result<std::string> name_of_request(const fs::path& folder) {
  const fs::path file = folder / "provisioning-request";
  if (fs::exists(file)) return read_file(file);
  std::string name = to_string(random_uuid());
  if (auto kept = replace_file(file, name); !kept) return tl::unexpected(kept.error());
  return name;
}

Result<std::string> ask(const ProvisioningOptions& options) {
  const auto key = first_line_of(options.key_file);
  if (!key) return key;
  const auto request = name_of_request(options.folder);
  if (!request) return request;
  nlohmann::ordered_json body = nlohmann::ordered_json::object();
  if (!options.name.empty()) body["name"] = options.name;
  HttpClient http(options.server, *key, answer_within);
  auto answer =
      http.send(HttpMethod::post, "/v1/provision", {{"Idempotency-Key", *request}}, body.dump());
  if (!answer) return tl::unexpected(answer.error());
  if (answer->status == done) return std::move(answer->body);
  const auto problem = problem_of(*answer);
  const std::string why =
      problem ? fmt::format("{} [{}]; {}", problem->detail, problem->code, problem->remedy)
              : fmt::format("status {}", answer->status);
  return fail(ErrorCode::invalid_input,
              fmt::format("{} does not register this device: {}", options.server, why));
}

}  // namespace

Result<DeviceCredentials> provision(const ProvisioningOptions& options) {
  std::error_code error;
  fs::create_directories(options.folder, error);
  if (error) {
    return fail(ErrorCode::failed,
                fmt::format("cannot make {}: {}", options.folder.string(), error.message()));
  }
  const fs::path file = options.folder / "credentials.json";
  if (!fs::exists(file)) {
    const auto answer = ask(options);
    if (!answer) return tl::unexpected(answer.error());
    if (auto kept = replace_file(file, *answer); !kept) return tl::unexpected(kept.error());
  }
  const auto credentials = read_credentials(file);
  if (!credentials) return tl::unexpected(credentials.error());
  return credentials->front();
}

}  // namespace muster::agent
