#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "tools/http/json_body.h"
#include "tools/http/router.h"
#include "tools/http/server.h"
#include "tools/server/api/caller.h"
#include "tools/server/api/commands/api_parts.h"
#include "tools/server/api/commands/command_table.h"
#include "tools/server/api/problems.h"

namespace muster {

/// What a reading route gets.
struct Query {
  const ApiParts& parts;
  const Reader& reader;
  const Caller& caller;
  const Sight& sight;
  const RouteMatch& match;
  const HttpRequest& request;
  Timestamp now;
};

/// Has something done on the HTTP server's thread, later.
using Later = std::function<void(std::chrono::milliseconds, std::function<void()>)>;

/// The HTTP API (docs/http-api.md): finds the route, knows the caller, asks the views or the
/// engine, and answers. Its handlers run on the HTTP server's thread and do not block.
class Api {
 public:
  explicit Api(ApiParts parts);
  Api(const Api&) = delete;
  Api& operator=(const Api&) = delete;
  ~Api() = default;

  /// The server whose timers the API uses. Requests that come before this wait for it.
  void serve_on(HttpServer& server) {
    server_ = &server;
    server_.notify_all();
  }

  /// The handler for the server.
  void operator()(HttpRequest request, const HttpRespond& respond) const;

  /// Adds a route that reads.
  using QueryHandler = std::function<HttpResult<HttpResponse>(const Query&)>;
  void query(std::string_view pattern, QueryHandler handler);

  /// The same for what takes long, such as reading the log: on a thread of the work queue.
  void long_query(std::string_view pattern, QueryHandler handler);

  /// Adds a route that reads without end: its answer comes part by part.
  using StreamHandler =
      std::function<HttpResult<std::shared_ptr<HttpDialogue>>(const Query&, const Later&)>;
  void stream(std::string_view pattern, StreamHandler handler);

  /// Adds a route that changes something; `name` is what the command is called in bulk.
  void command(std::string_view name, HttpMethod method, std::string_view pattern,
               CommandBuilder build);

  /// Adds the route by which devices register themselves: the caller shows a provisioning key.
  void enrolment(std::string_view pattern);

  /// Who may have a task done, and what it is about.
  struct TaskAccess {
    std::string_view entity;
    std::optional<InstanceRole> also;  // Beside the instance's administrators.
    HttpMethod method = HttpMethod::post;
  };

  /// Adds a route by which the instance's administrators have something done that is no event.
  /// `handler` calls `done` once, on any thread, when it is done. It reads the whole body.
  struct TaskRequest {
    const ApiParts& parts;
    const RouteMatch& match;
    JsonReader& body;
  };
  using TaskDone = std::function<void(const HttpResult<HttpResponse>&)>;
  using TaskHandler = std::function<void(const TaskRequest&, TaskDone done)>;
  void task(std::string_view pattern, TaskAccess access, TaskHandler handler);

 private:
  class Running;

  void refuse(const Refused& who, const Problem& problem, const HttpRespond& respond) const;
  using Work = std::function<void(const HttpRespond& respond)>;
  void await_views(const HttpRequest& request, const HttpRespond& respond, Work work) const;
  void work_aside(const HttpRespond& respond, Work work) const;
  template <typename Handler, typename Deliver>
  void run_query(const Handler& handler, const RouteMatch& match, const HttpRequest& request,
                 const HttpRespond& respond, const Deliver& deliver) const;
  [[nodiscard]] HttpResult<Command> read_enrolment(const HttpRequest& request) const;
  void answer_command(const CommandBuilder& build, const RouteMatch& match,
                      const HttpRequest& request, const HttpRespond& respond) const;
  void answer_bulk(HttpRequest request, const HttpRespond& respond) const;
  [[nodiscard]] HttpResult<JsonReader> check_task(const HttpRequest& request,
                                                  const TaskAccess& access) const;
  void run_command(Command command, const Refused& who, const HttpRespond& respond) const;
  void finish(const std::shared_ptr<Running>& running) const;
  void on_server_thread(std::chrono::milliseconds delay, std::function<void()> work) const;

  ApiParts parts_;
  std::atomic<HttpServer*> server_{nullptr};
  CommandTable commands_;
  Router router_;
};

}  // namespace muster
