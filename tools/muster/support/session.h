#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/http/client.h"
#include "tools/muster/output/failure.h"
#include "tools/muster/support/json_body.h"
#include "tools/muster/support/settings.h"
#include "tools/muster/support/surroundings.h"

namespace muster::cli {

/// What every command that changes something may be told.
struct ChangeOptions {
  std::optional<std::string> reason;
  std::optional<std::uint64_t> expect;        // The version the entity must be at.
  std::optional<std::uint64_t> expect_count;  // How many devices it must concern.
  bool dry_run = false;
  bool yes = false;
  std::string idempotency_key;  // Empty: a fresh one.
};

/// One run of a command: what it may ask of the server, and where it says what came of it.
/// The connection is made with the first request.
class Session {
 public:
  Session(Surroundings& around, bool json, ChangeOptions change)
      : around_(around), json_(json), change_(std::move(change)) {}

  [[nodiscard]] Surroundings& around() const { return around_; }

  /// The answer is wanted as JSON.
  [[nodiscard]] bool json() const { return json_; }

  /// Talks to that server from now on, instead of the one of the settings.
  void use(const Access& access);

  /// The server's address. Failures: those of find_access.
  CliResult<std::string> url();

  /// The JSON object at `path`.
  CliResult<Json> get(const std::string& path);

  /// The items of all pages of the list at `path`, as a JSON list. `path` may have a query.
  CliResult<Json> list(const std::string& path);

  /// The first `most` of them, behind the cursor `after` unless it is empty: `items`, whether there
  /// are `more` and the cursor of the `next`, and the `total` if it is told.
  CliResult<Json> list(const std::string& path, std::size_t most, std::string after = {});

  /// Sends a command with the options of this run, and gives its answer.
  CliResult<Json> change(HttpMethod method, const std::string& path, JsonBody body);

  /// Sends commands in bulk, one a line; see HttpClient::converse. Failures: the server is not
  /// reached, or refuses the whole.
  CliResult<HttpClientResponse> converse(const std::string& path,
                                         const std::vector<HttpField>& headers,
                                         const HttpParts& parts);

  void print(std::string_view text) const { around_.out(text); }

  /// Indented, with its line end.
  void print_json(const Json& json) const;

  /// What must not be printed.
  [[nodiscard]] const std::vector<std::string>& secrets() const { return secrets_; }

 private:
  Outcome open();
  CliResult<Json> send(HttpMethod method, const std::string& path,
                       const std::vector<HttpField>& headers, const std::string& body);

  Surroundings& around_;
  bool json_;
  ChangeOptions change_;
  std::string url_;
  std::optional<HttpClient> client_;
  std::vector<std::string> secrets_;
};

}  // namespace muster::cli
