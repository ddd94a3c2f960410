#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/beast/http/read.hpp>
#include <ctime>

#include "tools/http/problem.h"
#include "tools/http/server.h"
#include "tools/http/serving/core.h"

namespace muster {

/// One dialogue on its way. Two coroutines have part in it: one listens, one speaks. Known to the
/// core from construction to destruction.
struct HttpServer::Core::Talk {
  Talk(Core& owner, std::shared_ptr<HttpDialogue> who)
      : core(owner),
        dialogue(std::move(who)),
        listener(owner.context_.get_executor()),
        speaker(owner.context_.get_executor()) {
    core.talks_.insert(this);
  }
  Talk(const Talk&) = delete;
  Talk& operator=(const Talk&) = delete;
  ~Talk() { core.talks_.erase(this); }

  /// Waits until `wake` is called, or for no reason.
  static Task<void> sleep(Timer* timer) {
    timer->expires_at(Timer::time_point::max());
    co_await timer->async_wait(no_throw);
  }

  void wake() {
    listener.cancel();
    speaker.cancel();
  }

  Core& core;  // NOLINT(cppcoreguidelines-avoid-const-or-ref-data-members)
  const std::shared_ptr<HttpDialogue> dialogue;
  Timer listener;
  Timer speaker;
  bool listening = true;  // The listener has not ended.
  bool spoken = false;    // The speaker has: nothing more is taken.
};

/// Serves `dialogue` to its end, and then the connection: what the client still sends would be
/// taken for the next request. True if all was answered.
Task<bool> HttpServer::Core::converse(Session* session, Parser* parser,
                                      std::shared_ptr<HttpDialogue> dialogue) {
  if (talks_.size() >= limits_.dialogues) {
    dialogue->abandon();
    co_await refuse(session, to_response(busy_problem("too many streams at once")), false);
    co_return false;
  }
  const Counted flight(in_flight_);
  const auto talk = std::make_shared<Talk>(*this, std::move(dialogue));
  const bool ahead = co_await go_ahead(session, parser);
  talk->dialogue->changed = [talk = talk.get()] { talk->wake(); };
  net::co_spawn(context_, listen_to(session, parser, talk), net::detached);
  const bool heard = ahead && co_await speak(session, talk);
  talk->spoken = true;
  talk->dialogue->changed = [] {};
  if (talk->listening) session->stream.cancel();
  talk->listener.cancel();
  while (talk->listening) co_await Talk::sleep(&talk->speaker);
  if (!heard) talk->dialogue->abandon();
  if (heard) co_await linger(session);
  co_return heard;
}

void HttpServer::Core::wind_up_talks() {
  for (Talk* talk : talks_) {
    talk->dialogue->wind_up();
    talk->wake();
  }
}

/// Takes all of the body that has been read. The library alone would wait for the rest of a chunk.
error_code HttpServer::Core::drain(Session* session, Parser* parser) {
  while (session->buffer.size() > 0 && !parser->is_done()) {
    error_code error;
    session->buffer.consume(parser->put(session->buffer.data(), error));
    if (error == http::error::need_more) return {};
    if (error) return error;
  }
  return {};
}

/// Passes on the body, as fast as it is taken.
Task<void> HttpServer::Core::listen_to(Session* session, Parser* parser,
                                       std::shared_ptr<Talk> talk) {
  HttpDialogue& dialogue = *talk->dialogue;
  parser->body_limit(boost::none);
  auto& body = parser->get().body();
  error_code error;
  while (!talk->spoken && !error && !parser->is_done() && !stopping_) {
    if (!dialogue.hungry()) {
      co_await Talk::sleep(&talk->listener);
      continue;
    }
    session->stream.expires_after(limits_.body);
    session->disposable = true;
    const auto [failed, size] =
        co_await http::async_read_some(session->stream, session->buffer, *parser, no_throw);
    session->disposable = false;
    error = failed ? failed : drain(session, parser);
    if (!body.empty() && !talk->spoken) dialogue.take(body);
    body.clear();
  }
  if (!talk->spoken) dialogue.end(parser->is_done() && !error);
  talk->listening = false;
  talk->speaker.cancel();
}

/// Sends what is given, as fast as it is heard. False if the client was lost.
Task<bool> HttpServer::Core::speak(Session* session, std::shared_ptr<Talk> talk) {
  HttpDialogue& dialogue = *talk->dialogue;
  bool begun = false;
  while (true) {
    const std::string part = dialogue.give();
    if (!part.empty()) talk->listener.cancel();  // There may be room for more now.
    if (part.empty() && !dialogue.finished()) {
      co_await Talk::sleep(&talk->speaker);
      continue;
    }
    std::string bytes;
    bool whole = false;
    if (!begun) {
      const HttpResponse head = dialogue.head();
      whole = !head.body.empty();
      bytes = format_response(
          head,
          {.keep_alive = false, .head = false, .chunked = !whole, .date = std::time(nullptr)});
      begun = true;
    }
    if (!part.empty()) bytes += format_chunk(part);
    const bool last = dialogue.finished();
    if (last && !whole && !dialogue.cut_off()) bytes += last_chunk;
    session->writing = true;
    const bool written = co_await write(session, std::move(bytes));
    session->writing = false;
    // The stop that came meanwhile left the listener's read alone, so as not to cut this part off.
    if (stopping_ && session->disposable) session->stream.cancel();
    if (!written) co_return false;
    if (last) co_return true;
  }
}

}  // namespace muster
