// A scanner that knows Ion's brackets, quotes and comments and nothing else.
//
// Invariant: buffer_ holds the item under way, at most item_size_max_ bytes of it, and what was fed last; every byte is
// looked at once. A few bytes are kept back until more is fed or the end is known, so that ''' and $ion_1_0 are seen
// whole.
#include "dynamo/archive/ion_framer.h"

#include <algorithm>

namespace reprise::dynamo {

namespace {

constexpr std::size_t lookahead = 8;
constexpr std::size_t loose_size_max = 256;
constexpr std::string_view version_marker = "$ion_1_0";
constexpr std::string_view symbol_table = "$ion_symbol_table::";

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f'; }

}  // namespace

void IonFramer::feed(BytesView bytes) {
  buffer_.append(bytes);
  run(false);
  const std::size_t keep = in_item() ? item_start_ : position_;
  buffer_.erase(0, keep);
  position_ -= keep;
  if (in_item()) item_start_ = 0;
}

void IonFramer::finish() {
  run(true);
  if (in_ == In::block_comment || in_ == In::long_text || in_item() || !open_.empty()) {
    fault("the object ends in the middle of an item");
  } else {
    end_loose();
  }
}

void IonFramer::run(bool last) {
  const std::size_t limit = last ? buffer_.size() : buffer_.size() - std::min(buffer_.size(), lookahead);
  while (position_ < limit) {
    if (in_item() && position_ - item_start_ >= item_size_max_) fault("an item is too long");
    const char c = buffer_[position_];
    if (in_ == In::skipping || in_ == In::line_comment) {
      if (c == '\n') line_end();
      ++position_;
    } else if (in_ == In::block_comment) {
      if (at("*/")) in_ = In::plain;
      position_ += in_ == In::plain ? 2 : 1;
    } else if (in_ == In::long_text) {
      if (at("'''")) in_ = In::plain;
      position_ += in_ == In::plain ? 3 : c == '\\' ? 2 : 1;
    } else if (in_ == In::text || in_ == In::symbol) {
      if (c == '\n') {
        fault("a quoted text does not end on its line");
        line_end();
      } else if (c == (in_ == In::text ? '"' : '\'')) {
        in_ = In::plain;
      } else if (c == '\\') {
        ++position_;
      }
      ++position_;
    } else {
      plain(c);
    }
  }
}

void IonFramer::line_end() {
  in_ = In::plain;
  if (!in_item()) end_loose();
}

// One step outside quotes and comments.
void IonFramer::plain(char c) {
  const bool line_start = position_ == 0 || buffer_[position_ - 1] == '\n';
  if (c == '$' && line_start && in_item() && at(version_marker)) {
    fault("an item does not end before the next version marker");
    in_ = In::plain;
    open_.clear();
    listed_ = false;
    return;
  }
  if (at("//")) {
    in_ = In::line_comment;
    position_ += 2;
  } else if (at("/*")) {
    in_ = In::block_comment;
    position_ += 2;
  } else if (at("'''")) {
    if (!in_item()) loose_.push_back(c);
    in_ = In::long_text;
    position_ += 3;
  } else if (c == '"' || c == '\'') {
    if (!in_item()) loose_.push_back(c);
    in_ = c == '"' ? In::text : In::symbol;
    ++position_;
  } else if (c == '{' || c == '[' || c == '(') {
    open(c);
  } else if (c == '}' || c == ']' || c == ')') {
    close(c);
  } else {
    if (!in_item() && loose_.size() < loose_size_max) loose_.push_back(c);
    ++position_;
    if (c == '\n' && !in_item()) end_loose();
  }
}

void IonFramer::open(char c) {
  if (!in_item()) {
    if (c == '[' && open_.empty()) {
      listed_ = true;
      end_loose();
    } else if (c == '{' && open_.size() == (listed_ ? 1 : 0)) {
      table_ = loose_.ends_with(symbol_table);
      if (table_) loose_.erase(loose_.size() - symbol_table.size());
      end_loose();
      item_start_ = position_;
    } else {
      fault("there is something else than an item");
      return;
    }
  }
  open_.push_back(c);
  ++position_;
}

void IonFramer::close(char c) {
  const char opened = c == '}' ? '{' : c == ']' ? '[' : '(';
  if (open_.empty() || open_.back() != opened) {
    fault("a bracket closes what was not opened");
    return;
  }
  open_.pop_back();
  ++position_;
  if (!in_item()) {
    end_loose();
    listed_ = false;
    return;
  }
  if (open_.size() != (listed_ ? 1 : 0)) return;
  if (!table_) sink_(BytesView(buffer_).substr(item_start_, position_ - item_start_), {});
  item_start_ = std::string::npos;
}

// Goes on behind the line's end. Items of a list at the top stay items of that list.
void IonFramer::fault(std::string_view message) {
  sink_({}, message);
  item_start_ = std::string::npos;
  open_ = listed_ ? "[" : "";
  loose_.clear();
  in_ = In::skipping;
}

// Judges what stood between items: commas, version markers, annotations of the item that follows.
void IonFramer::end_loose() {
  std::string rest = std::move(loose_);
  loose_.clear();
  std::string_view text = rest;
  while (!text.empty()) {
    if (is_space(text[0]) || text[0] == ',') {
      text.remove_prefix(1);
    } else if (text.starts_with(version_marker)) {
      text.remove_prefix(version_marker.size());
    } else {
      break;
    }
  }
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  if (!text.empty() && !text.ends_with("::")) sink_({}, "there is something else than an item");
}

}  // namespace reprise::dynamo
