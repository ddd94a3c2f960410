#include "tools/agent/services/service_folders.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <system_error>

#include "tools/agent/support/files.h"

namespace muster::agent {
namespace {

namespace fs = std::filesystem;

constexpr auto services_folder = "services";
constexpr auto marks_folder = ".made";  // No service is called so.
constexpr auto volumes_folder = "volumes";
constexpr auto data_folder = "data";

Result<void> checked(const std::error_code& error, std::string_view what, const fs::path& path) {
  if (!error) return {};
  return fail(ErrorCode::failed,
              fmt::format("cannot {} {}: {}", what, path.string(), error.message()));
}

Result<void> make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  return checked(error, "make", folder);
}

Result<void> remove_tree(const fs::path& path) {
  std::error_code error;
  fs::remove_all(path, error);
  return checked(error, "remove", path);
}

/// What is in `folder`; nothing if it is not there.
Result<std::vector<fs::path>> entries(const fs::path& folder) {
  std::vector<fs::path> found;
  std::error_code error;
  if (!fs::exists(folder, error)) return found;
  fs::directory_iterator entry(folder, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    found.push_back(entry->path());
  }
  if (auto read = checked(error, "read", folder); !read) return tl::unexpected(read.error());
  return found;
}

}  // namespace

fs::path ServiceFolders::of(const ServiceSpec& service) const {
  return root_ / services_folder / service.name;
}

fs::path ServiceFolders::log_of(const ServiceSpec& service) const {
  return root_ / "logs" / (service.name + ".log");
}

fs::path ServiceFolders::lock_of(const ServiceSpec& service) const {
  return root_ / "locks" / service.name;
}

fs::path ServiceFolders::mark_of(const ServiceSpec& service) const {
  return root_ / services_folder / marks_folder / service.name;
}

bool ServiceFolders::is_made(const ServiceSpec& service) const {
  std::error_code error;
  const auto mark = read_file(mark_of(service));
  return mark && *mark == describe(service) && fs::is_directory(of(service), error);
}

Result<void> ServiceFolders::prepare(const ServiceSpec& service) {
  if (auto made = make_storage(service); !made) return made;
  return is_made(service) ? Result<void>() : make(service);
}

/// The mark goes first and comes last: what lies between is never taken for whole.
Result<void> ServiceFolders::make(const ServiceSpec& service) {
  if (auto removed = remove_tree(mark_of(service)); !removed) return removed;
  if (auto removed = remove_tree(of(service)); !removed) return removed;
  if (auto made = make_folder(of(service)); !made) return made;
  if (auto made = make_folder(mark_of(service).parent_path()); !made) return made;
  std::error_code error;
  if (has_volumes_) {
    for (const auto& volume : service.volumes) {
      fs::create_directory_symlink(root_ / volumes_folder / volume, of(service) / volume, error);
      if (auto linked = checked(error, "link", of(service) / volume); !linked) return linked;
    }
  } else {
    fs::create_directory_symlink(root_ / data_folder, of(service) / data_folder, error);
    if (auto linked = checked(error, "link", of(service) / data_folder); !linked) return linked;
  }
  return replace_file(mark_of(service), describe(service));
}

Result<void> ServiceFolders::make_storage(const ServiceSpec& service) {
  if (!has_volumes_) return make_folder(root_ / data_folder);
  for (const auto& volume : service.volumes) {
    if (auto made = make_folder(root_ / volumes_folder / volume); !made) return made;
  }
  return {};
}

Result<void> ServiceFolders::remove_others(const std::vector<ServiceSpec>& kept) {
  const auto found = entries(root_ / services_folder);
  if (!found) return tl::unexpected(found.error());
  for (const auto& entry : *found) {
    const auto name = entry.filename().string();
    const bool is_kept = std::ranges::find(kept, name, &ServiceSpec::name) != kept.end();
    if (is_kept || name == marks_folder) continue;
    const auto mark = root_ / services_folder / marks_folder / name;
    if (auto removed = remove_tree(mark); !removed) return removed;
    if (auto removed = remove_tree(entry); !removed) return removed;
  }
  return found->empty() ? Result<void>() : sync_folder(root_ / services_folder);
}

Result<void> ServiceFolders::empty_volumes() {
  const auto storage = root_ / (has_volumes_ ? volumes_folder : data_folder);
  const auto found = entries(storage);
  if (!found) return tl::unexpected(found.error());
  for (const auto& entry : *found) {
    if (auto removed = remove_tree(entry); !removed) return removed;
  }
  return found->empty() ? Result<void>() : sync_folder(storage);
}

}  // namespace muster::agent
