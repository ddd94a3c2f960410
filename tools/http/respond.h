#pragma once

#include <functional>
#include <memory>

#include "tools/http/message.h"

namespace muster {

/// Answers one request. Copies answer the same request; the first call counts, later ones do
/// nothing. May be called from any thread, also after the server has gone (then in vain). When
/// the last copy goes without an answer, the client gets a 500.
///
/// A streamed answer will be a second way to answer here, beside `operator()`: handlers and
/// routes stay as they are.
class HttpRespond {
 public:
  using Deliver = std::function<void(HttpResponse)>;

  /// `deliver` is called exactly once, on the thread that answers; it must not throw.
  explicit HttpRespond(Deliver deliver);

  void operator()(HttpResponse response) const;

 private:
  class Once;
  std::shared_ptr<Once> once_;
};

/// Called on the server's own thread with a complete request: must not block. It may answer at
/// once, or keep `HttpRespond` and answer later from elsewhere.
using HttpHandler = std::function<void(HttpRequest, HttpRespond)>;

}  // namespace muster
