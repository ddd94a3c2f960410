#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "core/base/error.h"
#include "tools/http/client.h"
#include "tools/http/problem.h"

namespace muster::cli {

/// JSON as the server sends it: members keep their order.
using Json = nlohmann::ordered_json;

/// What the program ends with.
enum class ExitCode {
  done = 0,
  refused = 1,
  wrong_usage = 2,
  not_reachable = 3,
  unsound = 4  // What was checked is not as it must be.
};

/// Why a command did not do what it was asked to.
struct Failure {
  ExitCode exit_code = ExitCode::refused;
  Problem problem;
  std::string body;   // The server's own words, if it said something: printed for --json.
  bool told = false;  // What ran has said itself why.
};

template <typename T>
using CliResult = tl::expected<T, Failure>;

/// How a command went.
using Outcome = CliResult<void>;

/// A command line that makes no sense, found before anything was asked of a server.
[[nodiscard]] tl::unexpected<Failure> wrong_usage(std::string detail, std::string remedy = {});

/// The outcome of something that ends with an exit code and says itself why.
[[nodiscard]] Outcome ended_with(int exit_code);

/// unavailable: not reachable; invalid_input: wrong usage; all others: failed.
[[nodiscard]] tl::unexpected<Failure> failed(const Error& error);

/// What `response` tells, which is not a success.
[[nodiscard]] tl::unexpected<Failure> refused(const HttpClientResponse& response);

/// For people: `muster: what happened [code]`, then where in a text it is, the rule, the way out
/// and what may have been meant, one line each. With `json` the problem object, on one line.
std::string failure_text(const Failure& failure, bool json);

/// `text` with every secret in it replaced by `***`.
std::string without_secrets(std::string text, const std::vector<std::string>& secrets);

}  // namespace muster::cli
