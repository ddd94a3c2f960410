#include "tools/http/respond.h"

#include <atomic>

#include "core/base/log.h"
#include "tools/http/problem.h"

namespace muster {

class HttpRespond::Once {
 public:
  explicit Once(Deliver deliver) : deliver_(std::move(deliver)) {}
  Once(const Once&) = delete;
  Once& operator=(const Once&) = delete;

  ~Once() {
    if (answered_) return;
    log_error("http request left without an answer");
    deliver_(to_response(internal_problem()));
  }

  void answer(HttpAnswer response) {
    if (answered_.exchange(true)) return;
    deliver_(std::move(response));
  }

 private:
  std::atomic<bool> answered_ = false;
  Deliver deliver_;
};

HttpRespond::HttpRespond(Deliver deliver) : once_(std::make_shared<Once>(std::move(deliver))) {}

void HttpRespond::operator()(HttpResponse response) const { once_->answer(std::move(response)); }

void HttpRespond::converse(std::shared_ptr<HttpDialogue> dialogue) const {
  once_->answer(std::move(dialogue));
}

}  // namespace muster
