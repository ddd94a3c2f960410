#include "tools/muster/apply/command_file.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <istream>

#include "core/base/digest.h"
#include "core/base/hex.h"

namespace muster::cli {
namespace {

constexpr std::size_t part_bytes = std::size_t{64} << 10U;
constexpr std::size_t digest_digits = 32;

tl::unexpected<Failure> unusable(const std::string& name, int error) {
  const auto what = name == "-" ? std::string("standard input") : name;
  return failed(Error{ErrorCode::failed,
                      fmt::format("cannot use {}: {}", what,
                                  error == 0 ? "it cannot be read" : std::strerror(error))});
}

/// All of `in`, in a file that has no name and goes with the last one who has it open.
std::FILE* put_aside(std::istream& in) {
  std::FILE* file = std::tmpfile();
  std::string part(part_bytes, '\0');
  while (file != nullptr && in.good()) {
    in.read(part.data(), static_cast<std::streamsize>(part.size()));
    const auto size = static_cast<std::size_t>(in.gcount());
    if (std::fwrite(part.data(), 1, size, file) != size) break;
  }
  if (file == nullptr || (std::fflush(file) == 0 && in.eof())) return file;
  std::fclose(file);
  return nullptr;
}

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

}  // namespace

CliResult<CommandFile> CommandFile::open(const Surroundings& around, const std::string& name) {
  errno = 0;
  std::FILE* file = name == "-" ? put_aside(around.in) : std::fopen(name.c_str(), "rb");
  if (file == nullptr) return unusable(name, errno);
  CommandFile opened(std::shared_ptr<std::FILE>(file, [](std::FILE* each) { std::fclose(each); }));
  if (!opened.read_all()) return unusable(name, errno);
  return opened;
}

/// The digest is of the digests before and of each part, so that parts are all it needs.
bool CommandFile::read_all() {
  Digest digest{};
  Cursor cursor(*this);
  bool blank = true;
  errno = 0;
  for (std::string part = cursor.part(); !part.empty(); part = cursor.part()) {
    digest = sha256({digest, as_bytes(part)});
    for (const char c : part) {
      if (c == '\n' && !blank) ++commands_;
      blank = c == '\n' || (blank && is_blank(std::string_view(&c, 1)));
    }
  }
  if (!blank) ++commands_;
  digest_ = to_hex(digest).substr(0, digest_digits);
  return errno == 0;
}

/// Reads on; false at the end.
bool CommandFile::Cursor::fill() {
  std::string part(part_bytes, '\0');
  const auto size = ::pread(::fileno(file_.get()), part.data(), part.size(), offset_);
  if (size <= 0) return false;
  offset_ += size;
  buffer_.append(part, 0, static_cast<std::size_t>(size));
  return true;
}

std::string CommandFile::Cursor::part() {
  if (buffer_.empty()) fill();
  return std::exchange(buffer_, {});
}

std::optional<std::string> CommandFile::Cursor::line(std::uint64_t number) {
  std::size_t begin = 0;
  while (true) {
    const auto end = buffer_.find('\n', begin);
    if (end == std::string::npos) {
      buffer_.erase(0, begin);
      begin = 0;
      if (fill()) continue;
      if (number_ != number || buffer_.empty()) return std::nullopt;
      ++number_;
      return std::exchange(buffer_, {});
    }
    if (number_++ == number) {
      auto line = buffer_.substr(begin, end - begin);
      buffer_.erase(0, end + 1);
      return line;
    }
    begin = end + 1;
  }
}

void CommandFile::Cursor::skip_to(std::uint64_t number) {
  if (number > number_) line(number - 1);
}

}  // namespace muster::cli
