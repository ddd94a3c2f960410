#include "tools/muster/support/settings.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string_view>
#include <system_error>
#include <utility>

#include "tools/muster/output/text.h"

namespace muster::cli {
namespace {

constexpr std::string_view default_url = "http://127.0.0.1:7880";

tl::unexpected<Error> cannot(std::string_view verb, const std::filesystem::path& file, int error) {
  return fail(ErrorCode::failed,
              fmt::format("cannot {} {}: {}", verb, file.string(), std::strerror(error)));
}

bool write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

/// Makes `file` new, with mode 0600 from its first byte on.
Result<void> write_private(const std::filesystem::path& file, std::string_view bytes) {
  ::unlink(file.c_str());
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor < 0) return cannot("write", file, errno);
  const bool written = write_all(descriptor, bytes) && ::fsync(descriptor) == 0;
  const int error = errno;
  ::close(descriptor);
  if (!written) return cannot("write", file, error);
  return {};
}

Result<void> make_private_folder(const std::filesystem::path& folder) {
  std::error_code error;
  if (std::filesystem::is_directory(folder, error)) return {};
  std::filesystem::create_directories(folder.parent_path(), error);
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return cannot("make", folder, errno);
  return {};
}

}  // namespace

std::string plain_url(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  return url;
}

Result<std::filesystem::path> credentials_file(const Surroundings& around) {
  if (const auto config = around.variable("XDG_CONFIG_HOME")) {
    return std::filesystem::path(*config) / "muster" / "credentials.json";
  }
  if (const auto home = around.variable("HOME")) {
    return std::filesystem::path(*home) / ".config" / "muster" / "credentials.json";
  }
  return fail(ErrorCode::failed,
              "neither XDG_CONFIG_HOME nor HOME is set, so there is no place for credentials; set "
              "MUSTER_URL and MUSTER_TOKEN instead");
}

Result<std::optional<Access>> load_credentials(const std::filesystem::path& file) {
  std::ifstream stream(file);
  if (!stream) {
    if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
    return cannot("read", file, errno);
  }
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  const auto json = Json::parse(text, nullptr, false);
  Access access{text_at(json, "url"), text_at(json, "token")};
  if (access.url.empty() || access.token.empty()) {
    return fail(ErrorCode::failed,
                fmt::format("{} does not hold what `muster login` writes; run `muster login` again",
                            file.string()));
  }
  return access;
}

Result<void> save_credentials(const std::filesystem::path& file, const Access& access) {
  if (auto made = make_private_folder(file.parent_path()); !made) return made;
  const Json json{{"url", access.url}, {"token", access.token}};
  auto fresh = file;
  fresh += ".new";
  const auto text = json.dump(2, ' ', false, Json::error_handler_t::replace).append("\n");
  if (auto written = write_private(fresh, text); !written) return written;
  if (::rename(fresh.c_str(), file.c_str()) != 0) return cannot("write", file, errno);
  return {};
}

Result<Access> find_access(const Surroundings& around) {
  const auto url = around.variable("MUSTER_URL");
  const auto token = around.variable("MUSTER_TOKEN");
  if (url && token) return Access{plain_url(*url), *token};
  std::optional<Access> kept;
  if (const auto file = credentials_file(around)) {
    auto loaded = load_credentials(*file);
    if (!loaded) return tl::unexpected<Error>(loaded.error());
    kept = std::move(*loaded);
  }
  Access access;
  access.url = plain_url(url ? *url : kept ? kept->url : std::string(default_url));
  const bool for_this_server = kept && plain_url(kept->url) == access.url;
  access.token = token ? *token : for_this_server ? kept->token : std::string();
  return access;
}

}  // namespace muster::cli
