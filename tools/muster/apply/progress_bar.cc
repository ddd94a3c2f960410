#include "tools/muster/apply/progress_bar.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace muster::cli {
namespace {

using std::chrono::duration;

constexpr std::chrono::milliseconds redraw_every{200};
constexpr std::chrono::seconds line_every{10};
constexpr std::size_t bar_width = 24;

/// `0:07`, `12:30`, `3:05:00`.
std::string time_text(double seconds) {
  const auto whole = static_cast<std::uint64_t>(std::ceil(seconds));
  const auto hours = whole / 3600;
  const auto minutes = whole / 60 % 60;
  if (hours == 0) return fmt::format("{}:{:02}", minutes, whole % 60);
  return fmt::format("{}:{:02}:{:02}", hours, minutes, whole % 60);
}

}  // namespace

std::string progress_text(const ProgressState& state, duration<double> elapsed) {
  const double part =
      state.total == 0
          ? 0
          : std::min(1.0, static_cast<double>(state.done) / static_cast<double>(state.total));
  const auto filled = static_cast<std::size_t>(part * static_cast<double>(bar_width));
  std::string text = fmt::format("[{}{}] {:3.0f}%  {} of {}", std::string(filled, '#'),
                                 std::string(bar_width - filled, '.'), std::floor(part * 100),
                                 state.done, state.total);
  const double rate = static_cast<double>(state.done - state.done_before) / elapsed.count();
  if (elapsed.count() > 0 && rate > 0) {
    const double left = static_cast<double>(state.total - std::min(state.done, state.total)) / rate;
    text += fmt::format("  {:.0f}/s  {} left", rate, time_text(left));
  }
  if (state.failed > 0) text += fmt::format("  {} failed", state.failed);
  return text;
}

void ProgressBar::update(const ProgressState& state, Clock::time_point now) {
  if (now - shown_ < (terminal_ ? duration<double>(redraw_every) : duration<double>(line_every))) {
    return;
  }
  shown_ = now;
  std::string text = progress_text(state, now - start_);
  if (!terminal_) return err_(text.append("\n"));
  const std::size_t width = text.size();
  text.append(width_ > width ? width_ - width : 0, ' ');  // Over what stood there.
  width_ = width;
  err_(fmt::format("\r{}", text));
}

void ProgressBar::clear() {
  if (width_ == 0) return;
  err_(fmt::format("\r{}\r", std::string(width_, ' ')));
  width_ = 0;
}

}  // namespace muster::cli
