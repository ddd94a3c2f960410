#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/muster/command_line.h"
#include "tools/muster/commands/commands.h"

namespace {

/// Standard output. A reader that went away early (`muster … | head`) is no error; a full disk is.
class Output {
 public:
  void write(std::string_view text) {
    errno = 0;
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) note_error();
  }

  /// 0, or why not all of it was written.
  int finish() {
    errno = 0;
    if (std::fflush(stdout) != 0) note_error();
    return error_ == EPIPE ? 0 : error_;
  }

 private:
  void note_error() {
    if (error_ == 0) error_ = errno == 0 ? EIO : errno;
  }

  int error_ = 0;
};

std::optional<std::string> variable(const std::string& name) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing here changes the environment.
  const char* value = std::getenv(name.c_str());
  if (value == nullptr || *value == '\0') return std::nullopt;
  return value;
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  Output output;
  muster::cli::Surroundings around{
      [&output](std::string_view text) { output.write(text); },
      [](std::string_view text) { std::fwrite(text.data(), 1, text.size(), stderr); },
      std::cin,
      variable,
      ::isatty(STDERR_FILENO) == 1,
  };
  const int exit_code = muster::cli::run_command_line(
      {argv + 1, argv + argc}, around,
      {muster::cli::add_serve_commands, muster::cli::add_agent_commands,
       muster::cli::add_bench_commands});
  if (const int error = output.finish(); error != 0) {
    std::fprintf(stderr, "muster: cannot write the output: %s\n", std::strerror(error));
    return exit_code == 0 ? 1 : exit_code;
  }
  return exit_code;
}
