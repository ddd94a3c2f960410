#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "tools/http/message.h"

namespace muster {

/// A request whose body is taken, and whose answer is given, part by part and at the same time, so
/// that neither has to fit into memory. The server calls it on its own thread, one call at a time;
/// nothing here may block. Implementations: BulkDialogue, and echoes in tests.
class HttpDialogue {
 public:
  HttpDialogue() = default;
  HttpDialogue(const HttpDialogue&) = delete;
  HttpDialogue& operator=(const HttpDialogue&) = delete;
  virtual ~HttpDialogue() = default;

  /// True while it takes more of the body. While it is not, the server reads nothing, and before
  /// long the client can send nothing.
  [[nodiscard]] virtual bool hungry() const = 0;

  /// The next part of the body, of any size.
  virtual void take(std::string_view part) = 0;

  /// Nothing more comes: the body was `complete`, or it was cut off.
  virtual void end(bool complete) = 0;

  /// How the answer begins. Asked once, before anything is given. With a body it is all of the
  /// answer; else what is given follows.
  [[nodiscard]] virtual HttpResponse head() = 0;

  /// What goes out next; empty: nothing yet.
  [[nodiscard]] virtual std::string give() = 0;

  /// True once nothing more will be given. The rest of the body is then not taken.
  [[nodiscard]] virtual bool finished() const = 0;

  /// True if the end of the answer is to look like a failure: not all was taken.
  [[nodiscard]] virtual bool cut_off() const = 0;

  /// The server stops, and waits for those that are under way, but not for long: one that may have
  /// nothing to give for ever ends now.
  virtual void wind_up() {}

  /// Nobody hears the answer any more. It is asked nothing after that.
  virtual void abandon() = 0;

  /// Set by the server. To be called on its thread when there is something to give, or it is
  /// hungry or finished, after it was not; unless that comes of a call of the server's.
  std::function<void()> changed = [] {};
};

}  // namespace muster
