#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#include "tools/muster/commands/commands.h"
#include "tools/muster/output/report.h"
#include "tools/muster/output/text.h"

namespace muster::cli {
namespace {

struct LoginOptions {
  std::string url;
  std::string token;
};

/// While it lives, what is typed at the terminal is not shown.
class SilentTerminal {
 public:
  SilentTerminal() : is_terminal_(::tcgetattr(STDIN_FILENO, &before_) == 0) {
    if (!is_terminal_) return;
    auto silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
  }
  SilentTerminal(const SilentTerminal&) = delete;
  SilentTerminal& operator=(const SilentTerminal&) = delete;
  ~SilentTerminal() {
    if (is_terminal_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }

 private:
  termios before_{};
  bool is_terminal_;
};

std::string read_token(Surroundings& around) {
  // Only the process's own input can be a terminal.
  const bool asks = &around.in == &std::cin && ::isatty(STDIN_FILENO) == 1;
  std::string line;
  if (asks) {
    const SilentTerminal silent;
    around.err("Token: ");
    std::getline(around.in, line);
    around.err("\n");
  } else {
    std::getline(around.in, line);
  }
  while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.pop_back();
  return line;
}

/// Keeps the access only after the server has taken it.
Outcome login(Session& session, const LoginOptions& options) {
  const Access access{plain_url(options.url),
                      options.token.empty() ? read_token(session.around()) : options.token};
  if (access.token.empty()) {
    return wrong_usage("no token was given",
                       "Give it on standard input, or with --token. A new server writes the first "
                       "one to admin.token in its data folder.");
  }
  session.use(access);
  const auto who = session.get("/v1/whoami");
  if (!who) return tl::unexpected(who.error());
  const auto file = credentials_file(session.around());
  if (!file) return failed(file.error());
  if (const auto saved = save_credentials(*file, access); !saved) return failed(saved.error());
  if (session.json()) {
    session.print_json(*who);
  } else {
    session.print(fmt::format("logged in to {} as {}; kept in {}\n", printable(access.url),
                              printable(text_at(*who, "user")), file->string()));
  }
  return {};
}

Outcome logout(Session& session) {
  const auto file = credentials_file(session.around());
  if (!file) return failed(file.error());
  std::error_code error;
  const bool removed = std::filesystem::remove(*file, error);
  if (error) {
    return failed(Error{ErrorCode::failed,
                        fmt::format("cannot remove {}: {}", file->string(), error.message())});
  }
  if (session.json()) {
    session.print_json(Json{{"changed", removed}});
  } else {
    session.print(removed ? "logged out; the token itself still works, see `muster token revoke`\n"
                          : "nothing to do: not logged in\n");
  }
  return {};
}

Outcome whoami(Session& session) { return show_one(session, "/v1/whoami"); }

void add_login(CLI::App& app, Invocation& invocation) {
  auto& command = add_read(app, invocation,
                           {"login", "Keep a server's address and a token for later commands",
                            "login --url http://127.0.0.1:7880 < data/admin.token"});
  const auto options = std::make_shared<LoginOptions>();
  command.add_option("--url", options->url, "The server's address")->required()->option_text("URL");
  command
      .add_option("--token", options->token,
                  "The token [default: from standard input, where no other user can see it]")
      ->option_text("TOKEN");
  runs(command, invocation, options, login);
}

}  // namespace

void add_session_commands(CLI::App& app, Invocation& invocation) {
  add_login(app, invocation);
  runs(add_read(app, invocation, {"logout", "Forget what `muster login` kept", "logout"}),
       invocation, logout);
  runs(add_read(app, invocation, {"whoami", "Show as whom the server sees you", "whoami"}),
       invocation, whoami);
}

}  // namespace muster::cli
