#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <utility>

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/domain/event.h"
#include "core/log/event_log.h"

namespace muster {

class SubjectKeys;

/// Turns events into records and back. Format: docs/log-format.md, schemas/event.fbs.
///
/// Personal fields are sealed with the key of the person they are about, so that they can be
/// erased by destroying the key while every hash stays valid; they then decode to `erased_text`.
/// Safe to use from any thread.
class RecordCodec {
 public:
  /// Fills its argument with bytes that were never used before under the same key.
  using NonceSource = std::function<void(std::span<std::uint8_t> nonce)>;

  /// `keys` must outlive the codec. `nonces` is called on any thread; another one than the
  /// system's randomness is for tests only.
  explicit RecordCodec(SubjectKeys& keys, NonceSource nonces = fill_random)
      : keys_(keys), nonces_(std::move(nonces)) {}

  /// The record of `recorded`. Its personal fields' keys are made, durably, where needed.
  /// Errors: invalid_input if the record would be longer than record_size_max; failed if a new
  /// key cannot be stored.
  [[nodiscard]] Result<Record> encode(const Recorded& recorded) const;

  /// The event stored as `record` at `sequence`. Verifies the checksum and the whole structure
  /// before it believes a byte.
  /// Errors: corrupt; incompatible if it was written by a newer Muster.
  [[nodiscard]] Result<Recorded> decode(Sequence sequence, std::string_view record) const;

  /// The same of a record as an EventLog has just passed it on: its checksum was verified there.
  [[nodiscard]] Result<Recorded> decode_checked(Sequence sequence, std::string_view record) const;

 private:
  [[nodiscard]] Result<Recorded> decode_body(Sequence sequence,
                                             Result<std::string_view> body) const;

  SubjectKeys& keys_;
  NonceSource nonces_;
};

}  // namespace muster
