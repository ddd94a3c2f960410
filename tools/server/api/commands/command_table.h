#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/http/json_body.h"
#include "tools/http/router.h"
#include "tools/server/api/caller.h"
#include "tools/server/api/commands/api_parts.h"

namespace muster {

/// What a command is made from, whether it came as a request of its own or as a line among many.
struct Build {
  const ApiParts& parts;
  const Reader& reader;
  const Sight& sight;
  const RouteMatch& match;
  JsonReader& body;
};

/// Reads the fields it knows from the body; those that all commands have are read for it.
using CommandBuilder = std::function<HttpResult<CommandBody>(const Build&)>;

/// Who asks, and as of which moment names are looked up.
struct Asking {
  const ApiParts& parts;
  const Reader& reader;
  const Caller& caller;
  Timestamp now;
};

/// What is said of a command beside its fields.
struct CommandTerms {
  std::optional<Idempotency> idempotency;
  std::optional<Sequence> expect_version;
  bool dry_run = false;
};

/// The terms of a request of its own: its headers and its query.
/// Problems: 400 `invalid-field`.
[[nodiscard]] HttpResult<CommandTerms> terms_of(const HttpRequest& request);

/// The query parameter `name` of `request`, which is `true`, `false` or not there.
/// Problems: 400 `invalid-field`.
[[nodiscard]] HttpResult<bool> flag_of(const HttpRequest& request, std::string_view name);

/// A command with what all of them have, as `body` and `terms` say; who asks and what is missing.
[[nodiscard]] Command start_command(JsonReader& body, CommandTerms terms, Timestamp now);

/// The command that `build` makes of `body`. Problems: those of the body's fields and of names.
[[nodiscard]] HttpResult<Command> make_command(const Asking& asking, const CommandBuilder& build,
                                               const RouteMatch& match, JsonReader& body,
                                               CommandTerms terms);

/// What holds for the lines of one request, where a line does not say otherwise.
struct LineDefaults {
  bool dry_run = false;
  std::string idempotency_key;  // Empty: a line without a key of its own has none.
};

/// The commands of the API by name, for reading them from lines of JSON: the fields of the body
/// that the command's own resource takes, and beside them `command` (its name), what stands in
/// the path of the resource under the names of the placeholders (`{org}/{name}` as `fleet`), and
/// the terms: `idempotency_key`, `expect_version`, `dry_run`.
class CommandTable {
 public:
  /// A command may be added several times under one name, with different patterns: a line is read
  /// by that with the most placeholders of which it has all.
  void add(std::string_view name, std::string_view pattern, CommandBuilder build);

  /// Problems: 400 `unknown-command`, and those of make_command.
  [[nodiscard]] HttpResult<Command> read_line(const Asking& asking, std::string_view line,
                                              const LineDefaults& defaults) const;

  /// All names, sorted.
  [[nodiscard]] std::vector<std::string> names() const;

 private:
  struct Form {
    std::vector<std::string> fields;  // What stands for the placeholders of the path.
    CommandBuilder build;
  };
  static const Form& choose(const std::vector<Form>& forms, const JsonReader& line);

  std::map<std::string, std::vector<Form>, std::less<>> forms_;
};

}  // namespace muster
