#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tools/muster/commands/commands.h"
#include "tools/muster/output/report.h"
#include "tools/muster/output/text.h"
#include "tools/muster/support/input.h"
#include "tools/muster/support/paths.h"

namespace muster::cli {
namespace {

struct CreateOptions {
  std::string slug;
  std::string commit;
  std::optional<std::string> semver;
  std::optional<std::string> status;
  bool draft = false;
  std::string manifest;
  std::optional<std::string> note;
};

struct ListOptions {
  std::string slug;
};

Outcome add_manifest(const Session& session, const std::string& file, JsonBody& body) {
  if (file.empty()) return {};
  const auto manifest = read_json_object(session.around(), file);
  if (!manifest) return tl::unexpected(manifest.error());
  body.raw("manifest", *manifest);
  return {};
}

Outcome create(Session& session, const CreateOptions& options) {
  const auto path = fleet_path(options.slug);
  if (!path) return tl::unexpected(path.error());
  JsonBody body;
  body.text("commit", std::string_view(options.commit));
  body.text("semver", options.semver);
  body.text("status", options.status);
  if (options.draft) body.flag("draft", true);
  body.text("note", options.note);
  if (auto read = add_manifest(session, options.manifest, body); !read) return read;
  const auto what = fmt::format("{} {} in fleet {}", options.draft ? "draft release" : "release",
                                short_commit(options.commit), options.slug);
  return change_and_report(session, HttpMethod::post, *path + "/releases", std::move(body),
                           {fmt::format("{} created", what), fmt::format("create {}", what),
                            fmt::format("{} exists already", what)});
}

std::string state_text(const Json& release) {
  auto state = text_at(release, "status");
  if (flag_at(release, "draft")) state.append(", draft");
  if (flag_at(release, "invalidated")) state.append(", invalidated");
  return state;
}

Json drafts_last(const Json& releases) {
  auto sorted = Json::array();
  for (const bool drafts : {false, true}) {
    for (const auto& release : releases) {
      if (flag_at(release, "draft") == drafts) sorted.push_back(release);
    }
  }
  return sorted;
}

Outcome list(Session& session, const ListOptions& options) {
  const auto path = fleet_path(options.slug);
  if (!path) return tl::unexpected(path.error());
  const auto items = session.list(*path + "/releases");
  if (!items) return tl::unexpected(items.error());
  const auto commit = [](const Json& release) { return short_commit(text_at(release, "commit")); };
  const auto version = [](const Json& release) {
    return text_at(release, has(release, "version_text") ? "version_text" : "semver");
  };
  print_list(session, drafts_last(*items),
             {{"commit", commit},
              {"version", version},
              {"state", state_text},
              column("devices"),
              column("id"),
              column("note")},
             fmt::format("no releases in fleet {}", options.slug));
  return {};
}

void add_create(CLI::App& release, Invocation& invocation) {
  auto& command = add_change(
      release, invocation,
      {"create", "Announce a release, at the start of its build or when it is done",
       "release create acme/thermo --commit $(git rev-parse HEAD) --semver 1.4.2\n"
       "release create acme/thermo --commit 9f3c… --status success --manifest app.json --draft"});
  const auto options = std::make_shared<CreateOptions>();
  command.add_option("SLUG", options->slug, "The fleet: ORGANISATION/NAME")->required();
  command.add_option("--commit", options->commit, "The full commit, in hexadecimal digits")
      ->required()
      ->option_text("COMMIT");
  command.add_option("--semver", options->semver, "Its version, e.g. 1.4.2")
      ->option_text("VERSION");
  command
      .add_option("--status", options->status,
                  "success, or running while it is being built [default: the server's]")
      ->check(CLI::IsMember({"running", "success"}))
      ->option_text("STATUS");
  command.add_flag("--draft", options->draft, "Not for devices that track; may be pinned");
  command.add_option("--manifest", options->manifest, "What to install: a JSON object; - is stdin")
      ->option_text("FILE");
  command.add_option("--note", options->note, "A note for people")->option_text("TEXT");
  runs(command, invocation, options, create);
}

void add_list(CLI::App& release, Invocation& invocation) {
  auto& command =
      add_read(release, invocation,
               {"list", "List the releases of a fleet, drafts last", "release list acme/thermo"});
  const auto options = std::make_shared<ListOptions>();
  command.add_option("SLUG", options->slug, "The fleet: ORGANISATION/NAME")->required();
  runs(command, invocation, options, list);
}

struct ReleaseOptions {
  std::string release;
  std::string fleet;
  std::string status;
  std::string manifest;
};

/// `release 9f3c2a1 in fleet acme/thermo`
std::string name_of(const ReleaseOptions& options) {
  const auto in = options.fleet.empty() ? "" : fmt::format(" in fleet {}", options.fleet);
  return fmt::format("release {}{}", short_commit(options.release), in);
}

Outcome show(Session& session, const ReleaseOptions& options) {
  const auto path = release_path(options.release, options.fleet);
  if (!path) return tl::unexpected(path.error());
  return show_one(session, *path);
}

Outcome finish(Session& session, const ReleaseOptions& options) {
  const auto path = release_path(options.release, options.fleet);
  if (!path) return tl::unexpected(path.error());
  JsonBody body;
  body.text("status", std::string_view(options.status));
  if (auto read = add_manifest(session, options.manifest, body); !read) return read;
  const auto name = name_of(options);
  return change_and_report(session, HttpMethod::post, *path + "/finish", std::move(body),
                           {fmt::format("{} finished: {}", name, options.status),
                            fmt::format("finish {}: {}", name, options.status),
                            fmt::format("{} is finished already", name)});
}

/// A change of a release that needs nothing but its name.
Outcome change_release(Session& session, const ReleaseOptions& options, HttpMethod method,
                       const std::string& step, const Sentence& sentence) {
  const auto path = release_path(options.release, options.fleet);
  if (!path) return tl::unexpected(path.error());
  return change_and_report(session, method, *path + step, {}, sentence);
}

Outcome finalize(Session& session, const ReleaseOptions& options) {
  const auto name = name_of(options);
  return change_release(session, options, HttpMethod::post, "/finalize",
                        {fmt::format("{} is final", name), fmt::format("finalize {}", name),
                         fmt::format("{} is final already", name)});
}

Outcome invalidate(Session& session, const ReleaseOptions& options) {
  const auto name = name_of(options);
  return change_release(
      session, options, HttpMethod::post, "/invalidate",
      {fmt::format("{} invalidated: no device gets it by tracking", name),
       fmt::format("invalidate {}", name), fmt::format("{} is invalidated already", name)});
}

Outcome validate(Session& session, const ReleaseOptions& options) {
  const auto name = name_of(options);
  return change_release(session, options, HttpMethod::post, "/validate",
                        {fmt::format("{} is valid again", name), fmt::format("validate {}", name),
                         fmt::format("{} is valid", name)});
}

Outcome remove(Session& session, const ReleaseOptions& options) {
  const auto name = name_of(options);
  return change_release(session, options, HttpMethod::del, "",
                        {fmt::format("{} deleted", name), fmt::format("delete {}", name),
                         fmt::format("{} is deleted already", name)});
}

std::shared_ptr<ReleaseOptions> on_release(CLI::App& command, Invocation& invocation,
                                           Outcome (*run)(Session&, const ReleaseOptions&)) {
  auto options = std::make_shared<ReleaseOptions>();
  command
      .add_option("RELEASE", options->release,
                  "With --fleet: commit (or 7 digits of it), version or id:N; else its id")
      ->required();
  command.add_option("--fleet", options->fleet, "The fleet it is in")->option_text("SLUG");
  runs(command, invocation, options, run);
  return options;
}

void add_finish(CLI::App& release, Invocation& invocation) {
  auto& command = add_change(release, invocation,
                             {"finish", "Say how a running build ended",
                              "release finish 9f3c2a1 --fleet acme/thermo --status success"});
  const auto options = on_release(command, invocation, finish);
  command.add_option("--status", options->status, "success, failed or cancelled")
      ->required()
      ->check(CLI::IsMember({"success", "failed", "cancelled"}))
      ->option_text("STATUS");
  command.add_option("--manifest", options->manifest, "What to install: a JSON object; - is stdin")
      ->option_text("FILE");
}

}  // namespace

void add_release_commands(CLI::App& app, Invocation& invocation) {
  auto& release = add_group(app, "release", "Releases: what fleets and devices can run");
  add_create(release, invocation);
  add_list(release, invocation);
  on_release(add_read(release, invocation,
                      {"show", "Show one release", "release show 1.4.2 --fleet acme/thermo"}),
             invocation, show);
  add_finish(release, invocation);
  on_release(add_change(release, invocation,
                        {"finalize", "Make a draft final: devices that track may get it",
                         "release finalize 9f3c2a1 --fleet acme/thermo"}),
             invocation, finalize);
  on_release(add_change(release, invocation,
                        {"invalidate", "Withdraw a release: no device gets it by tracking",
                         "release invalidate 31 --reason 'drains the battery'"}),
             invocation, invalidate);
  on_release(add_change(release, invocation,
                        {"validate", "Take an invalidation back", "release validate 31"}),
             invocation, validate);
  on_release(add_change(release, invocation,
                        {"rm", "Delete a release that nothing targets",
                         "release rm 9f3c2a1 --fleet acme/thermo"}),
             invocation, remove);
}

}  // namespace muster::cli
