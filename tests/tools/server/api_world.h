#pragma once

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/temporary_folder.h"
#include "tools/http/client.h"
#include "tools/server/system.h"

namespace muster::test {

using Json = nlohmann::ordered_json;

/// An answer of the API.
struct Reply {
  int status = 0;
  Json body;

  /// The problem's code; empty for a success.
  [[nodiscard]] std::string code() const;
};

/// A whole server in this process, with its own broker, and users of it. Starts with the
/// organisation `acme` of the user `admin`, who is the first instance administrator.
class ApiWorld {
 public:
  ApiWorld();

  /// Asks as `user`. `body` as JSON text; empty: none.
  Reply ask(std::string_view user, HttpMethod method, const std::string& path,
            const std::string& body = "", const std::vector<HttpField>& headers = {});

  /// The same as the admin, of whom nothing may be refused.
  Json must(HttpMethod method, const std::string& path, const std::string& body = "");

  /// Makes a user of that name, who may then ask.
  void user(const std::string& name, const std::string& instance_roles = "[]");

  /// A token of `owner` with those limits, which may then ask as `name`; its id.
  std::string token(const std::string& name, const std::string& owner, const std::string& limits);

  // In the organisation `acme`; each must succeed.
  void fleet(const std::string& name);
  std::string release(const std::string& fleet, std::string_view digits);  // Its full commit.
  std::string device(const std::string& fleet);                            // Its uuid.

  [[nodiscard]] std::string url() const;
  [[nodiscard]] HostPort address() const { return system_->http(); }
  [[nodiscard]] const std::string& token_of(std::string_view user) const;
  [[nodiscard]] std::uint64_t head();

 private:
  TemporaryFolder folder_;
  std::unique_ptr<System> system_;
  std::map<std::string, std::string, std::less<>> tokens_;
  std::map<std::string, HttpClient, std::less<>> clients_;
};

}  // namespace muster::test
