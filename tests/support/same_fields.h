#pragma once

#include <boost/pfr.hpp>

#include <concepts>
#include <cstddef>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "core/domain/event.h"

namespace muster::test {

// Compares plain structs field by field, without naming the fields, so that none is forgotten.

template <typename T>
bool same_fields(const T& a, const T& b);

template <typename T>
bool same_fields(const std::optional<T>& a, const std::optional<T>& b) {
  return a.has_value() == b.has_value() && (!a || same_fields(*a, *b));
}

template <typename... T>
bool same_fields(const std::variant<T...>& a, const std::variant<T...>& b) {
  return a.index() == b.index() && std::visit(
                                       [&b]<typename Alternative>(const Alternative& value) {
                                         return same_fields(value, std::get<Alternative>(b));
                                       },
                                       a);
}

inline bool same_fields(const Event& a, const Event& b) {
  return same_fields(static_cast<const AnyFact&>(a), static_cast<const AnyFact&>(b));
}

template <typename T>
bool same_fields(const T& a, const T& b) {
  if constexpr (std::equality_comparable<T>) {
    return a == b;
  } else {
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
      return (same_fields(boost::pfr::get<I>(a), boost::pfr::get<I>(b)) && ...);
    }(std::make_index_sequence<boost::pfr::tuple_size_v<T>>());
  }
}

}  // namespace muster::test
