#include <fmt/format.h>

#include <unistd.h>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <system_error>

#include "core/base/log.h"
#include "tools/muster/commands/bench_report.h"
#include "tools/muster/commands/commands.h"
#include "tools/muster/stop_on_signal.h"

namespace muster::cli {
namespace {

/// Says on a terminal what goes on, on one line that goes away at the end.
class ProgressLine {
 public:
  explicit ProgressLine(Session& session)
      : session_(session), is_shown_(::isatty(STDERR_FILENO) == 1) {}
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;
  ~ProgressLine() { say({}); }

  void say(std::string_view what) const {
    if (is_shown_) session_.around().err(fmt::format("\r\x1b[K{}", what));
  }

 private:
  Session& session_;
  const bool is_shown_;
};

bench::Progress progress_of(const ProgressLine& line, const StopOnSignal& signals) {
  return {.say = [&line](std::string_view what) { line.say(what); }, .stop = signals.token()};
}

Outcome run_append(Session& session, const bench::AppendOptions& options) {
  configure_logging(Severity::warn);
  const StopOnSignal signals;
  const auto measured = [&] {
    const ProgressLine line(session);
    return bench::run_append(options, progress_of(line, signals));
  }();
  if (!measured) return failed(measured.error());
  if (session.json()) {
    session.print_json(append_json(options, *measured));
  } else {
    session.print(append_text(*measured));
  }
  return {};
}

Outcome run_pin(Session& session, const bench::PinOptions& options) {
  auto settings = options;
  std::error_code error;
  if (settings.program.empty()) {
    settings.program = std::filesystem::read_symlink("/proc/self/exe", error);
  }
  const StopOnSignal signals;
  const auto measured = [&] {
    const ProgressLine line(session);
    return bench::run_pin(settings, progress_of(line, signals));
  }();
  if (!measured) return failed(measured.error());
  if (session.json()) {
    session.print_json(pin_json(settings, *measured));
  } else {
    session.print(pin_text(*measured));
  }
  return {};
}

void add_append(CLI::App& group, Invocation& invocation) {
  auto& command =
      add_read(group, invocation,
               {"append", "Durable pins through the engine, against RocksDB alone",
                "bench append\nbench append --dir /mnt/nvme --batch 1 20 200 --rounds 9 --json"});
  const auto options = std::make_shared<bench::AppendOptions>();
  command.add_option("--dir", options->folder, "On the disk to measure [default: /tmp]")
      ->option_text("DIR");
  command.add_option("--batch", options->batch_sizes, "Events in a batch [default: 1 20 200]")
      ->option_text("N...");
  command.add_option("--batches", options->batches, "Batches in a round [default: 300]")
      ->option_text("N");
  command.add_option("--rounds", options->rounds, "Engine and RocksDB in turns [default: 5]")
      ->option_text("N");
  command.add_option("--devices", options->devices, "Devices to pin in turn [default: 10000]")
      ->option_text("N");
  command.add_flag("--idempotency-keys", options->keys, "Each pin has a key, as from the CLI");
  runs(command, invocation, options, run_append);
}

void add_pin(CLI::App& group, Invocation& invocation) {
  auto& command = add_read(
      group, invocation,
      {"pin", "From a pin over HTTP to a device that has it, against disk and broker alone",
       "bench pin\nbench pin --dir /mnt/nvme --rate 100 --pins 1000 --json"});
  const auto options = std::make_shared<bench::PinOptions>();
  command.add_option("--dir", options->folder, "On the disk to measure [default: /tmp]")
      ->option_text("DIR");
  command.add_option("--pins", options->pins, "Pins in a round [default: 200]")->option_text("N");
  command.add_option("--rounds", options->rounds, "Muster and bare in turns [default: 3]")
      ->option_text("N");
  command.add_option("--rate", options->rate, "Pins in a second, to the devices [default: 50]")
      ->option_text("N");
  command.add_option("--devices", options->devices, "Devices to pin in turn [default: 10]")
      ->option_text("N");
  command.add_option("--server", options->program, "The program to measure [default: this one]")
      ->option_text("FILE");
  runs(command, invocation, options, run_pin);
}

}  // namespace

void add_bench_commands(CLI::App& app, Invocation& invocation) {
  auto& group = add_group(app, "bench", "Measure this machine; needs no server, leaves nothing");
  add_append(group, invocation);
  add_pin(group, invocation);
}

}  // namespace muster::cli
