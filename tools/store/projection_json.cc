#include "tools/store/projection_json.h"

#include <nlohmann/json.hpp>

#include "core/base/hex.h"
#include "projections/rebuild/key_text.h"

namespace muster {
namespace {

using Json = nlohmann::ordered_json;

std::string_view to_string(RebuildRun::State state) {
  switch (state) {
    case RebuildRun::State::running:
      return "running";
    case RebuildRun::State::done:
      return "done";
    case RebuildRun::State::failed:
      return "failed";
    case RebuildRun::State::cancelled:
      break;
  }
  return "cancelled";
}

std::string_view to_string(RebuildProgress::Phase phase) {
  switch (phase) {
    case RebuildProgress::Phase::folding:
      return "folding";
    case RebuildProgress::Phase::comparing:
      return "comparing";
    case RebuildProgress::Phase::switching:
      break;
  }
  return "switching";
}

std::string_view to_string(RowDifference::Kind kind) {
  switch (kind) {
    case RowDifference::Kind::missing:
      return "missing";
    case RowDifference::Kind::unexpected:
      return "follows from no event";
    case RowDifference::Kind::other:
      break;
  }
  return "another one";
}

Json render_report(const RebuildReport& report) {
  const RowComparison& found = report.comparison;
  Json examples = Json::array();
  for (const RowDifference& each : found.examples) {
    examples.push_back(Json{{"row", text_of_key(report.view, each.key)},
                            {"is", to_string(each.kind)},
                            {"key", to_hex(as_bytes(each.key))}});
  }
  return Json{{"projection", report.view},
              {"position", report.position.value()},
              {"resumed_at", report.resumed_at.value()},
              {"rows", found.rows},
              {"differences", found.differences},
              {"examples", std::move(examples)},
              {"digest", to_hex(found.folded)},
              {"digest_before", to_hex(found.stored)},
              {"generation", report.generation > 0 ? Json(report.generation) : Json(nullptr)},
              {"folding_s", report.folding_s},
              {"comparing_s", report.comparing_s},
              {"switching_s", report.switching_s}};
}

}  // namespace

Json render_projection(const ViewStore& store, const ViewStatus& view, Sequence head,
                       const std::string& last_error) {
  const auto unfinished = unfinished_rebuild(store, view.name);
  return Json{{"name", view.name},
              {"version", view.version},
              {"generation", view.generation},
              {"position", view.position.value()},
              {"lag", head.value() - std::min(head, view.position).value()},
              {"bytes", view.bytes},
              {"rows", view.rows},
              {"unfinished_rebuild", unfinished ? Json(unfinished->value()) : Json(nullptr)},
              {"last_error", last_error.empty() ? Json(nullptr) : Json(last_error)}};
}

Json render_run(const RebuildRun& run) {
  Json reports = Json::array();
  for (const RebuildReport& each : run.reports) reports.push_back(render_report(each));
  return Json{{"kind", run.options.switch_over ? "rebuild" : "check"},
              {"projections", run.views},
              {"state", to_string(run.state)},
              {"current", run.current.empty() ? Json(nullptr) : Json(run.current)},
              {"phase", to_string(run.phase)},
              {"begun_at", run.begun_at},
              {"events", run.events},
              {"of", run.of},
              {"rows", run.rows},
              {"seconds", run.seconds},
              {"reports", std::move(reports)},
              {"problem", run.problem.empty() ? Json(nullptr) : Json(run.problem)}};
}

}  // namespace muster
