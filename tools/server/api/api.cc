#include "tools/server/api/api.h"

#include <fmt/format.h>

#include <span>
#include <utility>

#include "core/base/log.h"
#include "tools/server/api/commands/bulk_dialogue.h"
#include "tools/server/api/problems.h"
#include "tools/server/api/routes.h"
#include "tools/server/work_queue.h"

namespace muster {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds views_wait{50};        // A command's answer waits so long for the lists.
constexpr milliseconds at_least_wait{2'000};  // A read waits so long for the views.

HttpResult<Command> read_command(const Asking& asking, const CommandBuilder& build,
                                 const RouteMatch& match, const HttpRequest& request) {
  auto body = JsonReader::read(request);
  if (!body) return tl::unexpected(body.error());
  auto terms = terms_of(request);
  if (!terms) return tl::unexpected(terms.error());
  return make_command(asking, build, match, *body, std::move(*terms));
}

void deliver_response(const HttpRespond& respond, const HttpResponse& response) {
  respond(response);
}

void deliver_dialogue(const HttpRespond& respond, std::shared_ptr<HttpDialogue> dialogue) {
  respond.converse(std::move(dialogue));
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
  router_.on(HttpMethod::post, "/v1/commands",
             [this](const RouteMatch&, HttpRequest request, const HttpRespond& respond) {
               answer_bulk(std::move(request), respond);
             });
  add_system_routes(*this);
  add_projection_routes(*this);
  add_organisation_routes(*this);
  add_user_routes(*this);
  add_fleet_routes(*this);
  add_release_routes(*this);
  add_device_routes(*this);
  add_device_life_routes(*this);
  add_fleet_life_routes(*this);
  add_provisioning_routes(*this);
  add_view_routes(*this);
  add_action_routes(*this);
  add_move_routes(*this);
  add_refusal_routes(*this);
  add_backup_routes(*this);
  add_log_routes(*this);
  add_audit_routes(*this);
  add_history_routes(*this);
  add_why_routes(*this);
  add_as_of_routes(*this);
  add_diff_routes(*this);
  add_export_routes(*this);
}

void Api::operator()(HttpRequest request, const HttpRespond& respond) const {
  router_(std::move(request), respond);
}

void Api::query(std::string_view pattern, QueryHandler handler) {
  router_.on(HttpMethod::get, pattern,
             [this, handler = std::move(handler)](
                 const RouteMatch& match, const HttpRequest& request, const HttpRespond& respond) {
               await_views(request, respond, [=, this](const HttpRespond& answer) {
                 run_query(handler, match, request, answer, deliver_response);
               });
             });
}

void Api::long_query(std::string_view pattern, QueryHandler handler) {
  router_.on(HttpMethod::get, pattern,
             [this, handler = std::move(handler)](
                 const RouteMatch& match, const HttpRequest& request, const HttpRespond& respond) {
               await_views(request, respond, [=, this](const HttpRespond& when_seen) {
                 work_aside(when_seen, [=, this](const HttpRespond& answer) {
                   run_query(handler, match, request, answer, deliver_response);
                 });
               });
             });
}

void Api::stream(std::string_view pattern, StreamHandler handler) {
  const Later later = [this](milliseconds delay, std::function<void()> work) {
    on_server_thread(delay, std::move(work));
  };
  router_.on(HttpMethod::get, pattern,
             [this, later, handler = std::move(handler)](
                 const RouteMatch& match, const HttpRequest& request, const HttpRespond& respond) {
               await_views(request, respond, [=, this](const HttpRespond& answer) {
                 run_query([&](const Query& query) { return handler(query, later); }, match,
                           request, answer, deliver_dialogue);
               });
             });
}

void Api::command(std::string_view name, HttpMethod method, std::string_view pattern,
                  CommandBuilder build) {
  commands_.add(name, pattern, build);
  router_.on(method, pattern,
             [this, build = std::move(build)](const RouteMatch& match, const HttpRequest& request,
                                              const HttpRespond& respond) {
               answer_command(build, match, request, respond);
             });
}

void Api::enrolment(std::string_view pattern) {
  router_.on(HttpMethod::post, pattern,
             [this](const RouteMatch&, const HttpRequest& request, const HttpRespond& respond) {
               const Refused who = Refused::of(request, {});
               auto command = read_enrolment(request);
               if (!command) return refuse(who, command.error(), respond);
               run_command(std::move(*command), who, respond);
             });
}

void Api::task(std::string_view pattern, TaskAccess access, TaskHandler handler) {
  router_.on(access.method, pattern,
             [this, access, handler = std::move(handler)](
                 const RouteMatch& match, const HttpRequest& request, const HttpRespond& respond) {
               auto body = check_task(request, access);
               if (!body) return respond(to_response(body.error()));
               handler({parts_, match, *body}, [respond](const HttpResult<HttpResponse>& answer) {
                 respond(answer ? *answer : to_response(answer.error()));
               });
             });
}

/// Logs a refusal.
HttpResult<JsonReader> Api::check_task(const HttpRequest& request, const TaskAccess& access) const {
  const Reader reader(parts_.store);
  const auto caller = authenticate(reader, request, parts_.clock.now());
  auto body = caller.and_then([&](const Caller& known) -> HttpResult<JsonReader> {
    if (known.asker.has(InstanceRole::administrator)) return JsonReader::read(request);
    if (access.also && known.asker.has(*access.also)) return JsonReader::read(request);
    return tl::unexpected(to_problem(
        Rejection{.code = RejectionCode::not_allowed,
                  .entity = std::string(access.entity),
                  .rule = access.also ? "only administrators of the instance and "
                                        "auditors may do this"
                                      : "only administrators of the instance may do this",
                  .remedy = "ask one of them; `muster whoami` shows your roles",
                  .candidates = {}}));
  });
  const Actor actor = caller ? caller->actor() : Actor{};
  if (!body) log_refusal(parts_, Refused::of(request, actor), body.error());
  return body;
}

void Api::refuse(const Refused& who, const Problem& problem, const HttpRespond& respond) const {
  log_refusal(parts_, who, problem);
  respond(to_response(problem));
}

/// Waits for `at_least`, if it is asked for, then works.
void Api::await_views(const HttpRequest& request, const HttpRespond& respond, Work work) const {
  const std::string* given = request.parameter("at_least");
  if (given == nullptr) return work(respond);
  const auto wanted = parse_decimal(*given);
  if (!wanted) {
    respond(to_response(invalid_parameter_problem("at_least", "a sequence")));
    return;
  }
  const auto waiting = std::make_shared<std::atomic<bool>>(true);
  parts_.runner.when(Sequence{*wanted}, [this, waiting, work = std::move(work), respond] {
    if (!waiting->exchange(false)) return;
    on_server_thread(milliseconds{0}, [work, respond] { work(respond); });
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

void Api::work_aside(const HttpRespond& respond, Work work) const {
  const bool taken = parts_.work.submit([work = std::move(work), respond] { work(respond); });
  if (!taken) respond(to_response(busy_problem("too many long reads at once")));
}

/// Asks `handler`, and has what it gives delivered to the client.
template <typename Handler, typename Deliver>
void Api::run_query(const Handler& handler, const RouteMatch& match, const HttpRequest& request,
                    const HttpRespond& respond, const Deliver& deliver) const {
  const Reader reader(parts_.store);
  const Timestamp now = parts_.clock.now();
  const auto caller = authenticate(reader, request, now);
  if (!caller) return refuse(Refused::of(request, {}), caller.error(), respond);
  const Sight sight(reader, *caller);
  const auto answer = handler(Query{.parts = parts_,
                                    .reader = reader,
                                    .caller = *caller,
                                    .sight = sight,
                                    .match = match,
                                    .request = request,
                                    .now = now});
  if (!answer) return refuse(Refused::of(request, caller->actor()), answer.error(), respond);
  deliver(respond, *answer);
}

void Api::answer_command(const CommandBuilder& build, const RouteMatch& match,
                         const HttpRequest& request, const HttpRespond& respond) const {
  const Reader reader(parts_.store);
  const Timestamp now = parts_.clock.now();
  const auto caller = authenticate(reader, request, now);
  if (!caller) return refuse(Refused::of(request, {}), caller.error(), respond);
  const Refused who = Refused::of(request, caller->actor());
  const Asking asking{.parts = parts_, .reader = reader, .caller = *caller, .now = now};
  auto command = read_command(asking, build, match, request);
  if (!command) return refuse(who, command.error(), respond);
  run_command(std::move(*command), who, respond);
}

void Api::answer_bulk(HttpRequest request, const HttpRespond& respond) const {
  const auto caller = authenticate(Reader(parts_.store), request, parts_.clock.now());
  if (!caller) return refuse(Refused::of(request, {}), caller.error(), respond);
  auto options = BulkOptions::of(request);
  if (!options) {
    return refuse(Refused::of(request, caller->actor()), options.error(), respond);
  }
  const auto later = [this](milliseconds delay, std::function<void()> work) {
    on_server_thread(delay, std::move(work));
  };
  respond.converse(std::make_shared<BulkDialogue>(
      BulkDialogue::Parts{.api = parts_, .table = commands_, .later = later}, std::move(request),
      std::move(*options)));
}

/// A device's own registration. Nobody asks for it but Muster itself, on the strength of the key.
HttpResult<Command> Api::read_enrolment(const HttpRequest& request) const {
  const Reader reader(parts_.store);
  const Timestamp now = parts_.clock.now();
  const auto key = authenticate_device(reader, request, now);
  if (!key) return tl::unexpected(key.error());
  auto body = JsonReader::read(request);
  if (!body) return tl::unexpected(body.error());
  auto terms = terms_of(request);
  if (!terms) return tl::unexpected(terms.error());
  // All devices ask as one: those with another key must not get this one's answer.
  if (auto& given = terms->idempotency) {
    given->key = fmt::format("provision/{}/{}", key->id.value(), given->key);
  }
  Command command = start_command(*body, std::move(*terms), now);
  auto registration = read_registration(*body);
  if (const auto problem = body->finish()) return tl::unexpected(*problem);
  if (!registration) return tl::unexpected(registration.error());
  registration->provisioning_key = key->id;
  command.body = *std::move(registration);
  return command;
}

void Api::run_command(Command command, const Refused& who, const HttpRespond& respond) const {
  const auto queued =
      parts_.engine.submit(std::move(command), [this, respond, who](Outcome outcome) {
        if (!outcome) return refuse(who, to_problem(outcome.error()), respond);
        const auto running = std::make_shared<Running>(std::move(*outcome), respond);
        const std::span<const Recorded> events = running->accepted.events();
        const bool visible = events.empty() || running->accepted.dry_run;
        const Sequence last = visible ? Sequence{} : events.back().sequence;
        if (!visible) on_server_thread(views_wait, [this, running] { finish(running); });
        parts_.runner.when(last, [this, running] {
          on_server_thread(milliseconds{0}, [this, running] { finish(running); });
        });
      });
  if (!queued) refuse(who, to_problem(queued.error()), respond);
}

/// Answers a command that is done, with what the views say now.
void Api::finish(const std::shared_ptr<Running>& running) const {
  if (!running->claim()) return;
  const Reader reader(parts_.store);
  HttpResponse response;
  AnswerWriter(parts_.answers, reader).append(response.body, running->accepted);
  running->respond(std::move(response));
}

void Api::on_server_thread(milliseconds delay, std::function<void()> work) const {
  server_.wait(nullptr);  // A first request may come before the server is known here.
  server_.load()->after(delay, std::move(work));
}

}  // namespace muster
