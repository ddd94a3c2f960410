#include "tools/server/system.h"

#include <utility>

#include "broker-bridge/bridge.h"
#include "broker-bridge/embedded_broker.h"
#include "core/base/log.h"
#include "core/engine/engine.h"
#include "core/log/file_subject_keys.h"
#include "core/log/rocks_event_log.h"
#include "projections/idempotency.h"
#include "projections/load_state.h"
#include "projections/runner.h"
#include "projections/standard_projections.h"
#include "tools/server/api/api.h"
#include "tools/server/broker_choice.h"
#include "tools/server/data_folder.h"
#include "tools/server/first_start.h"

namespace muster {

/// In the order of their making; destroyed from the last to the first, so that whoever is called
/// outlives whoever calls.
struct System::Parts {
  SystemClock clock;
  std::optional<DataFolder> folder;
  std::unique_ptr<FileSubjectKeys> keys;
  std::optional<RecordCodec> codec;
  std::optional<UserTokens> user_tokens;
  std::optional<DeviceTokens> device_tokens;
  std::unique_ptr<RocksEventLog> log;
  LogIdentity identity;
  std::unique_ptr<ViewStore> store;
  std::optional<StoredIdempotency> remembered;
  std::unique_ptr<EmbeddedBroker> broker;
  HostPort mqtt;
  PresenceTable presence;
  std::unique_ptr<Engine> engine;
  std::unique_ptr<Bridge> bridge;  // Outlives the runner, which calls it.
  std::unique_ptr<Runner> runner;
  std::unique_ptr<Api> api;
  std::unique_ptr<HttpServer> http;
  HostPort http_address;

  [[nodiscard]] Result<void> open_folder(const std::filesystem::path& root);
  [[nodiscard]] Result<void> open_log();
  [[nodiscard]] Result<void> open_views();
  [[nodiscard]] Result<void> start_broker(const BrokerChoice& choice);
  [[nodiscard]] Result<void> start_writer();
  void start_bridge(const BrokerChoice& choice, unsigned spread_s);
  [[nodiscard]] Result<void> start_http(const HostPort& listen);
};

Result<void> System::Parts::open_folder(const std::filesystem::path& root) {
  auto opened = DataFolder::open(root);
  if (!opened) return tl::unexpected(opened.error());
  folder.emplace(std::move(*opened));
  auto subject_keys = FileSubjectKeys::open(folder->subject_keys());
  if (!subject_keys) return tl::unexpected(subject_keys.error());
  keys = std::move(*subject_keys);
  codec.emplace(*keys);
  const auto secret = load_or_make_secret(folder->token_key());
  if (!secret) return tl::unexpected(secret.error());
  user_tokens.emplace(*secret);
  auto minter = DeviceTokens::open(folder->device_key());
  if (!minter) return tl::unexpected(minter.error());
  device_tokens.emplace(std::move(*minter));
  return {};
}

Result<void> System::Parts::open_log() {
  auto opened = RocksEventLog::open(folder->log());
  if (!opened) return tl::unexpected(opened.error());
  log = std::move(*opened);
  if (log->head() == Sequence{}) {
    const auto done = initialise_log(*log, *codec, *user_tokens, clock, folder->admin_token());
    if (!done) return done;
  }
  const auto found = read_identity(*log, *codec);
  if (!found) return tl::unexpected(found.error());
  identity = *found;
  return {};
}

Result<void> System::Parts::open_views() {
  auto opened = ViewStore::open(folder->views(), identity.log);
  if (!opened) return tl::unexpected(opened.error());
  store = std::move(*opened);
  remembered.emplace(*store);
  runner = std::make_unique<Runner>(*log, *codec, *store, standard_projections());
  return runner->catch_up();
}

Result<void> System::Parts::start_broker(const BrokerChoice& choice) {
  mqtt = choice.address;
  if (!choice.embedded) return {};
  auto started = EmbeddedBroker::start(
      EmbeddedBrokerOptions{
          .host = choice.address.host, .port = choice.address.port, .run_folder = folder->broker()},
      [] {});
  if (!started) return tl::unexpected(started.error());
  broker = std::move(*started);
  mqtt.port = broker->port();
  return {};
}

Result<void> System::Parts::start_writer() {
  auto loaded = load_state(*store);
  if (!loaded) return tl::unexpected(loaded.error());
  engine = std::make_unique<Engine>(
      EngineOptions{},
      Engine::Parts{.log = *log, .codec = *codec, .remembered = *remembered, .clock = clock},
      std::move(loaded->state), loaded->last_event);
  return {};
}

void System::Parts::start_bridge(const BrokerChoice& choice, unsigned spread_s) {
  bridge = std::make_unique<Bridge>(BridgeOptions{.host = mqtt.host,
                                                  .port = mqtt.port,
                                                  .username = choice.username,
                                                  .password = choice.password,
                                                  .identity = identity,
                                                  .spread_s = spread_s,
                                                  .reconcile_on_start = !choice.embedded},
                                    Bridge::Parts{.engine = *engine,
                                                  .store = *store,
                                                  .runner = *runner,
                                                  .presence = presence,
                                                  .clock = clock});
  runner->follow(engine->tail());
  bridge->start();
}

Result<void> System::Parts::start_http(const HostPort& listen) {
  api = std::make_unique<Api>(
      ApiParts{.engine = *engine,
               .log = *log,
               .store = *store,
               .runner = *runner,
               .presence = presence,
               .clock = clock,
               .broker = [this] { return bridge->health(); },
               .reconcile = [this](ReconcileDone done) { bridge->reconcile(std::move(done)); },
               .answers = {.user_tokens = *user_tokens,
                           .device_tokens = *device_tokens,
                           .identity = identity,
                           .mqtt = mqtt}});
  auto started = HttpServer::start(HttpServerOptions{.listen = listen},
                                   [this](HttpRequest request, const HttpRespond& respond) {
                                     (*api)(std::move(request), respond);
                                   });
  if (!started) return tl::unexpected(started.error());
  http = std::move(*started);
  api->serve_on(*http);
  http_address = HostPort{.host = listen.host, .port = http->port()};
  return {};
}

Result<std::unique_ptr<System>> System::start(const ServerOptions& options) {
  const auto listen = parse_host_port(options.http);
  if (!listen) return tl::unexpected(listen.error());
  if (auto safe = check_loopback(*listen, "--http"); !safe) return tl::unexpected(safe.error());
  const auto choice = choose_broker(options.mqtt, options.mqtt_listen);
  if (!choice) return tl::unexpected(choice.error());

  auto parts = std::make_unique<Parts>();
  if (auto done = parts->open_folder(options.data); !done) return tl::unexpected(done.error());
  if (auto done = parts->open_log(); !done) return tl::unexpected(done.error());
  if (auto done = parts->open_views(); !done) return tl::unexpected(done.error());
  if (auto done = parts->start_broker(*choice); !done) return tl::unexpected(done.error());
  if (auto done = parts->start_writer(); !done) return tl::unexpected(done.error());
  parts->start_bridge(*choice, options.spread_s);
  if (auto done = parts->start_http(*listen); !done) return tl::unexpected(done.error());
  log_info("serving: head={} http={} mqtt={}", parts->log->head().value(),
           to_string(parts->http_address), to_string(parts->mqtt));
  return std::unique_ptr<System>(new System(std::move(parts)));
}

System::System(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

System::~System() {
  parts_->http->stop();
  parts_->engine->stop();  // Its answers reach the views and the API: both are still there.
}

HostPort System::http() const { return parts_->http_address; }

HostPort System::mqtt() const { return parts_->mqtt; }

}  // namespace muster
