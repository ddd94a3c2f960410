#include "core/log/checkpoint/checkpoint_signer.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include "core/log/checkpoint/note.h"
#include "tests/support/memory_tree.h"
#include "tests/support/temporary_folder.h"

namespace muster {
namespace {

namespace fs = std::filesystem;
using test::MemoryTree;

const Uuid log_id = *parse_uuid("00112233445566778899aabbccddeeff");

// A folder with the files of a signer, and a tree to sign.
struct Stand {
  test::TemporaryFolder folder;
  MemoryTree tree;

  [[nodiscard]] CheckpointSigner::Files files() const {
    return {.key = folder.path() / "key.pem",
            .latest = folder.path() / "checkpoint",
            .verifier = folder.path() / "checkpoint.vkey"};
  }
  void grow(int count, const std::string& prefix = "") {
    for (int i = 0; i < count; ++i) {
      tree.append(prefix + std::to_string(tree.tree_head().size));
    }
  }
  [[nodiscard]] Result<std::unique_ptr<CheckpointSigner>> open(const std::string& name = "",
                                                               std::uint64_t epoch = 1) const {
    return CheckpointSigner::open(files(), {.name = name, .log = log_id, .epoch = epoch}, tree);
  }
  [[nodiscard]] SignedCheckpoint sign() const {
    auto signer = open();
    REQUIRE_MESSAGE(signer.has_value(), signer.error().message);
    auto made = (*signer)->sign();
    REQUIRE_MESSAGE(made.has_value(), made.error().message);
    return *made;
  }
};

std::string content(const fs::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST_CASE("checkpoint signer: what it signs opens with what it tells others, and is on disk") {
  Stand stand;
  stand.grow(300);
  auto signer = stand.open("muster.example.com");
  REQUIRE(signer.has_value());
  CHECK_FALSE((*signer)->latest().has_value());
  const auto made = (*signer)->sign();
  REQUIRE(made.has_value());
  CHECK(made->checkpoint.head == stand.tree.tree_head());
  CHECK(made->checkpoint.origin == "muster.example.com/00112233445566778899aabbccddeeff/e1");
  CHECK(content(stand.files().latest) == made->note);
  std::string told = content(stand.files().verifier);
  REQUIRE(told.ends_with('\n'));
  told.pop_back();
  const auto verifier = NoteVerifier::parse(told);
  REQUIRE(verifier.has_value());
  CHECK(open_note(made->note, *verifier) == to_text(made->checkpoint));
  CHECK(fs::status(stand.files().key).permissions() ==
        (fs::perms::owner_read | fs::perms::owner_write));
}

TEST_CASE("checkpoint signer: goes on where it ended, under the same name and key") {
  Stand stand;
  stand.grow(10);
  const auto first = stand.sign();
  const auto again = stand.sign();
  CHECK(again.note == first.note);
  stand.grow(500);
  const auto second = stand.sign();
  CHECK(second.checkpoint.origin == first.checkpoint.origin);
  CHECK(second.checkpoint.head.size == 510);
  const auto renamed = stand.open("another");
  REQUIRE_FALSE(renamed.has_value());
  CHECK(renamed.error().code == ErrorCode::invalid_input);
}

TEST_CASE("checkpoint signer: a smaller or different tree is never signed") {
  Stand stand;
  stand.grow(100);
  const auto before = stand.sign();
  for (const int events : {99, 100, 500}) {
    Stand other;
    fs::copy(stand.folder.path(), other.folder.path(), fs::copy_options::recursive);
    other.grow(events, events == 99 ? "" : "other ");
    auto signer = other.open();
    REQUIRE(signer.has_value());
    const auto refused = (*signer)->sign();
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == ErrorCode::corrupt);
    CHECK(content(other.files().latest) == before.note);
    REQUIRE((*signer)->latest().has_value());
    CHECK((*signer)->latest()->note == before.note);
  }
}

TEST_CASE("checkpoint signer: a new epoch begins anew under another origin") {
  Stand stand;
  stand.grow(100);
  const auto before = stand.sign();
  Stand restored;
  fs::copy(stand.folder.path(), restored.folder.path(), fs::copy_options::recursive);
  restored.grow(50);
  auto signer = restored.open("", 2);
  REQUIRE(signer.has_value());
  const auto made = (*signer)->sign();
  REQUIRE(made.has_value());
  CHECK(made->checkpoint.head.size == 50);
  CHECK(made->checkpoint.origin == "muster/00112233445566778899aabbccddeeff/e2");
}

TEST_CASE("checkpoint signer: damaged files are corrupt, and it says which") {
  Stand stand;
  stand.grow(5);
  const auto made = stand.sign();
  const auto refused = [&](const fs::path& file) {
    const auto signer = stand.open();
    REQUIRE_FALSE(signer.has_value());
    CHECK(signer.error().code == ErrorCode::corrupt);
    CHECK(signer.error().message.find(file.string()) != std::string::npos);
  };
  const fs::path latest = stand.files().latest;
  std::ofstream(latest) << "nonsense";
  refused(latest);
  std::string changed = made.note;
  changed.replace(changed.find("\n5\n"), 3, "\n4\n");
  std::ofstream(latest) << changed;
  refused(latest);
  std::ofstream(latest) << made.note;
  CHECK(stand.open().has_value());
  const std::string key = content(stand.files().key);
  fs::remove(stand.files().key);
  refused(stand.files().key);
  std::ofstream(stand.files().key) << "nonsense";
  refused(stand.files().key);
}

TEST_CASE("checkpoint signer: a name that cannot be one is refused") {
  const Stand stand;
  for (const std::string name : {"two words", "plus+sign", "new\nline"}) {
    const auto signer = stand.open(name);
    REQUIRE_FALSE(signer.has_value());
    CHECK(signer.error().code == ErrorCode::invalid_input);
  }
}

}  // namespace
}  // namespace muster
