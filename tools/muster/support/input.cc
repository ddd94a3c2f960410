#include "tools/muster/support/input.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <istream>

#include "core/base/utf8.h"
#include "tools/http/json_body.h"

namespace muster::cli {
namespace {

constexpr std::size_t bytes_max = std::size_t{16} << 20U;

tl::unexpected<Failure> unusable(const std::string& name, std::string_view why) {
  const auto what = name == "-" ? std::string("standard input") : name;
  return failed(Error{ErrorCode::failed, fmt::format("cannot use {}: {}", what, why)});
}

CliResult<std::string> read_stream(std::istream& stream, const std::string& name) {
  std::string text(bytes_max + 1, '\0');
  errno = 0;
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (stream.bad() || (stream.fail() && !stream.eof())) {
    return unusable(name, errno == 0 ? "it cannot be read" : std::strerror(errno));
  }
  text.resize(static_cast<std::size_t>(stream.gcount()));
  if (text.size() > bytes_max) return unusable(name, fmt::format("over {} bytes", bytes_max));
  if (!is_utf8(text)) return unusable(name, "it is not UTF-8");
  return text;
}

}  // namespace

CliResult<std::string> read_input(const Surroundings& around, const std::string& name) {
  if (name == "-") return read_stream(around.in, name);
  std::ifstream file(name, std::ios::binary);
  if (!file) return unusable(name, std::strerror(errno));
  return read_stream(file, name);
}

CliResult<std::string> read_json_object(const Surroundings& around, const std::string& name) {
  auto text = read_input(around, name);
  if (!text) return text;
  if (text->find_first_not_of(" \t\r\n") == std::string::npos) {
    return wrong_usage(fmt::format("'{}' is empty: a JSON object is needed", name));
  }
  if (const auto object = JsonReader::parse(*text); !object) {
    return wrong_usage(fmt::format("'{}': {}", name, object.error().detail));
  }
  return text;
}

std::vector<std::string> split(const std::string& text, const std::string& separators) {
  constexpr std::string_view spaces = " \t\r";
  std::vector<std::string> parts;
  for (std::size_t start = 0; start < text.size();) {
    const auto end = std::min(text.find_first_of(separators, start), text.size());
    auto part = std::string_view(text).substr(start, end - start);
    part.remove_prefix(std::min(part.find_first_not_of(spaces), part.size()));
    part = part.substr(0, part.find_last_not_of(spaces) + 1);
    if (!part.empty()) parts.emplace_back(part);
    start = end + 1;
  }
  return parts;
}

}  // namespace muster::cli
