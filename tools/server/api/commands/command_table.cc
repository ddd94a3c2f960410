#include "tools/server/api/commands/command_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/base/assert.h"
#include "tools/server/api/problems.h"

namespace muster {
namespace {

constexpr std::size_t idempotency_key_max = 200;

// The two placeholders of a fleet's path; in a line they are one field.
constexpr std::string_view organisation_part = "org";
constexpr std::string_view name_part = "name";
constexpr std::string_view fleet_field = "fleet";

/// `If-Match: "42"`; the quotes may be missing.
HttpResult<std::optional<Sequence>> expected_version(const HttpRequest& request) {
  std::string_view given = request.headers.value("if-match");
  if (given.empty()) return std::nullopt;
  if (given.size() >= 2 && given.front() == '"' && given.back() == '"') {
    given = given.substr(1, given.size() - 2);
  }
  const auto version = parse_decimal(given);
  if (!version) {
    return tl::unexpected(invalid_parameter_problem("If-Match", "a version, such as \"42\""));
  }
  return Sequence{*version};
}

bool is_key(std::string_view key) { return !key.empty() && key.size() <= idempotency_key_max; }

std::string key_rule() { return fmt::format("1 to {} bytes", idempotency_key_max); }

/// The request's idempotency key with the digest of what it asks for.
HttpResult<std::optional<Idempotency>> idempotency_of(const HttpRequest& request) {
  const std::string* key = request.headers.find("idempotency-key");
  if (key == nullptr) return std::nullopt;
  if (!is_key(*key)) {
    return tl::unexpected(invalid_parameter_problem("Idempotency-Key", key_rule()));
  }
  const Digest digest = sha256({as_bytes(to_string(request.method)), as_bytes("\n"),
                                as_bytes(request.target), as_bytes("\n"), as_bytes(request.body)});
  return Idempotency{.key = *key, .request = digest};
}

/// The terms that a line has among its fields.
CommandTerms terms_of_line(JsonReader& fields, std::string_view line,
                           const LineDefaults& defaults) {
  CommandTerms terms;
  terms.dry_run = fields.optional_boolean("dry_run").value_or(defaults.dry_run);
  if (const auto version = fields.optional_unsigned_integer("expect_version")) {
    terms.expect_version = Sequence{*version};
  }
  auto own = fields.optional_string("idempotency_key");
  if (own && !is_key(*own)) fields.refuse("idempotency_key", key_rule(), own->substr(0, 40));
  std::string key = own ? std::move(*own) : defaults.idempotency_key;
  if (!key.empty()) {
    terms.idempotency =
        Idempotency{.key = std::move(key), .request = sha256({as_bytes("line\n"), as_bytes(line)})};
  }
  return terms;
}

/// The names of the fields that stand for the placeholders in `pattern`.
std::vector<std::string> fields_of(std::string_view pattern) {
  std::vector<std::string> fields;
  while (true) {
    const auto open = pattern.find('{');
    if (open == std::string_view::npos) return fields;
    const auto close = pattern.find('}', open);
    const auto name = pattern.substr(open + 1, close - open - 1);
    pattern.remove_prefix(close);
    if (name == name_part) continue;  // Follows `org`, and is part of its field.
    fields.emplace_back(name == organisation_part ? fleet_field : name);
  }
}

/// What the path of the command's own resource would say.
RouteMatch match_of(const std::vector<std::string>& fields, JsonReader& line) {
  std::vector<HttpField> values;
  for (const std::string& field : fields) {
    std::string value = line.string(field);
    if (field != fleet_field) {
      values.emplace_back(field, std::move(value));
      continue;
    }
    const auto slash = std::min(value.find('/'), value.size());
    values.emplace_back(organisation_part, value.substr(0, slash));
    values.emplace_back(name_part, value.substr(std::min(slash + 1, value.size())));
  }
  return RouteMatch(std::move(values));
}

Problem unknown_command(const std::string& name, std::vector<std::string> names) {
  return Problem{.status = 400,
                 .code = "unknown-command",
                 .title = "There is no such command",
                 .detail = fmt::format("There is no command '{}'.", name.substr(0, 100)),
                 .entity = name.substr(0, 100),
                 .remedy = "Correct `command`; docs/http-api.md lists them.",
                 .candidates = std::move(names)};
}

}  // namespace

HttpResult<bool> flag_of(const HttpRequest& request, std::string_view name) {
  const std::string* given = request.parameter(name);
  if (given == nullptr || *given == "false") return false;
  if (*given == "true") return true;
  return tl::unexpected(invalid_parameter_problem(std::string(name), "true or false"));
}

HttpResult<CommandTerms> terms_of(const HttpRequest& request) {
  const auto version = expected_version(request);
  if (!version) return tl::unexpected(version.error());
  const auto dry = flag_of(request, "dry_run");
  if (!dry) return tl::unexpected(dry.error());
  auto key = idempotency_of(request);
  if (!key) return tl::unexpected(key.error());
  return CommandTerms{.idempotency = std::move(*key), .expect_version = *version, .dry_run = *dry};
}

Command start_command(JsonReader& body, CommandTerms terms, Timestamp now) {
  Command command{.id = random_ulid(now),
                  .idempotency = std::move(terms.idempotency),
                  .expect_version = terms.expect_version,
                  .dry_run = terms.dry_run};
  command.reason = body.optional_string("reason").value_or(std::string{});
  command.confirmed = body.optional_boolean("confirm").value_or(false);
  command.expect_count = body.optional_unsigned_integer("expect_count");
  return command;
}

HttpResult<Command> make_command(const Asking& asking, const CommandBuilder& build,
                                 const RouteMatch& match, JsonReader& body, CommandTerms terms) {
  Command command = start_command(body, std::move(terms), asking.now);
  command.actor = asking.caller.actor();
  const Sight sight(asking.reader, asking.caller);
  auto built = build(Build{.parts = asking.parts,
                           .reader = asking.reader,
                           .sight = sight,
                           .match = match,
                           .body = body});
  if (const auto problem = body.finish()) return tl::unexpected(*problem);
  if (!built) return tl::unexpected(built.error());
  command.body = std::move(*built);
  const UserTokens& secrets = asking.parts.answers.user_tokens;
  if (auto* issue = std::get_if<IssueToken>(&command.body)) {
    issue->secret_hash = UserTokens::hash(secrets.derive(command.id));
  }
  if (auto* issue = std::get_if<IssueProvisioningKey>(&command.body)) {
    issue->secret_hash = UserTokens::hash(secrets.derive_provisioning_key(command.id));
  }
  return command;
}

void CommandTable::add(std::string_view name, std::string_view pattern, CommandBuilder build) {
  auto& forms = forms_[std::string(name)];
  forms.push_back(Form{fields_of(pattern), std::move(build)});
  std::ranges::stable_sort(forms, std::ranges::greater{},
                           [](const Form& form) { return form.fields.size(); });
}

const CommandTable::Form& CommandTable::choose(const std::vector<Form>& forms,
                                               const JsonReader& line) {
  const auto whole = std::ranges::find_if(forms, [&](const Form& form) {
    return std::ranges::all_of(form.fields,
                               [&](const std::string& field) { return line.has(field); });
  });
  return whole == forms.end() ? forms.back() : *whole;  // The last one misses the least.
}

HttpResult<Command> CommandTable::read_line(const Asking& asking, std::string_view line,
                                            const LineDefaults& defaults) const {
  auto fields = JsonReader::parse(line);
  if (!fields) return tl::unexpected(fields.error());
  const std::string name = fields->string("command");
  if (name.empty()) {
    return tl::unexpected(invalid_parameter_problem("command", "the name of a command"));
  }
  const auto forms = forms_.find(name);
  if (forms == forms_.end()) return tl::unexpected(unknown_command(name, names()));
  const Form& form = choose(forms->second, *fields);
  const RouteMatch match = match_of(form.fields, *fields);
  CommandTerms terms = terms_of_line(*fields, line, defaults);
  return make_command(asking, form.build, match, *fields, std::move(terms));
}

std::vector<std::string> CommandTable::names() const {
  std::vector<std::string> names;
  names.reserve(forms_.size());
  for (const auto& [name, forms] : forms_) names.push_back(name);
  return names;
}

}  // namespace muster
