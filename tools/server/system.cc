#include "tools/server/system.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <climits>
#include <utility>

#include "broker-bridge/bridge.h"
#include "broker-bridge/embedded_broker.h"
#include "core/base/log.h"
#include "projections/rebuild/rebuilder.h"
#include "tools/server/api/api.h"
#include "tools/server/backups/backup_desk.h"
#include "tools/server/broker_choice.h"
#include "tools/server/checkpoints/checkpoint_thread.h"
#include "tools/server/first_start.h"
#include "tools/server/refusals/refusal_log.h"
#include "tools/server/timers.h"
#include "tools/server/work_queue.h"
#include "tools/store/data_folder.h"
#include "tools/store/state_store.h"

namespace muster {
namespace {

constexpr std::chrono::seconds bridge_within{30};
constexpr std::size_t work_threads = 2;
constexpr std::size_t work_waiting_max = 256;

bool is_any_address(std::string_view host) { return host == "0.0.0.0" || host == "::"; }

/// Where the bridge reaches a broker that listens on `host`.
std::string bridge_host(const std::string& host) {
  if (!is_any_address(host)) return host;
  return host == "::" ? "::1" : "127.0.0.1";
}

/// Where devices reach it: on all addresses, this machine's name is the best there is to say.
std::string device_host(const std::string& host) {
  if (!is_any_address(host)) return host;
  std::array<char, HOST_NAME_MAX + 1> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : host;
}

Result<void> check_domain(const std::string& domain) {
  const auto is_part = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  };
  if (domain.size() <= 200 && std::ranges::all_of(domain, is_part)) return {};
  return fail(ErrorCode::invalid_input,
              "--public-domain takes a domain in lower case, e.g. devices.example.com");
}

}  // namespace

/// In the order of their making; destroyed from the last to the first, so that whoever is called
/// outlives whoever calls.
struct System::Parts {
  SystemClock clock;
  std::optional<DataFolder> folder;
  std::optional<UserTokens> user_tokens;
  std::optional<DeviceTokens> device_tokens;
  std::unique_ptr<RefusalLog> refusals;
  std::unique_ptr<StateStore> store;
  std::unique_ptr<EmbeddedBroker> broker;
  HostPort mqtt;
  PresenceTable presence;
  RefusedConnects refused;
  std::unique_ptr<Bridge> bridge;
  std::unique_ptr<Timers> timers;
  std::unique_ptr<CheckpointThread> checkpoints;
  std::unique_ptr<BackupDesk> backups;
  std::unique_ptr<Rebuilder> rebuilder;
  WorkQueue work{work_threads, work_waiting_max};
  std::unique_ptr<Api> api;
  std::unique_ptr<HttpServer> http;
  HostPort http_address;

  /// Silences those who call, before anything goes.
  ~Parts() {
    if (http != nullptr) http->stop();
    work.stop();
    timers.reset();
    backups.reset();
    rebuilder.reset();
    checkpoints.reset();
    if (store != nullptr) store->stop();
  }

  [[nodiscard]] Result<void> open_folder(const std::filesystem::path& root);
  [[nodiscard]] Result<void> open_store(const std::filesystem::path& beside);
  [[nodiscard]] Result<void> start_broker(const BrokerChoice& choice);
  [[nodiscard]] Result<void> start_bridge(const BrokerChoice& choice, unsigned spread_s);
  void start_timers();
  [[nodiscard]] Result<void> start_checkpoints(const ServerOptions& options);
  [[nodiscard]] Result<void> start_http(const HostPort& listen, const std::string& public_domain);
};

Result<void> System::Parts::open_folder(const std::filesystem::path& root) {
  auto opened = DataFolder::open(root);
  if (!opened) return tl::unexpected(opened.error());
  folder.emplace(std::move(*opened));
  const auto secret = load_or_make_secret(folder->token_key());
  if (!secret) return tl::unexpected(secret.error());
  user_tokens.emplace(*secret);
  auto minter = DeviceTokens::open(folder->device_key(), folder->previous_device_key());
  if (!minter) return tl::unexpected(minter.error());
  device_tokens.emplace(std::move(*minter));
  auto kept = RefusalLog::open(folder->refusals());
  if (!kept) return tl::unexpected(kept.error());
  refusals = std::move(*kept);
  return {};
}

Result<void> System::Parts::open_store(const std::filesystem::path& beside) {
  std::vector<std::filesystem::path> ledgers{folder->erasures()};
  if (RocksBackups::is_one(beside)) ledgers.push_back(beside / erasures_name);
  auto opened = StateStore::open(
      StoreOptions{
          .log = folder->log(),
          .views = folder->views(),
          .subject_keys = folder->subject_keys(),
          .erasures = ledgers,
          .first = [this] { return first_command(*user_tokens, clock, folder->admin_token()); }},
      clock);
  if (!opened) return tl::unexpected(opened.error());
  store = std::move(*opened);
  if (store->is_new()) announce_first_administrator(folder->admin_token());
  return {};
}

Result<void> System::Parts::start_broker(const BrokerChoice& choice) {
  mqtt = choice.address;
  if (!choice.embedded) return {};
  auto started =
      EmbeddedBroker::start(EmbeddedBrokerOptions{.host = choice.address.host,
                                                  .port = choice.address.port,
                                                  .run_folder = folder->broker(),
                                                  .log = store->identity().log,
                                                  .device_keys = device_tokens->public_keys()},
                            [] {});
  if (!started) return tl::unexpected(started.error());
  broker = std::move(*started);
  mqtt.port = broker->port();
  return {};
}

Result<void> System::Parts::start_bridge(const BrokerChoice& choice, unsigned spread_s) {
  const BrokerLogin login =
      choice.embedded ? broker->login()
                      : BrokerLogin{.username = choice.username, .password = choice.password};
  bridge = std::make_unique<Bridge>(BridgeOptions{.host = bridge_host(mqtt.host),
                                                  .port = mqtt.port,
                                                  .username = login.username,
                                                  .password = login.password,
                                                  .tls = choice.tls,
                                                  .identity = store->identity(),
                                                  .spread_s = spread_s,
                                                  .reconcile_on_start = !choice.embedded,
                                                  .guarded = choice.embedded},
                                    Bridge::Parts{.engine = store->engine(),
                                                  .store = store->views(),
                                                  .runner = store->runner(),
                                                  .presence = presence,
                                                  .refused = refused,
                                                  .clock = clock});
  store->follow();
  bridge->start();
  // Our own broker lets no device in before the bridge is.
  return choice.embedded ? bridge->await_connection(bridge_within) : Result<void>{};
}

void System::Parts::start_timers() {
  timers = std::make_unique<Timers>(
      TimerParts{.engine = store->engine(), .views = store->views(), .clock = clock},
      std::vector<Timers::Task>{expire_actions, expire_support});
}

Result<void> System::Parts::start_checkpoints(const ServerOptions& options) {
  auto signer = CheckpointSigner::open(
      {.key = folder->checkpoint_key(),
       .latest = folder->checkpoint(),
       .verifier = folder->checkpoint_verifier()},
      {.name = options.origin, .log = store->identity().log, .epoch = store->identity().epoch},
      store->tree());
  if (!signer) return tl::unexpected(signer.error());
  checkpoints = std::make_unique<CheckpointThread>(
      std::move(*signer), std::chrono::seconds(options.checkpoint_every_s));
  backups = std::make_unique<BackupDesk>(options.backups,
                                         BackupDesk::Parts{.log = store->stored_log(),
                                                           .identity = store->identity(),
                                                           .checkpoints = *checkpoints,
                                                           .clock = clock,
                                                           .erasures = folder->erasures()});
  return {};
}

Result<void> System::Parts::start_http(const HostPort& listen, const std::string& public_domain) {
  api = std::make_unique<Api>(
      ApiParts{.engine = store->engine(),
               .log = store->log(),
               .tree = store->tree(),
               .codec = store->codec(),
               .store = store->views(),
               .runner = store->runner(),
               .presence = presence,
               .refused = refused,
               .refusals = *refusals,
               .checkpoints = *checkpoints,
               .backups = *backups,
               .rebuilder = *rebuilder,
               .work = work,
               .clock = clock,
               .broker = [this] { return bridge->health(); },
               .reconcile = [this](ReconcileDone done) { bridge->reconcile(std::move(done)); },
               .public_domain = public_domain,
               .answers = {.user_tokens = *user_tokens,
                           .device_tokens = *device_tokens,
                           .identity = store->identity(),
                           .mqtt = {.host = device_host(mqtt.host), .port = mqtt.port}}});
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
  const auto safe = check_loopback(
      *listen, "--http",
      "HTTP has no TLS here; for others put a server with TLS in front, on this machine");
  if (!safe) return tl::unexpected(safe.error());
  const auto domain = check_domain(options.public_domain);
  if (!domain) return tl::unexpected(domain.error());
  const auto choice = choose_broker(options.mqtt, options.mqtt_listen, options.broker_tls);
  if (!choice) return tl::unexpected(choice.error());

  auto parts = std::make_unique<Parts>();
  if (auto done = parts->open_folder(options.data); !done) return tl::unexpected(done.error());
  if (auto done = parts->open_store(options.backups); !done) return tl::unexpected(done.error());
  if (auto done = parts->start_checkpoints(options); !done) return tl::unexpected(done.error());
  if (auto done = parts->start_broker(*choice); !done) return tl::unexpected(done.error());
  if (auto done = parts->start_bridge(*choice, options.spread_s); !done) {
    return tl::unexpected(done.error());
  }
  parts->start_timers();
  parts->rebuilder = std::make_unique<Rebuilder>(parts->store->rebuild_parts());
  if (auto done = parts->start_http(*listen, options.public_domain); !done) {
    return tl::unexpected(done.error());
  }
  log_info("serving: head={} http={} mqtt={}", parts->store->log().head().value(),
           to_string(parts->http_address), to_string(parts->mqtt));
  return std::unique_ptr<System>(new System(std::move(parts)));
}

System::System(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

System::~System() = default;

HostPort System::http() const { return parts_->http_address; }

HostPort System::mqtt() const { return parts_->mqtt; }

}  // namespace muster
