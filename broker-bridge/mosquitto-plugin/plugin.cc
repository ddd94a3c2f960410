// clang-format off: the second needs what the first declares.
#include <mosquitto_broker.h>
#include <mosquitto_plugin.h>
#include <mosquitto.h>
// clang-format on

#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>
#include <exception>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "broker-bridge/mosquitto-plugin/session.h"

// The interface to mosquitto (docs/broker-plugin.md). No exception leaves a function here: it
// would end the broker. Whatever goes wrong, a client is refused.

namespace muster {
namespace {

/// What mosquitto keeps for us from init to cleanup.
struct Loaded {
  mosquitto_plugin_id_t* id = nullptr;
  std::unique_ptr<Session> session;
};

void say_error(const char* what) noexcept {
  mosquitto_log_printf(MOSQ_LOG_ERR, "muster: %s", what);
}

/// Runs `work`, and gives `otherwise` if it throws.
template <typename Work>
int guarded(int otherwise, Work work) noexcept {
  try {
    return work();
  } catch (const std::exception& error) {
    say_error(error.what());
  } catch (...) {
    say_error("an unknown failure");
  }
  return otherwise;
}

Session& session_of(void* loaded) { return *static_cast<Loaded*>(loaded)->session; }

int on_connect(int, void* event, void* loaded) noexcept {
  return guarded(MOSQ_ERR_AUTH, [&] {
    const auto& connect = *static_cast<mosquitto_evt_basic_auth*>(event);
    const bool may = session_of(loaded).admit(connect.client, connect.username, connect.password);
    return may ? MOSQ_ERR_SUCCESS : MOSQ_ERR_AUTH;
  });
}

int on_access(int, void* event, void*) noexcept {
  return guarded(MOSQ_ERR_ACL_DENIED, [&] {
    const bool may = Session::allows(*static_cast<mosquitto_evt_acl_check*>(event));
    return may ? MOSQ_ERR_SUCCESS : MOSQ_ERR_ACL_DENIED;
  });
}

// Always a success: mosquitto closes the connection of whoever sent a message that is not.
int on_control(int, void* event, void* loaded) noexcept {
  return guarded(MOSQ_ERR_SUCCESS, [&] {
    const auto& message = *static_cast<mosquitto_evt_control*>(event);
    session_of(loaded).control({static_cast<const char*>(message.payload), message.payloadlen});
    return MOSQ_ERR_SUCCESS;
  });
}

int on_disconnect(int, void* event, void* loaded) noexcept {
  return guarded(MOSQ_ERR_SUCCESS, [&] {
    session_of(loaded).left(static_cast<mosquitto_evt_disconnect*>(event)->client);
    return MOSQ_ERR_SUCCESS;
  });
}

int on_tick(int, void*, void* loaded) noexcept {
  return guarded(MOSQ_ERR_SUCCESS, [&] {
    session_of(loaded).tick(std::time(nullptr));
    return MOSQ_ERR_SUCCESS;
  });
}

int on_reload(int, void*, void* loaded) noexcept {
  return guarded(MOSQ_ERR_SUCCESS, [&] {
    session_of(loaded).reload();
    return MOSQ_ERR_SUCCESS;
  });
}

struct Callback {
  int event;
  MOSQ_FUNC_generic_callback call;
  const char* topic;  // Of a control event.
};

std::vector<Callback> callbacks() {
  return {{MOSQ_EVT_BASIC_AUTH, on_connect, nullptr},
          {MOSQ_EVT_ACL_CHECK, on_access, nullptr},
          {MOSQ_EVT_CONTROL, on_control, control_topic.data()},
          {MOSQ_EVT_DISCONNECT, on_disconnect, nullptr},
          {MOSQ_EVT_TICK, on_tick, nullptr},
          {MOSQ_EVT_RELOAD, on_reload, nullptr}};
}

std::vector<PluginOption> options_of(std::span<mosquitto_opt> given) {
  std::vector<PluginOption> options;
  for (const mosquitto_opt& each : given) options.push_back({each.key, each.value});
  return options;
}

/// Ends this broker when the program that started it does, however that ends. Here, because
/// mosquitto may have changed its user before, and that clears what was set then. With SIGKILL:
/// mosquitto forgets a SIGTERM that comes right after its start, and it keeps nothing.
Result<void> follow(pid_t parent) {
  if (parent == 0) return {};
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() == parent) return {};
  return fail(ErrorCode::failed, "the program that started this broker has ended");
}

Result<void> load(Loaded& loaded, std::span<mosquitto_opt> given) {
  const auto options = read_plugin_options(options_of(given));
  if (!options) return tl::unexpected(options.error());
  if (auto followed = follow(options->parent); !followed) return followed;
  auto session = Session::start(*options);
  if (!session) return tl::unexpected(session.error());
  loaded.session = std::make_unique<Session>(std::move(*session));
  for (const auto& [event, call, topic] : callbacks()) {
    if (mosquitto_callback_register(loaded.id, event, call, topic, &loaded) != MOSQ_ERR_SUCCESS) {
      return fail(ErrorCode::incompatible,
                  "this mosquitto does not offer all that the plugin needs; use 2.0.11 or newer");
    }
  }
  return {};
}

}  // namespace
}  // namespace muster

#define MUSTER_PLUGIN_EXPORT extern "C" __attribute__((visibility("default")))

MUSTER_PLUGIN_EXPORT int mosquitto_plugin_version(int supported_count, const int* supported) {
  for (const int version : std::span(supported, static_cast<std::size_t>(supported_count))) {
    if (version == MOSQ_PLUGIN_VERSION) return version;
  }
  return -1;
}

MUSTER_PLUGIN_EXPORT int mosquitto_plugin_init(mosquitto_plugin_id_t* identifier, void** user_data,
                                               mosquitto_opt* options, int option_count) {
  return muster::guarded(MOSQ_ERR_UNKNOWN, [&] {
    auto loaded = std::make_unique<muster::Loaded>();
    loaded->id = identifier;
    const auto done =
        muster::load(*loaded, std::span(options, static_cast<std::size_t>(option_count)));
    if (!done) {
      muster::say_error(done.error().message.c_str());
      return static_cast<int>(MOSQ_ERR_INVAL);
    }
    *user_data = loaded.release();
    return static_cast<int>(MOSQ_ERR_SUCCESS);
  });
}

MUSTER_PLUGIN_EXPORT int mosquitto_plugin_cleanup(void* user_data, mosquitto_opt*, int) {
  const std::unique_ptr<muster::Loaded> loaded(static_cast<muster::Loaded*>(user_data));
  if (loaded == nullptr) return MOSQ_ERR_SUCCESS;
  for (const auto& [event, call, topic] : muster::callbacks()) {
    mosquitto_callback_unregister(loaded->id, event, call, topic);
  }
  return MOSQ_ERR_SUCCESS;
}
