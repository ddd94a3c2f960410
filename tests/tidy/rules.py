"""The rules of this repository that a program can check, as tables. Nothing here does anything."""

import re

# Which of our folders a folder may include (itself included).
BASE = ("core/base/",)
DOMAIN = ("core/domain/",) + BASE
LOG = ("core/log/",) + DOMAIN
ENGINE = ("core/engine/",) + LOG
PROJECTIONS = ("projections/",) + LOG
BRIDGE = ("broker-bridge/", "projections/", "core/engine/") + DOMAIN
TOOLS = ("tools/", "broker-bridge/", "projections/") + ENGINE
TESTS = ("tests/", "schemas/") + TOOLS

# The longest matching folder counts.
LAYERS = {
    "core/base/": BASE,
    "core/domain/": DOMAIN,
    "core/log/": LOG,
    "core/engine/": ENGINE,
    "projections/": PROJECTIONS,
    "broker-bridge/": BRIDGE,
    "tools/": TOOLS,
    "tests/": TESTS,
}
PRODUCTION = ("core/", "projections/", "broker-bridge/", "tools/")

# Who may include what: (what, as the beginning of an include; where, as patterns of whole paths;
# the way out). What is not listed here is open to all.
CODECS = r".*codec[^/]*"
LIBRARIES = [
    (("schemas/", "flatbuffers/"),
     [CODECS, r"broker-bridge/payload[^/]*", r"tests/.*"],
     "only codecs see FlatBuffers; hand out domain types"),
    (("rocksdb/",),
     [r"core/log/rocks[_/][^/]*", r"projections/(store/|[^/]*store)[^/]*",
      r"tools/bench/append/raw_[^/]*", r"tests/.*"],
     "only core/log/rocks* and the projections' store see RocksDB; use EventLog or the store"),
    (("mqtt/", "MQTTAsync.h", "MQTTClient.h"),
     [r"broker-bridge/mqtt_client\.(h|cc)", r"tests/.*"],
     "only broker-bridge/mqtt_client.* sees Paho; use MqttClient"),
    (("CLI/",), [r"tools/.*", r"tests/.*"], "only tools/ parses options"),
    (("boost/",), [r"core/domain/state\.h", r"tools/.*", r"tests/.*"],
     "only tools/ sees Boost, and the writer's state its containers"),
    (("spdlog/",), [r"core/base/log\.cc"], "log through core/base/log.h"),
    (("openssl/",), [r"core/base/.*", r"core/log/.*", r"broker-bridge/credentials/.*",
      r"broker-bridge/mosquitto-plugin/gate\.cc", r"broker-bridge/tls/.*", r"tests/.*"],
     "hashes and random numbers come from core/base, tokens from broker-bridge/credentials, TLS "
     "from broker-bridge/tls"),
    (("mosquitto",), [r"broker-bridge/mosquitto-plugin/(plugin|session)\.(h|cc)"],
     "only the plugin's outermost files see mosquitto; rules belong in the gate"),
    (("nlohmann/json.hpp",), [r"tools/.*\.cc", r"broker-bridge/.*\.cc", r"tests/.*"],
     "JSON belongs in .cc files of tools/ and broker-bridge/; a header takes json_fwd.hpp"),
    (("nlohmann/json_fwd.hpp",), [r"tools/.*", r"broker-bridge/.*", r"tests/.*"],
     "JSON belongs in tools/ and broker-bridge/"),
    (("doctest/", "rapidcheck"), [r"tests/.*"], "test libraries stay in tests/"),
    (("thread", "mutex", "shared_mutex", "condition_variable", "atomic", "future", "filesystem",
      "fstream", "iostream", "random", "unistd.h", "fcntl.h", "sys/", "boost/asio",
      "boost/asio/", "boost/beast/"),
     [r"(?!core/domain/).*"],
     "core/domain is pure: no threads, files, streams or chance; let the caller pass it in"),
]

HEADER_LINES_MAX = 250
SOURCE_LINES_MAX = 400
TEST_LINES_MAX = 500
FUNCTION_LINES_MAX = 70
COLUMNS_MAX = 100
FOLDER_FILES_MAX = 20
# Folders of many tiny files with one idea each may hold more, up to a number of their own.
FOLDER_FILES_MAX_OF = {"core/base": 28}

# Spelled so that no search for such marks, this one's own included, finds the rule itself.
BANNED_WORDS = re.compile(r"\b(TO[D]O|FIX[M]E|XX[X]|HAC[K])\b")
MACHINE_PATHS = re.compile(r"(?<![\w.:/-])/(work|home)/\w")
# Texts in which the two above may stand: the rules' test, and words that are not ours.
BANNED_EXEMPT = ("tests/tidy/", "LICENSE")
