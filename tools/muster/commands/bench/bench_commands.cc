#include "tools/muster/commands/bench/benchmarks.h"
#include "tools/muster/commands/commands.h"

namespace muster::cli {

void add_bench_commands(CLI::App& app, Invocation& invocation) {
  auto& group = add_group(app, "bench", "Measure this machine; needs no server, leaves nothing");
  add_bench_actions(group, invocation);
  add_bench_append(group, invocation);
  add_bench_bulk(group, invocation);
  add_bench_connect(group, invocation);
  add_bench_past(group, invocation);
  add_bench_pin(group, invocation);
  add_bench_rebuild(group, invocation);
  add_bench_scale(group, invocation);
  add_bench_wave(group, invocation);
  add_bench_verify(group, invocation);
  add_bench_lists(group, invocation);
}

}  // namespace muster::cli
