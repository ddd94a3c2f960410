#pragma once

#include <cstddef>
#include <filesystem>
#include <string_view>

#include "broker-bridge/support/unique_fd.h"

namespace muster::agent {

/// A file that never grows beyond a size: when it is full it becomes `FILE.1`, in the place of the
/// one before, and a new one begins. What cannot be written is dropped: a full disk stops nobody.
class RotatedLog {
 public:
  static constexpr std::size_t default_size_max = std::size_t{1} << 20U;

  explicit RotatedLog(std::filesystem::path file, std::size_t size_max = default_size_max);

  void append(std::string_view bytes);

 private:
  void open();

  std::filesystem::path file_;
  std::size_t size_max_;
  std::size_t size_ = 0;
  UniqueFd fd_;
};

}  // namespace muster::agent
