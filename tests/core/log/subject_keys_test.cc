#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "core/log/file_subject_keys.h"
#include "core/log/record/sealing.h"
#include "tests/support/temporary_folder.h"

namespace muster {
namespace {

namespace fs = std::filesystem;
using test::TemporaryFolder;

constexpr std::size_t record_size = 48;

std::string content_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write(const fs::path& file, const std::string& content) {
  std::ofstream(file, std::ios::binary | std::ios::trunc) << content;
}

// The file with the keys of users 1, 2 and 3.
std::string three_keys(const fs::path& file) {
  auto keys = FileSubjectKeys::open(file);
  REQUIRE(keys.has_value());
  for (std::uint32_t user = 1; user <= 3; ++user) {
    REQUIRE((*keys)->obtain(UserId(user)));
  }
  return content_of(file);
}

ErrorCode refusal(const fs::path& file) {
  const auto keys = FileSubjectKeys::open(file);
  REQUIRE_FALSE(keys.has_value());
  CHECK(keys.error().message.find(file.string()) != std::string::npos);
  return keys.error().code;
}

TEST_CASE("subject keys: a destroyed one is gone from the file for good, the others stay") {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "keys";
  const std::string before = three_keys(file);
  const std::string second = before.substr(record_size + 8, sizeof(SealingKey));
  {
    auto keys = FileSubjectKeys::open(file);
    const auto third = *(*keys)->find(UserId(3));
    std::ifstream old(file, std::ios::binary);  // The bytes that have no name any more.
    REQUIRE((*keys)->destroy({UserId(2), UserId(9)}).has_value());
    CHECK(std::string(std::istreambuf_iterator<char>(old), {}) == std::string(before.size(), '\0'));
    CHECK_FALSE((*keys)->find(UserId(2)).has_value());
    CHECK(*(*keys)->find(UserId(3)) == third);
    CHECK((*keys)->obtain(UserId(2)).error().code == ErrorCode::failed);
    REQUIRE((*keys)->obtain(UserId(4)).has_value());
  }
  CHECK(content_of(file).size() == before.size());
  CHECK(content_of(file).find(second) == std::string::npos);
  const auto again = FileSubjectKeys::open(file);
  CHECK((*again)->users().size() == 3);
  CHECK_FALSE((*again)->find(UserId(2)).has_value());
}

TEST_CASE("subject keys: a key stays the same, in the object and in the file") {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "keys";
  SealingKey first{};
  {
    const auto keys = FileSubjectKeys::open(file);
    REQUIRE(keys.has_value());
    CHECK_FALSE((*keys)->find(UserId(0)).has_value());
    first = (*keys)->obtain(UserId(0)).value();
    CHECK((*keys)->obtain(UserId(0)).value() == first);
    CHECK((*keys)->obtain(UserId(1)).value() != first);
  }
  const auto keys = FileSubjectKeys::open(file);
  REQUIRE(keys.has_value());
  CHECK((*keys)->find(UserId(0)) == first);
  CHECK(content_of(file).size() == 2 * record_size);
}

TEST_CASE("subject keys: only the owner may read the file") {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "keys";
  write(file, "");
  fs::permissions(file, fs::perms::all);
  REQUIRE(FileSubjectKeys::open(file).has_value());
  CHECK(fs::status(file).permissions() == (fs::perms::owner_read | fs::perms::owner_write));
}

TEST_CASE("subject keys: a torn last record is cut off, the others stay") {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "keys";
  const std::string content = three_keys(file);
  for (std::size_t size = 2 * record_size; size < content.size(); ++size) {
    write(file, content.substr(0, size));
    const auto keys = FileSubjectKeys::open(file);
    REQUIRE(keys.has_value());
    CHECK((*keys)->find(UserId(2)).has_value());
    CHECK_FALSE((*keys)->find(UserId(3)).has_value());
    CHECK(content_of(file) == content.substr(0, 2 * record_size));
  }
}

TEST_CASE("subject keys: damage before the last record is corrupt and left as it is") {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "keys";
  const std::string content = three_keys(file);
  for (std::size_t at = 0; at < 2 * record_size; ++at) {
    std::string damaged = content;
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    write(file, damaged);
    CHECK(refusal(file) == ErrorCode::corrupt);
    CHECK(content_of(file) == damaged);
  }
  write(file, content.substr(0, record_size) + content);
  CHECK(refusal(file) == ErrorCode::corrupt);
}

TEST_CASE("subject keys: one process at a time, and its folder must be there") {
  const TemporaryFolder folder;
  const auto first = FileSubjectKeys::open(folder.path() / "keys");
  REQUIRE(first.has_value());
  CHECK(refusal(folder.path() / "keys") == ErrorCode::in_use);
  CHECK(refusal(folder.path() / "nowhere" / "keys") == ErrorCode::failed);
}

TEST_CASE("sealing: opens with all of key, nonce and context only") {
  const SealingKey key{1};
  const SealingNonce nonce{2};
  const auto sealed = seal(key, nonce, "context", "secret");
  CHECK(unseal(key, nonce, "context", sealed) == "secret");
  CHECK_FALSE(unseal(SealingKey{3}, nonce, "context", sealed).has_value());
  CHECK_FALSE(unseal(key, SealingNonce{4}, "context", sealed).has_value());
  CHECK_FALSE(unseal(key, nonce, "other", sealed).has_value());
  auto changed = sealed;
  changed[0] ^= 1U;
  CHECK_FALSE(unseal(key, nonce, "context", changed).has_value());
  CHECK_FALSE(unseal(key, nonce, "context", {}).has_value());
  CHECK(unseal(key, nonce, "", seal(key, nonce, "", "")) == "");
}

}  // namespace
}  // namespace muster
