#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/temporary_folder.h"
#include "tools/http/server.h"

namespace muster::test {

/// What a command line led to.
struct Ran {
  int exit_code = -1;
  std::string out;
  std::string err;
};

/// An HTTP server that remembers what it was asked and answers what it was told to; and a place to
/// run command lines against it, with an environment of their own.
class CannedServer {
 public:
  CannedServer();
  CannedServer(const CannedServer&) = delete;
  CannedServer& operator=(const CannedServer&) = delete;
  ~CannedServer() { server_->stop(); }

  /// The answer to all requests from now on that have no other.
  void answer(int status, std::string body);

  /// The answer to requests for this target.
  void answer(const std::string& target, std::string body);

  /// Runs a command line with MUSTER_URL and MUSTER_TOKEN set, unless `variables` says otherwise.
  Ran run(const std::vector<std::string>& arguments, const std::string& input = "");

  /// What was asked since the last call: `POST /v1/x {…}`.
  std::vector<std::string> asked();

  /// The last request.
  [[nodiscard]] HttpRequest last() const;

  [[nodiscard]] std::string url() const;

  /// A new file with `text` in it.
  [[nodiscard]] std::string file(const std::string& text) const;

  [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }

  /// The environment of the command lines.
  std::map<std::string, std::string> variables;  // NOLINT(*-non-private-*)

 private:
  HttpResponse respond(HttpRequest request);

  TemporaryFolder folder_;
  mutable std::mutex mutex_;
  HttpResponse answer_;                         // Guarded by mutex_, as all below.
  std::map<std::string, std::string> answers_;  // By target.
  std::vector<std::string> asked_;
  std::optional<HttpRequest> last_;
  std::unique_ptr<HttpServer> server_;
};

}  // namespace muster::test
