#pragma once

#include <compare>
#include <cstddef>
#include <functional>
#include <utility>

namespace muster {

/// A value of type `Rep` that mixes with no other id, even one of the same `Rep`.
/// Regular, ordered and hashable; no arithmetic and no implicit conversion.
/// `Tag` is never defined; it only makes each alias a distinct type.
template <typename Tag, typename Rep>
class StrongId {
 public:
  StrongId() = default;
  constexpr explicit StrongId(Rep value) : value_(std::move(value)) {}

  [[nodiscard]] constexpr const Rep& value() const noexcept { return value_; }

  friend auto operator<=>(const StrongId&, const StrongId&) = default;

 private:
  Rep value_{};
};

/// The id or position that follows `id`.
template <typename Tag, typename Rep>
[[nodiscard]] constexpr StrongId<Tag, Rep> next(StrongId<Tag, Rep> id) {
  return StrongId<Tag, Rep>(static_cast<Rep>(id.value() + 1));
}

}  // namespace muster

template <typename Tag, typename Rep>
struct std::hash<muster::StrongId<Tag, Rep>> {
  std::size_t operator()(const muster::StrongId<Tag, Rep>& id) const noexcept {
    return std::hash<Rep>{}(id.value());
  }
};
