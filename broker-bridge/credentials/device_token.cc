#include "broker-bridge/credentials/device_token.h"

#include <fmt/format.h>

#include <charconv>
#include <system_error>

namespace muster {
namespace {

constexpr std::size_t uuid_digits = 32;

/// Reads from the front of a text; after the first thing that does not fit, nothing does.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) {}

  void literal(std::string_view expected) {
    fits_ = fits_ && rest_.starts_with(expected);
    if (fits_) rest_.remove_prefix(expected.size());
  }

  [[nodiscard]] bool next_is(std::string_view text) const {
    return fits_ && rest_.starts_with(text);
  }

  Uuid uuid() {
    const auto parsed = parse_uuid(rest_.substr(0, uuid_digits));
    fits_ = fits_ && parsed.has_value();
    if (!fits_) return {};
    rest_.remove_prefix(uuid_digits);
    return *parsed;
  }

  /// Below 2^53, without leading zeros.
  std::uint64_t number() {
    constexpr std::uint64_t end = std::uint64_t{1} << 53U;
    std::uint64_t value = 0;
    const auto read = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    const auto length = static_cast<std::size_t>(read.ptr - rest_.data());
    const bool padded = length > 1 && rest_.front() == '0';
    fits_ = fits_ && read.ec == std::errc{} && !padded && value < end;
    if (!fits_) return 0;
    rest_.remove_prefix(length);
    return value;
  }

  [[nodiscard]] bool fits_to_the_end() const { return fits_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool fits_ = true;
};

}  // namespace

std::string render_claims(const TokenClaims& claims) {
  const std::string end = claims.expires_at ? fmt::format(R"(,"exp":{})", *claims.expires_at) : "";
  return fmt::format(R"({{"iss":"{}","sub":"{}","gen":{}{}}})", to_string(claims.issuer),
                     to_string(claims.subject), claims.generation, end);
}

std::optional<TokenClaims> parse_claims(std::string_view text) {
  constexpr std::string_view before_expiry = R"(,"exp":)";
  Cursor in(text);
  TokenClaims claims;
  in.literal(R"({"iss":")");
  claims.issuer = in.uuid();
  in.literal(R"(","sub":")");
  claims.subject = in.uuid();
  in.literal(R"(","gen":)");
  claims.generation = in.number();
  if (in.next_is(before_expiry)) {
    in.literal(before_expiry);
    claims.expires_at = static_cast<std::int64_t>(in.number());
  }
  in.literal("}");
  if (!in.fits_to_the_end()) return std::nullopt;
  return claims;
}

}  // namespace muster
