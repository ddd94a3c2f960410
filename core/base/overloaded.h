#pragma once

namespace muster {

/// Builds one visitor out of lambdas, for std::visit. One lambda per alternative, no `auto`
/// catch-all: a new alternative then breaks the build wherever someone must think about it.
template <typename... Handlers>
struct Overloaded : Handlers... {
  using Handlers::operator()...;
};

template <typename... Handlers>
Overloaded(Handlers...) -> Overloaded<Handlers...>;

}  // namespace muster
