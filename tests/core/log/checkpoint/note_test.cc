#include "core/log/checkpoint/note.h"

#include <doctest/doctest.h>

#include <string>

#include "core/log/checkpoint/checkpoint.h"

namespace muster {
namespace {

// The test vector of C2SP signed-note.
constexpr const char* vkey =
    "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
const std::string text = "This is an example message.\n";
const std::string line =
    "\u2014 example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFX"
    "mRKuwHjG1Yu72IneyaQM=\n";
const std::string note = text + "\n" + line;

NoteVerifier verifier() {
  auto parsed = NoteVerifier::parse(vkey);
  REQUIRE(parsed.has_value());
  return *parsed;
}

TEST_CASE("note: opens the specification's test vector, and nothing that was changed") {
  CHECK(verifier().text() == vkey);
  CHECK(open_note(note, verifier()) == text);
  std::string changed = note;
  changed[3] = 'x';
  CHECK(open_note(changed, verifier()).error().message.find("wrong") != std::string::npos);
  changed = note;
  changed[note.size() - 10] = changed[note.size() - 10] == 'A' ? 'B' : 'A';
  CHECK_FALSE(open_note(changed, verifier()).has_value());
}

TEST_CASE("note: signatures of others neither help nor hurt") {
  const NoteSigner other = NoteSigner::generate("other.example/log");
  const NoteSigner namesake = NoteSigner::generate("example.com/foo");
  const std::string others = sign_note(text, other).substr(text.size() + 1) +
                             sign_note(text, namesake).substr(text.size() + 1);
  CHECK(open_note(text + "\n" + others + line, verifier()) == text);
  const auto unsigned_note = open_note(text + "\n" + others, verifier());
  REQUIRE_FALSE(unsigned_note.has_value());
  CHECK(unsigned_note.error().message.find("not signed by") != std::string::npos);
}

TEST_CASE("note: a wrong signature of the key spoils the note, whatever else is in it") {
  const NoteSigner signer = NoteSigner::generate("here.example/log");
  const std::string good = sign_note(text, signer);
  const std::string bad = sign_note("other\n", signer).substr(7);
  CHECK(open_note(good, signer.verifier()) == text);
  CHECK_FALSE(open_note(good + bad, signer.verifier()).has_value());
}

TEST_CASE("note: what is no note is refused") {
  for (const std::string& wrong :
       {std::string(), text, text + "\n", note.substr(0, note.size() - 1), text + line,
        "a\tb\n\n" + line, "\xff\n\n" + line, text + "\n" + line + "junk\n", text + "\n\u2014 x\n",
        text + "\n\u2014 x y\n", std::string(2'000'000, 'a') + note}) {
    CHECK_FALSE(open_note(wrong, verifier()).has_value());
  }
}

TEST_CASE("note key: comes back from its texts") {
  const NoteSigner signer = NoteSigner::generate("muster/abc/e1");
  const auto again = NoteSigner::from_pem("muster/abc/e1", signer.private_pem());
  REQUIRE(again.has_value());
  CHECK(again->verifier().text() == signer.verifier().text());
  CHECK(again->sign("x\n") == signer.sign("x\n"));
  CHECK_FALSE(NoteSigner::from_pem("muster", "no key").has_value());
  for (const std::string wrong :
       {"", "a+b", "example.com/foo+530d903a+",
        "example.com/foo+530d903b+"
        "AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530d903a+AukyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"}) {
    CHECK_FALSE(NoteVerifier::parse(wrong).has_value());
  }
}

TEST_CASE("note key: names are printable, without spaces and plus signs") {
  CHECK(is_note_key_name("muster.example.com/log"));
  for (const std::string& wrong :
       {std::string(), std::string("a b"), std::string("a+b"), std::string("a\nb"),
        std::string("\u00e4"), std::string(201, 'a')}) {
    CHECK_FALSE(is_note_key_name(wrong));
  }
}

TEST_CASE("checkpoint: comes back from its text, and other texts are none") {
  Checkpoint checkpoint{.origin = make_origin("muster", *parse_uuid(std::string(32, '7')), 12),
                        .head = {.size = 70'000, .root = {}}};
  CHECK(checkpoint.origin == "muster/77777777777777777777777777777777/e12");
  const std::string made = to_text(checkpoint);
  CHECK(made == checkpoint.origin + "\n70000\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n");
  CHECK(parse_checkpoint(made) == checkpoint);
  CHECK(parse_checkpoint(made + "extension\n") == checkpoint);
  for (const std::string& wrong :
       {std::string(), std::string("a\n1\n"), std::string("\n1\n") + made,
        std::string("a\n01\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"),
        std::string("a\n-1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"),
        std::string("a\n1\nAAAA\n"), made.substr(0, made.size() - 1)}) {
    CHECK_FALSE(parse_checkpoint(wrong).has_value());
  }
}

}  // namespace
}  // namespace muster
