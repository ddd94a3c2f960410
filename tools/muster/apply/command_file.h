#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "tools/muster/output/failure.h"
#include "tools/muster/support/surroundings.h"

namespace muster::cli {

/// A file of commands, one a line, of any size. Standard input is put aside in a file first, so
/// that it can be read again as well.
class CommandFile {
 public:
  /// Reads all of `name` once (`-`: standard input). Failures: it cannot be read.
  static CliResult<CommandFile> open(const Surroundings& around, const std::string& name);

  /// Of all of its bytes, as text: the same for the same file only.
  [[nodiscard]] const std::string& digest() const noexcept { return digest_; }

  /// How many lines are not blank.
  [[nodiscard]] std::uint64_t commands() const noexcept { return commands_; }

  /// A place in the file that only goes on. Lines have numbers from 1.
  class Cursor {
   public:
    explicit Cursor(const CommandFile& file) : file_(file.file_) {}

    /// The bytes from here on, about 64 KiB of them; none at the end, or if it cannot be read.
    std::string part();

    /// The line `number`, which must not be before this place; nullopt if there is none.
    std::optional<std::string> line(std::uint64_t number);

    /// Goes to the beginning of line `number`.
    void skip_to(std::uint64_t number);

   private:
    bool fill();

    std::shared_ptr<std::FILE> file_;
    std::int64_t offset_ = 0;  // In the file, of what is to be read next.
    std::string buffer_;       // Read before that, and not given yet.
    std::uint64_t number_ = 1;
  };

 private:
  explicit CommandFile(std::shared_ptr<std::FILE> file) : file_(std::move(file)) {}
  bool read_all();

  std::shared_ptr<std::FILE> file_;
  std::string digest_;
  std::uint64_t commands_ = 0;
};

}  // namespace muster::cli
