#include "tools/mqtt/client_packets.h"

#include <string_view>

namespace muster::mqtt {
namespace {

constexpr unsigned version_5 = 5;
constexpr unsigned qos_bits = 0x03;

/// Reads from the front. After the end it reads nothing and is not `good` any more.
class Cursor {
 public:
  explicit Cursor(std::string_view bytes) : rest_(bytes) {}

  std::string_view take(std::size_t size) {
    if (size > rest_.size()) {
      good_ = false;
      rest_ = {};
      return {};
    }
    const auto taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }

  unsigned byte() {
    const auto taken = take(1);
    return taken.empty() ? 0 : static_cast<std::uint8_t>(taken[0]);
  }

  unsigned number() {
    const unsigned high = byte();
    return (high << 8U) | byte();
  }

  std::string text() { return std::string(take(number())); }

  void skip_properties() {
    constexpr unsigned length_bits = 7;
    constexpr unsigned shift_max = 21;
    std::size_t length = 0;
    for (unsigned shift = 0; shift <= shift_max; shift += length_bits) {
      const unsigned next = byte();
      length |= std::size_t{next & 0x7FU} << shift;
      if ((next & 0x80U) == 0) break;
    }
    take(length);
  }

  [[nodiscard]] std::string_view rest() const noexcept { return rest_; }
  [[nodiscard]] bool good() const noexcept { return good_; }

 private:
  std::string_view rest_;
  bool good_ = true;
};

tl::unexpected<Error> broken() {
  return fail(ErrorCode::failed, "the client sent a broken packet");
}

ClientWill read_will(Cursor& in, unsigned flags, unsigned version) {
  constexpr unsigned qos_shift = 3;
  constexpr unsigned retain_flag = 0x20;
  if (version == version_5) in.skip_properties();
  ClientWill will{.topic = in.text(),
                  .payload = {},
                  .qos = (flags >> qos_shift) & qos_bits,
                  .retain = (flags & retain_flag) != 0};
  will.payload = in.text();
  return will;
}

}  // namespace

Result<ClientConnect> read_connect(const Packet& packet) {
  constexpr unsigned will_flag = 0x04;
  constexpr unsigned password_flag = 0x40;
  constexpr unsigned username_flag = 0x80;
  Cursor in(packet.body);
  if (in.text() != "MQTT") return broken();
  ClientConnect connect{
      .version = in.byte(), .client_id = {}, .username = {}, .has_password = false, .will = {}};
  const unsigned flags = in.byte();
  in.number();  // Keep-alive.
  if (connect.version == version_5) in.skip_properties();
  connect.client_id = in.text();
  if ((flags & will_flag) != 0) connect.will = read_will(in, flags, connect.version);
  if ((flags & username_flag) != 0) connect.username = in.text();
  connect.has_password = (flags & password_flag) != 0;
  if (!in.good()) return broken();
  return connect;
}

Result<std::vector<ClientSubscription>> read_subscribe(const Packet& packet, unsigned version) {
  Cursor in(packet.body);
  in.number();  // The packet's id.
  if (version == version_5) in.skip_properties();
  std::vector<ClientSubscription> subscriptions;
  while (in.good() && !in.rest().empty()) {
    auto filter = in.text();
    subscriptions.push_back({std::move(filter), in.byte() & qos_bits});
  }
  if (!in.good()) return broken();
  return subscriptions;
}

Result<ClientPublish> read_client_publish(const Packet& packet, unsigned version) {
  constexpr unsigned qos_shift = 1;
  constexpr unsigned retain_flag = 0x01;
  Cursor in(packet.body);
  ClientPublish publish{.topic = in.text(),
                        .payload = {},
                        .qos = (packet.flags >> qos_shift) & qos_bits,
                        .retain = (packet.flags & retain_flag) != 0};
  if (publish.qos > 0) in.number();
  if (version == version_5) in.skip_properties();
  if (!in.good()) return broken();
  publish.payload = in.rest();
  return publish;
}

}  // namespace muster::mqtt
