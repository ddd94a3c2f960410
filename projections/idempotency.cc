#include "projections/idempotency.h"

#include <algorithm>
#include <string>
#include <utility>

#include "core/base/digest.h"
#include "projections/key_layout.h"
#include "projections/view_store.h"

namespace muster {
namespace {

/// Of fixed length whatever the client chose: the user, then the digest of the key.
std::string stored_key(UserId user, std::string_view key) {
  std::string bytes = id_bytes(user);
  append_part(bytes, sha256({as_bytes(key)}));
  return bytes;
}

std::string encode(const RememberedCommand& command) {
  std::string bytes;
  append_part(bytes, command.request);
  append_part(bytes, command.first);
  append_big_endian(bytes, command.count);
  return bytes;
}

std::optional<RememberedCommand> decode(std::string_view bytes) {
  RememberedCommand command;
  const std::size_t digest_size = command.request.size();
  if (bytes.size() != digest_size + sizeof(std::uint64_t) + sizeof(std::uint32_t)) return {};
  std::ranges::copy(as_bytes(bytes.substr(0, digest_size)), command.request.begin());
  command.first = Sequence{read_big_endian<std::uint64_t>(bytes.substr(digest_size))};
  command.count =
      read_big_endian<std::uint32_t>(bytes.substr(bytes.size() - sizeof(std::uint32_t)));
  return command;
}

}  // namespace

std::string_view IdempotencyView::name() const { return idempotency_view; }

void IdempotencyView::apply(ViewBatch& batch, const Recorded& recorded) {
  const EventMeta& meta = recorded.meta;
  if (meta.index != 0 || !meta.idempotency) return;
  batch.put(stored_key(meta.actor.user, meta.idempotency->key),
            encode({meta.idempotency->request, recorded.sequence, meta.count}));
}

void IdempotencyView::finish(ViewBatch&) {}

std::optional<RememberedCommand> StoredIdempotency::find(UserId user, std::string_view key) const {
  const auto bytes = store_.get(idempotency_view, stored_key(user, key));
  if (!bytes) return std::nullopt;
  const auto command = decode(*bytes);
  if (!command) store_.end_damaged("a remembered command is damaged");
  return command;
}

Sequence StoredIdempotency::position() const { return store_.position(idempotency_view); }

}  // namespace muster
