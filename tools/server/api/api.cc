#include "tools/server/api/api.h"

#include <fmt/format.h>

#include <charconv>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/base/log.h"
#include "tools/server/api/problems.h"
#include "tools/server/api/routes.h"

namespace muster {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds views_wait{50};        // A command's answer waits so long for the lists.
constexpr milliseconds at_least_wait{2'000};  // A read waits so long for the views.
constexpr std::size_t idempotency_key_max = 200;

HttpResponse json_response(const nlohmann::ordered_json& json) {
  return HttpResponse{.body = json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)};
}

std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || read.ec != std::errc{} || read.ptr != text.data() + text.size()) {
    return std::nullopt;
  }
  return value;
}

/// `If-Match: "42"`; the quotes may be missing.
HttpResult<std::optional<Sequence>> expected_version(const HttpRequest& request) {
  std::string_view given = request.headers.value("if-match");
  if (given.empty()) return std::nullopt;
  if (given.size() >= 2 && given.front() == '"' && given.back() == '"') {
    given = given.substr(1, given.size() - 2);
  }
  const auto version = parse_number(given);
  if (!version) {
    return tl::unexpected(invalid_parameter_problem("If-Match", "a version, such as \"42\""));
  }
  return Sequence{*version};
}

HttpResult<bool> dry_run(const HttpRequest& request) {
  const std::string* given = request.parameter("dry_run");
  if (given == nullptr || *given == "false") return false;
  if (*given == "true") return true;
  return tl::unexpected(invalid_parameter_problem("dry_run", "true or false"));
}

/// The request's idempotency key with the digest of what it asks for.
HttpResult<std::optional<Idempotency>> idempotency(const HttpRequest& request) {
  const std::string* key = request.headers.find("idempotency-key");
  if (key == nullptr) return std::nullopt;
  if (key->empty() || key->size() > idempotency_key_max) {
    return tl::unexpected(invalid_parameter_problem(
        "Idempotency-Key", fmt::format("1 to {} bytes", idempotency_key_max)));
  }
  const Digest digest = sha256({as_bytes(to_string(request.method)), as_bytes("\n"),
                                as_bytes(request.target), as_bytes("\n"), as_bytes(request.body)});
  return Idempotency{.key = *key, .request = digest};
}

/// What all commands have in common, but for who asks.
HttpResult<Command> read_common(const HttpRequest& request, JsonReader& body, Timestamp now) {
  Command command{.id = random_ulid(now)};
  command.reason = body.optional_string("reason").value_or(std::string{});
  command.confirmed = body.optional_boolean("confirm").value_or(false);
  command.expect_count = body.optional_unsigned_integer("expect_count");
  const auto version = expected_version(request);
  if (!version) return tl::unexpected(version.error());
  const auto dry = dry_run(request);
  if (!dry) return tl::unexpected(dry.error());
  auto key = idempotency(request);
  if (!key) return tl::unexpected(key.error());
  command.expect_version = *version;
  command.dry_run = *dry;
  command.idempotency = std::move(*key);
  return command;
}

void log_refusal(const Command& command, const Problem& problem) {
  log_info("command refused: user={} code={} entity=\"{}\"", command.actor.user.value(),
           problem.code, problem.entity);
}

}  // namespace

/// A command between the engine's answer and ours.
class Api::Running {
 public:
  Running(Accepted what, HttpRespond answer)
      : accepted(std::move(what)), respond(std::move(answer)) {}

  /// True for the first caller only.
  [[nodiscard]] bool claim() { return !claimed_.exchange(true); }

  const Accepted accepted;
  const HttpRespond respond;

 private:
  std::atomic<bool> claimed_{false};
};

Api::Api(ApiParts parts) : parts_(std::move(parts)) {
  router_.on(HttpMethod::get, "/v1/health",
             [](const RouteMatch&, const HttpRequest&, const HttpRespond& respond) {
               respond(HttpResponse{.body = R"({"status":"ok"})"});
             });
  add_system_routes(*this);
  add_organisation_routes(*this);
  add_user_routes(*this);
  add_fleet_routes(*this);
  add_release_routes(*this);
  add_device_routes(*this);
  add_provisioning_routes(*this);
  add_view_routes(*this);
}

void Api::operator()(HttpRequest request, const HttpRespond& respond) const {
  router_(std::move(request), respond);
}

void Api::query(std::string_view pattern, QueryHandler handler) {
  router_.on(HttpMethod::get, pattern,
             [this, handler = std::move(handler)](const RouteMatch& match, HttpRequest request,
                                                  const HttpRespond& respond) {
               answer_query(handler, match, request, respond);
             });
}

void Api::command(HttpMethod method, std::string_view pattern, CommandBuilder build) {
  router_.on(method, pattern,
             [this, build = std::move(build)](const RouteMatch& match, const HttpRequest& request,
                                              const HttpRespond& respond) {
               auto command = read_command(build, match, request);
               if (!command) {
                 respond(to_response(command.error()));
                 return;
               }
               run_command(std::move(*command), respond);
             });
}

void Api::enrolment(std::string_view pattern) {
  router_.on(HttpMethod::post, pattern,
             [this](const RouteMatch&, const HttpRequest& request, const HttpRespond& respond) {
               auto command = read_enrolment(request);
               if (!command) {
                 respond(to_response(command.error()));
                 return;
               }
               run_command(std::move(*command), respond);
             });
}

void Api::task(std::string_view pattern, TaskHandler handler) {
  router_.on(HttpMethod::post, pattern,
             [this, handler = std::move(handler)](const RouteMatch&, const HttpRequest& request,
                                                  const HttpRespond& respond) {
               if (const auto allowed = check_task(request); !allowed) {
                 respond(to_response(allowed.error()));
                 return;
               }
               handler(parts_, [respond](const HttpResult<HttpResponse>& answer) {
                 respond(answer ? *answer : to_response(answer.error()));
               });
             });
}

HttpResult<void> Api::check_task(const HttpRequest& request) const {
  const Reader reader(parts_.store);
  const auto caller = authenticate(reader, request, parts_.clock.now());
  if (!caller) return tl::unexpected(caller.error());
  auto body = JsonReader::read(request);
  if (!body) return tl::unexpected(body.error());
  if (const auto problem = body->finish()) return tl::unexpected(*problem);
  if (caller->asker.has(InstanceRole::administrator)) return {};
  return tl::unexpected(
      to_problem(Rejection{.code = RejectionCode::not_allowed,
                           .entity = "broker",
                           .rule = "only administrators of the instance may do this",
                           .remedy = "ask one of them; `muster whoami` shows your roles",
                           .candidates = {}}));
}

/// Waits for `at_least`, if it is asked for, then runs the query.
void Api::answer_query(const QueryHandler& handler, const RouteMatch& match,
                       const HttpRequest& request, const HttpRespond& respond) const {
  const std::string* given = request.parameter("at_least");
  if (given == nullptr) {
    run_query(handler, match, request, respond);
    return;
  }
  const auto wanted = parse_number(*given);
  if (!wanted) {
    respond(to_response(invalid_parameter_problem("at_least", "a sequence")));
    return;
  }
  const auto waiting = std::make_shared<std::atomic<bool>>(true);
  parts_.runner.when(Sequence{*wanted}, [this, waiting, handler, match, request, respond] {
    if (!waiting->exchange(false)) return;
    on_server_thread(milliseconds{0}, [=, this] { run_query(handler, match, request, respond); });
  });
  on_server_thread(at_least_wait, [this, waiting, respond] {
    if (!waiting->exchange(false)) return;
    Problem problem = busy_problem("views");
    problem.code = "views-behind";
    problem.detail =
        fmt::format("the views are at sequence {} only", parts_.runner.position().value());
    respond(to_response(problem));
  });
}

void Api::run_query(const QueryHandler& handler, const RouteMatch& match,
                    const HttpRequest& request, const HttpRespond& respond) const {
  const Reader reader(parts_.store);
  const Timestamp now = parts_.clock.now();
  const auto caller = authenticate(reader, request, now);
  if (!caller) {
    respond(to_response(caller.error()));
    return;
  }
  const Sight sight(reader, *caller);
  const auto answer = handler(Query{.parts = parts_,
                                    .reader = reader,
                                    .caller = *caller,
                                    .sight = sight,
                                    .match = match,
                                    .request = request,
                                    .now = now});
  respond(answer ? *answer : to_response(answer.error()));
}

HttpResult<Command> Api::read_command(const CommandBuilder& build, const RouteMatch& match,
                                      const HttpRequest& request) const {
  const Reader reader(parts_.store);
  const Timestamp now = parts_.clock.now();
  const auto caller = authenticate(reader, request, now);
  if (!caller) return tl::unexpected(caller.error());
  auto body = JsonReader::read(request);
  if (!body) return tl::unexpected(body.error());
  auto common = read_common(request, *body, now);
  if (!common) return common;
  Command command = *std::move(common);
  command.actor = caller->actor();
  const Sight sight(reader, *caller);
  auto built = build(
      Build{.parts = parts_, .reader = reader, .sight = sight, .match = match, .body = *body});
  if (const auto problem = body->finish()) return tl::unexpected(*problem);
  if (!built) return tl::unexpected(built.error());
  command.body = std::move(*built);
  const UserTokens& secrets = parts_.answers.user_tokens;
  if (auto* issue = std::get_if<IssueToken>(&command.body)) {
    issue->secret_hash = UserTokens::hash(secrets.derive(command.id));
  }
  if (auto* issue = std::get_if<IssueProvisioningKey>(&command.body)) {
    issue->secret_hash = UserTokens::hash(secrets.derive_provisioning_key(command.id));
  }
  return command;
}

/// A device's own registration. Nobody asks for it but Muster itself, on the strength of the key.
HttpResult<Command> Api::read_enrolment(const HttpRequest& request) const {
  const Reader reader(parts_.store);
  const Timestamp now = parts_.clock.now();
  const auto key = authenticate_device(reader, request, now);
  if (!key) return tl::unexpected(key.error());
  auto body = JsonReader::read(request);
  if (!body) return tl::unexpected(body.error());
  auto command = read_common(request, *body, now);
  if (!command) return command;
  // All devices ask as one: those with another key must not get this one's answer.
  if (auto& given = command->idempotency) {
    given->key = fmt::format("provision/{}/{}", key->id.value(), given->key);
  }
  auto registration = read_registration(*body);
  if (const auto problem = body->finish()) return tl::unexpected(*problem);
  if (!registration) return tl::unexpected(registration.error());
  registration->provisioning_key = key->id;
  command->body = *std::move(registration);
  return command;
}

void Api::run_command(Command command, const HttpRespond& respond) const {
  const Command logged{.actor = command.actor, .body = Initialise{}};
  const auto queued =
      parts_.engine.submit(std::move(command), [this, respond, logged](Outcome outcome) {
        if (!outcome) {
          const Problem problem = to_problem(outcome.error());
          log_refusal(logged, problem);
          respond(to_response(problem));
          return;
        }
        const auto running = std::make_shared<Running>(std::move(*outcome), respond);
        const Batch& events = running->accepted.events;
        const bool visible = events.empty() || running->accepted.dry_run;
        const Sequence last = visible ? Sequence{} : events.back().sequence;
        if (!visible) on_server_thread(views_wait, [this, running] { finish(running); });
        parts_.runner.when(last, [this, running] {
          on_server_thread(milliseconds{0}, [this, running] { finish(running); });
        });
      });
  if (!queued) respond(to_response(to_problem(queued.error())));
}

/// Answers a command that is done, with what the views say now.
void Api::finish(const std::shared_ptr<Running>& running) const {
  if (!running->claim()) return;
  const Reader reader(parts_.store);
  auto answer = render_answer(parts_.answers, reader, running->accepted);
  const Batch& events = running->accepted.events;
  const bool current =
      events.empty() || running->accepted.dry_run || events.back().sequence <= reader.position();
  answer["views"] = current ? "current" : "behind";
  running->respond(json_response(answer));
}

void Api::on_server_thread(milliseconds delay, std::function<void()> work) const {
  HttpServer* server = server_;
  if (server != nullptr) server->after(delay, std::move(work));
}

}  // namespace muster
