#pragma once

#include <cstdint>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace muster {

/// The methods a request of ours can have; others are answered with 501 before a handler.
enum class HttpMethod { get, head, post, put, patch, del, options };

/// As on the wire: `GET`.
std::string_view to_string(HttpMethod method) noexcept;

/// nullopt for a method that is not in HttpMethod. Case matters (RFC 9110, 9.1).
std::optional<HttpMethod> parse_method(std::string_view text) noexcept;

/// Name and value.
using HttpField = std::pair<std::string, std::string>;

/// The fields of a message. Names are compared without regard to case.
class HttpHeaders {
 public:
  HttpHeaders() = default;

  /// Values of a repeated field are joined by ", " (RFC 9110, 5.3).
  void add(std::string_view name, std::string_view value);

  /// The value, or null. Valid until the next `add`.
  [[nodiscard]] const std::string* find(std::string_view name) const noexcept;

  /// The value, or an empty text if there is none.
  [[nodiscard]] std::string_view value(std::string_view name) const noexcept;

  [[nodiscard]] const std::vector<HttpField>& fields() const noexcept { return fields_; }

 private:
  std::vector<HttpField> fields_;  // Names in lower case.
};

/// A complete request, as a handler gets it.
struct HttpRequest {
  HttpMethod method = HttpMethod::get;
  std::string target;                 // As sent, for log lines.
  std::vector<std::string> segments;  // Of the path, decoded; one may contain a slash.
  std::vector<HttpField> query;       // Decoded, in the order sent; names may repeat.
  HttpHeaders headers;
  std::string body;
  bool body_follows = false;  // It is yet to come: only HttpRespond::converse can take it.
  std::string remote;         // Address and port of the peer.

  /// The first value of the query parameter `name`, or null.
  [[nodiscard]] const std::string* parameter(std::string_view name) const noexcept;
};

/// An answer. The server adds Content-Length, Date and Connection.
struct HttpResponse {
  int status = 200;
  std::string content_type = "application/json";  // Not sent when the body is empty.
  std::string body;
  std::vector<HttpField> headers;
};

/// Fills `segments` and `query` from `request.target`; false if the target is not a path (with
/// or without scheme and host before it), or has a bad escape, a NUL, bytes that are not UTF-8,
/// a fragment, or a segment `.` or `..`.
bool split_target(HttpRequest& request);

/// The media type of commands in bulk: one JSON value a line. A server does not wait for a body of
/// this type; see HttpDialogue.
inline constexpr std::string_view ndjson_type = "application/x-ndjson";

/// True if `type`, the value of a Content-Type field, is that media type, with any parameters.
bool is_ndjson(std::string_view type) noexcept;

/// How one response goes on the wire.
struct ResponseFraming {
  bool keep_alive = true;
  bool head = false;     // The answer to a HEAD: the length of the body, but no body.
  bool chunked = false;  // The body follows in chunks (`format_chunk`).
  std::time_t date = 0;  // For the Date field; seconds since 1970.
};

/// The bytes of `response`. Control characters in fields become spaces, so that a value cannot
/// add a field or end the head.
std::string format_response(const HttpResponse& response, const ResponseFraming& framing);

/// `part` of a body in chunks; must not be empty.
std::string format_chunk(std::string_view part);

/// What ends a body in chunks.
inline constexpr std::string_view last_chunk = "0\r\n\r\n";

/// The number that `text` is in decimal digits, and nothing else.
std::optional<std::uint64_t> parse_decimal(std::string_view text) noexcept;

/// True for the same letters in any case (ASCII only).
bool equals_ignoring_case(std::string_view a, std::string_view b) noexcept;

}  // namespace muster
