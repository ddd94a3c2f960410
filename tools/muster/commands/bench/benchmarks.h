#pragma once

#include "tools/muster/declare.h"

namespace muster::cli {

// Each declares one benchmark of the group `bench`: its options, and how its result is told.

void add_bench_actions(CLI::App& group, Invocation& invocation);
void add_bench_append(CLI::App& group, Invocation& invocation);
void add_bench_bulk(CLI::App& group, Invocation& invocation);
void add_bench_connect(CLI::App& group, Invocation& invocation);
void add_bench_lists(CLI::App& group, Invocation& invocation);
void add_bench_past(CLI::App& group, Invocation& invocation);
void add_bench_pin(CLI::App& group, Invocation& invocation);
void add_bench_rebuild(CLI::App& group, Invocation& invocation);
void add_bench_scale(CLI::App& group, Invocation& invocation);
void add_bench_verify(CLI::App& group, Invocation& invocation);
void add_bench_wave(CLI::App& group, Invocation& invocation);

}  // namespace muster::cli
