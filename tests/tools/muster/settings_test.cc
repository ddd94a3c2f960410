#include "tools/muster/support/settings.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "tests/tools/muster/canned_server.h"

using muster::test::CannedServer;
using std::filesystem::perms;

namespace {

/// One without settings in its environment.
struct Bare {
  CannedServer server = {};
  std::filesystem::path file = server.folder() / "config" / "muster" / "credentials.json";

  Bare() {
    server.variables.erase("MUSTER_URL");
    server.variables.erase("MUSTER_TOKEN");
    server.answer(200, R"({"user":"alice","token":"ci","instance_roles":[]})");
  }

  muster::test::Ran login() {
    return server.run({"login", "--url", server.url() + "/"}, "kept-token\r\n");
  }

  [[nodiscard]] std::string sent_token() const {
    return std::string(server.last().headers.value("authorization"));
  }
};

}  // namespace

TEST_CASE("login: keeps what the server took, for its owner only") {
  Bare bare;
  const auto ran = bare.login();
  CHECK(ran.exit_code == 0);
  CHECK(ran.out.find("as alice") != std::string::npos);
  CHECK(ran.out.find("kept-token") == std::string::npos);
  CHECK(bare.server.asked().back() == "GET /v1/whoami");
  REQUIRE(std::filesystem::exists(bare.file));
  CHECK(std::filesystem::status(bare.file).permissions() ==
        (perms::owner_read | perms::owner_write));
  CHECK(std::filesystem::status(bare.file.parent_path()).permissions() == perms::owner_all);
  CHECK(bare.server.run({"whoami"}).exit_code == 0);
  CHECK(bare.sent_token() == "Bearer kept-token");
}

TEST_CASE("login: a file that others may read is replaced by one they may not") {
  Bare bare;
  std::filesystem::create_directories(bare.file.parent_path());
  std::ofstream(bare.file) << "{}";
  std::filesystem::permissions(bare.file, perms::all);
  CHECK(bare.login().exit_code == 0);
  CHECK(std::filesystem::status(bare.file).permissions() ==
        (perms::owner_read | perms::owner_write));
}

TEST_CASE("login: what the server refuses is not kept") {
  Bare bare;
  bare.server.answer(401, R"({"code":"unauthorized","title":"t","detail":"d kept-token"})");
  const auto ran = bare.login();
  CHECK(ran.exit_code == 1);
  CHECK(ran.err.find("kept-token") == std::string::npos);
  CHECK_FALSE(std::filesystem::exists(bare.file));
  CHECK(bare.server.run({"login", "--url", bare.server.url()}, "").exit_code == 2);
}

TEST_CASE("login: the kept token goes to the server it was given for only") {
  Bare bare;
  bare.login();
  CannedServer other;
  bare.server.variables["MUSTER_URL"] = other.url();
  bare.server.run({"whoami"});
  CHECK(other.last().headers.find("authorization") == nullptr);
  bare.server.variables["MUSTER_URL"] = bare.server.url() + "/";
  bare.server.run({"whoami"});
  CHECK(bare.sent_token() == "Bearer kept-token");
  bare.server.variables["MUSTER_TOKEN"] = "from-the-environment";
  bare.server.run({"whoami"});
  CHECK(bare.sent_token() == "Bearer from-the-environment");
}

TEST_CASE("login: logout forgets, once") {
  Bare bare;
  bare.login();
  CHECK(bare.server.run({"logout"}).out.starts_with("logged out"));
  CHECK_FALSE(std::filesystem::exists(bare.file));
  CHECK(bare.server.run({"logout"}).out == "nothing to do: not logged in\n");
  CHECK(nlohmann::json::parse(bare.server.run({"logout", "--json"}).out).at("changed") == false);
}

TEST_CASE("login: a damaged file is named, and not guessed at") {
  Bare bare;
  std::filesystem::create_directories(bare.file.parent_path());
  for (const char* damaged :
       {"", "{", "[]", R"({"url":"http://x"})", R"({"url":1,"token":null})"}) {
    std::ofstream(bare.file) << damaged;
    const auto ran = bare.server.run({"whoami"});
    CHECK(ran.exit_code == 1);
    CHECK(ran.err.find("credentials.json") != std::string::npos);
  }
  CHECK(bare.server.asked().empty());
}

TEST_CASE("login: without any setting the default address is asked, without a token") {
  std::istringstream in;
  const muster::cli::Surroundings around{
      {}, {}, in, [](const std::string&) { return std::optional<std::string>(); }};
  const auto access = muster::cli::find_access(around);
  REQUIRE(access.has_value());
  CHECK(access->url == "http://127.0.0.1:7880");
  CHECK(access->token.empty());
}
