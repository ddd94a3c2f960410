#pragma once

#include <functional>
#include <memory>
#include <variant>

#include "tools/http/dialogue.h"
#include "tools/http/message.h"

namespace muster {

/// A whole answer, or what gives one part by part.
using HttpAnswer = std::variant<HttpResponse, std::shared_ptr<HttpDialogue>>;

/// Answers one request. Copies answer the same request; the first call counts, later ones do
/// nothing. May be called from any thread, also after the server has gone (then in vain). When
/// the last copy goes without an answer, the client gets a 500.
class HttpRespond {
 public:
  using Deliver = std::function<void(HttpAnswer)>;

  /// `deliver` is called exactly once, on the thread that answers; it must not throw.
  explicit HttpRespond(Deliver deliver);

  void operator()(HttpResponse response) const;

  /// Answers by a dialogue, which also takes the body of the request if that `body_follows`.
  void converse(std::shared_ptr<HttpDialogue> dialogue) const;

 private:
  class Once;
  std::shared_ptr<Once> once_;
};

/// Called on the server's own thread with a complete request: must not block. It may answer at
/// once, or keep `HttpRespond` and answer later from elsewhere.
using HttpHandler = std::function<void(HttpRequest, HttpRespond)>;

}  // namespace muster
