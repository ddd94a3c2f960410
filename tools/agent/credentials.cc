#include "tools/agent/credentials.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tools/agent/support/files.h"
#include "tools/agent/support/json_reader.h"

namespace muster::agent {
namespace {

using Json = nlohmann::ordered_json;

/// An object, a list of them, or one a line; no entries if it is none of these.
std::vector<Json> split(const std::string& text) {
  auto whole = Json::parse(text, nullptr, false);
  if (whole.is_object()) return {std::move(whole)};
  std::vector<Json> entries;
  if (whole.is_array()) {
    for (auto& entry : whole) entries.push_back(std::move(entry));
    return entries;
  }
  for (std::size_t begin = 0; begin < text.size();) {
    const auto end = std::min(text.find('\n', begin), text.size());
    const auto line = text.substr(begin, end - begin);
    if (line.find_first_not_of(" \t\r") != std::string::npos) {
      entries.push_back(Json::parse(line, nullptr, false));
    }
    begin = end + 1;
  }
  return entries;
}

Result<DeviceCredentials> read_one(Json json) {
  if (!json.is_object()) return fail(ErrorCode::invalid_input, "not a JSON object");
  const JsonDocument document(std::move(json));
  const JsonReader in(document);
  const auto name = in.text("uuid");
  const auto mqtt = in.object("mqtt");
  if (in.problem()) return tl::unexpected(*in.problem());
  const auto uuid = parse_uuid(name);
  if (!uuid) {
    return fail(ErrorCode::invalid_input, "`uuid` must be 32 lower-case hexadecimal digits");
  }
  DeviceCredentials found{*uuid, mqtt->optional_text("username"), mqtt->optional_text("password"),
                          mqtt->optional_text("client_id"),
                          parse_encoding(in.optional_text("encoding"))};
  if (mqtt->problem()) return tl::unexpected(*mqtt->problem());
  if (found.username.empty()) found.username = name;
  if (found.client_id.empty()) found.client_id = name;
  return found;
}

}  // namespace

Result<std::vector<DeviceCredentials>> read_credentials(const std::filesystem::path& file) {
  const auto text = read_file(file);
  if (!text) return tl::unexpected(text.error());
  std::vector<DeviceCredentials> devices;
  for (auto& entry : split(*text)) {
    auto device = read_one(std::move(entry));
    if (!device) {
      return fail(ErrorCode::invalid_input,
                  fmt::format("{}, device {}: {}; expected what `muster device register --json` "
                              "prints",
                              file.string(), devices.size() + 1, device.error().message));
    }
    devices.push_back(std::move(*device));
  }
  if (devices.empty()) {
    return fail(ErrorCode::invalid_input, fmt::format("{} holds no device", file.string()));
  }
  return devices;
}

}  // namespace muster::agent
