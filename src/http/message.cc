// Headers and whole bodies. A handler that wants a small body in one piece gets it without a coroutine frame when the
// body has arrived already, which is the usual case.
#include "http/message.h"

#include <algorithm>
#include <limits>

namespace reprise::http {

namespace {

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

Status over_limit(std::size_t limit) {
  return {Code::exhausted, "the body is longer than " + std::to_string(limit) + " bytes"};
}

Task<Result<Bytes>> read_rest(BodyReader& body, std::size_t limit, Bytes all) {
  const auto length = body.length();
  if (length) all.reserve(static_cast<std::size_t>(std::min<std::uint64_t>(*length, limit)));
  for (;;) {
    CO_TRY_ASSIGN(Bytes piece, co_await body.read());
    if (piece.empty()) co_return Result<Bytes>(std::move(all));
    if (piece.size() > limit - all.size()) co_return Result<Bytes>(over_limit(limit));
    all += piece;
  }
}

}  // namespace

bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

void Headers::add(std::string_view name, std::string_view value) {
  const std::size_t start = text_.size();
  ASSERT(start + name.size() + value.size() <= std::numeric_limits<std::uint32_t>::max());
  if (start + name.size() + value.size() > text_.capacity()) {
    // Into a new string, so that `name` and `value` may be views into this one.
    std::string grown;
    grown.reserve(std::max<std::size_t>(256, 2 * (start + name.size() + value.size())));
    grown.append(text_).append(name).append(value);
    text_.swap(grown);
  } else {
    text_.append(name).append(value);
  }
  slots_.push_back({static_cast<std::uint32_t>(start), static_cast<std::uint32_t>(name.size()),
                    static_cast<std::uint32_t>(value.size())});
}

void Headers::set(std::string_view name, std::string_view value) {
  remove(name);  // forgets slots only: a `value` that points in here stays good
  add(name, value);
}

void Headers::remove(std::string_view name) {
  std::erase_if(slots_, [&](const Slot& slot) {
    return equal_ignoring_case(std::string_view(text_).substr(slot.start, slot.name_length), name);
  });
}

void Headers::clear() {
  text_.clear();
  slots_.clear();
}

std::optional<std::string_view> Headers::get(std::string_view name) const {
  for (const auto& [found, value] : *this) {
    if (equal_ignoring_case(found, name)) return value;
  }
  return std::nullopt;
}

Headers::Field Headers::field(std::size_t index) const {
  ASSERT(index < slots_.size());
  const Slot& slot = slots_[index];
  const std::string_view text = text_;
  return {text.substr(slot.start, slot.name_length), text.substr(slot.start + slot.name_length, slot.value_length)};
}

Task<Result<Bytes>> read_all(BodyReader& body, std::size_t limit) {
  const auto length = body.length();
  if (length && *length > limit) return Result<Bytes>(over_limit(limit));
  Bytes first;
  if (length) {
    auto task = body.read();
    if (!task.await_ready()) {
      // Not here yet: wait for it in a coroutine.
      return [](BodyReader& from, std::size_t most, Task<Result<Bytes>> pending) -> Task<Result<Bytes>> {
        CO_TRY_ASSIGN(Bytes piece, co_await pending);
        if (piece.empty()) co_return Result<Bytes>(std::move(piece));
        if (piece.size() > most) co_return Result<Bytes>(over_limit(most));
        co_return co_await read_rest(from, most, std::move(piece));
      }(body, limit, std::move(task));
    }
    auto piece = task.await_resume();
    if (!piece.ok()) return Result<Bytes>(std::move(piece).error());
    if (piece->empty() || piece->size() == *length) return Result<Bytes>(std::move(*piece));
    if (piece->size() > limit) return Result<Bytes>(over_limit(limit));
    first = std::move(*piece);
  }
  return read_rest(body, limit, std::move(first));
}

}  // namespace reprise::http
