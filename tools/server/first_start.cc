#include "tools/server/first_start.h"

#include <fmt/format.h>

#include <cstdio>
#include <string>
#include <string_view>

#include "tools/store/data_folder.h"

namespace muster {
namespace {

constexpr std::string_view first_user = "admin";

std::uint64_t first_epoch(Timestamp now) {
  return static_cast<std::uint64_t>(
      std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count());
}

}  // namespace

Result<Command> first_command(const UserTokens& tokens, const Clock& clock,
                              const std::filesystem::path& token_file) {
  const Timestamp now = clock.now();
  Command command{.id = random_ulid(now)};
  const std::string token = tokens.derive(command.id);
  command.body = Initialise{.log = random_uuid(),
                            .epoch = first_epoch(now),
                            .username = std::string(first_user),
                            .token_name = "first",
                            .secret_hash = UserTokens::hash(token)};
  const auto written = write_secret(token_file, fmt::format("{}\n", token));
  if (!written) return tl::unexpected(written.error());
  return command;
}

void announce_first_administrator(const std::filesystem::path& token_file) {
  fmt::print("The first administrator is `{}`; its token is in {}\n", first_user,
             token_file.string());
  std::fflush(stdout);
}

}  // namespace muster
