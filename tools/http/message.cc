#include "tools/http/message.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>

#include "tools/http/percent.h"

namespace muster {
namespace {

constexpr std::array<std::pair<HttpMethod, std::string_view>, 7> method_names{{
    {HttpMethod::get, "GET"},
    {HttpMethod::head, "HEAD"},
    {HttpMethod::post, "POST"},
    {HttpMethod::put, "PUT"},
    {HttpMethod::patch, "PATCH"},
    {HttpMethod::del, "DELETE"},
    {HttpMethod::options, "OPTIONS"},
}};

constexpr std::array<std::pair<int, std::string_view>, 27> reasons{{
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {415, "Unsupported Media Type"},
    {422, "Unprocessable Content"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
}};

std::string_view reason_of(int status) noexcept {
  const auto* found = std::find_if(reasons.begin(), reasons.end(),
                                   [status](const auto& entry) { return entry.first == status; });
  return found == reasons.end() ? std::string_view("Status") : found->second;
}

char to_lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

std::string without_controls(std::string_view text) {
  std::string out(text);
  std::replace_if(
      out.begin(), out.end(),
      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, ' ');
  return out;
}

/// RFC 9110, 5.6.7; not by strftime, whose names follow the locale.
std::string http_date(std::time_t at) {
  constexpr std::array<std::string_view, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::tm utc{};
  gmtime_r(&at, &utc);
  return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} GMT",
                     days.at(static_cast<std::size_t>(utc.tm_wday)), utc.tm_mday,
                     months.at(static_cast<std::size_t>(utc.tm_mon)), utc.tm_year + 1900,
                     utc.tm_hour, utc.tm_min, utc.tm_sec);
}

/// Calls `use` with every part of `text` between separators; false as soon as `use` is.
template <typename Use>
bool split(std::string_view text, char separator, Use use) {
  while (true) {
    const auto end = text.find(separator);
    if (!use(text.substr(0, end))) return false;
    if (end == std::string_view::npos) return true;
    text.remove_prefix(end + 1);
  }
}

bool split_path(std::string_view path, std::vector<std::string>& segments) {
  if (!path.starts_with('/')) return false;
  path.remove_prefix(1);
  if (path.empty()) return true;
  return split(path, '/', [&segments](std::string_view part) {
    auto segment = percent_decode(part);
    if (!segment || *segment == "." || *segment == "..") return false;
    segments.push_back(std::move(*segment));
    return true;
  });
}

bool split_query(std::string_view query, std::vector<HttpField>& parameters) {
  return split(query, '&', [&parameters](std::string_view part) {
    if (part.empty()) return true;
    const auto equals = part.find('=');
    auto name = percent_decode_query(part.substr(0, equals));
    auto value = percent_decode_query(equals == std::string_view::npos ? std::string_view()
                                                                       : part.substr(equals + 1));
    if (!name || !value) return false;
    parameters.emplace_back(std::move(*name), std::move(*value));
    return true;
  });
}

}  // namespace

std::string_view to_string(HttpMethod method) noexcept {
  return method_names[static_cast<std::size_t>(method)].second;
}

std::optional<HttpMethod> parse_method(std::string_view text) noexcept {
  for (const auto& [method, name] : method_names) {
    if (name == text) return method;
  }
  return std::nullopt;
}

void HttpHeaders::add(std::string_view name, std::string_view value) {
  for (auto& [known, joined] : fields_) {
    if (!equals_ignoring_case(known, name)) continue;
    joined.append(", ").append(value);
    return;
  }
  std::string lower;
  std::transform(name.begin(), name.end(), std::back_inserter(lower), to_lower);
  fields_.emplace_back(std::move(lower), value);
}

const std::string* HttpHeaders::find(std::string_view name) const noexcept {
  for (const auto& [known, value] : fields_) {
    if (equals_ignoring_case(known, name)) return &value;
  }
  return nullptr;
}

std::string_view HttpHeaders::value(std::string_view name) const noexcept {
  const auto* found = find(name);
  return found == nullptr ? std::string_view() : std::string_view(*found);
}

const std::string* HttpRequest::parameter(std::string_view name) const noexcept {
  for (const auto& [known, value] : query) {
    if (known == name) return &value;
  }
  return nullptr;
}

bool split_target(HttpRequest& request) {
  std::string_view target = request.target;
  if (target.find('#') != std::string_view::npos) return false;
  if (constexpr std::string_view scheme = "http://"; target.starts_with(scheme)) {
    target.remove_prefix(scheme.size());
    const auto path = target.find('/');
    if (path == std::string_view::npos) return false;
    target.remove_prefix(path);
  }
  const auto mark = target.find('?');
  request.segments.clear();
  request.query.clear();
  if (!split_path(target.substr(0, mark), request.segments)) return false;
  return mark == std::string_view::npos || split_query(target.substr(mark + 1), request.query);
}

std::string format_response(const HttpResponse& response, const ResponseFraming& framing) {
  const bool bodiless = response.status == 204 || response.status == 304;
  std::string out;
  out.reserve(256 + (framing.head || bodiless ? 0 : response.body.size()));
  const auto to = std::back_inserter(out);
  fmt::format_to(to, "HTTP/1.1 {} {}\r\nDate: {}\r\n", response.status, reason_of(response.status),
                 http_date(framing.date));
  if (framing.chunked) {
    fmt::format_to(to, "Transfer-Encoding: chunked\r\n");
  } else if (!bodiless) {
    fmt::format_to(to, "Content-Length: {}\r\n", response.body.size());
  }
  if (framing.chunked || (!bodiless && !response.body.empty())) {
    fmt::format_to(to, "Content-Type: {}\r\n", without_controls(response.content_type));
  }
  for (const auto& [name, value] : response.headers) {
    fmt::format_to(to, "{}: {}\r\n", without_controls(name), without_controls(value));
  }
  fmt::format_to(to, "Connection: {}\r\n\r\n", framing.keep_alive ? "keep-alive" : "close");
  if (!framing.head && !bodiless) out.append(response.body);
  return out;
}

std::string format_chunk(std::string_view part) {
  return fmt::format("{:x}\r\n{}\r\n", part.size(), part);
}

bool is_ndjson(std::string_view type) noexcept {
  const auto media = type.substr(0, type.find(';'));
  return equals_ignoring_case(media.substr(0, media.find_last_not_of(" \t") + 1), ndjson_type);
}

bool equals_ignoring_case(std::string_view a, std::string_view b) noexcept {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return to_lower(x) == to_lower(y); });
}

std::optional<std::uint64_t> parse_decimal(std::string_view text) noexcept {
  std::uint64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || read.ec != std::errc{} || read.ptr != text.data() + text.size()) {
    return std::nullopt;
  }
  return value;
}

}  // namespace muster
