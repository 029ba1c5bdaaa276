// Where one item of an Ion text ends and the next one begins, without reading what is in them.
//
// Items are the structs at the top of the text, or in a list at its top; on lines of their own or over many lines.
// Version markers and commas between them are passed over, and so is a local symbol table. Anything else there, and a
// struct that does not end, is a fault. After a fault the next item is looked for behind the next line break; an item
// that has not ended when a line begins with "$ion_1_0" is faulty, and the next one begins there.
//
// Threading: belongs to one thread at a time.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace reprise::dynamo {

class IonFramer {
 public:
  // `item`: the text of one struct. `fault`: a message.
  using Sink = std::function<void(std::string_view item, std::string_view fault)>;

  IonFramer(std::size_t item_size_max, Sink sink) : item_size_max_(item_size_max), sink_(std::move(sink)) {}

  void feed(BytesView bytes);
  void finish();

 private:
  enum class In : std::uint8_t {
    plain,
    text,           // "..."
    symbol,         // '...'
    long_text,      // '''...'''
    line_comment,   // //...
    block_comment,  // /*...*/
    skipping,       // behind a fault, up to the line's end
  };

  void run(bool last);
  void plain(char c);
  void open(char c);
  void close(char c);
  void line_end();
  void fault(std::string_view message);
  void end_loose();
  [[nodiscard]] bool at(std::string_view what) const { return BytesView(buffer_).substr(position_).starts_with(what); }
  [[nodiscard]] bool in_item() const { return item_start_ != std::string::npos; }

  const std::size_t item_size_max_;
  const Sink sink_;
  Bytes buffer_;  // from the item under way (or from where we are) on
  std::size_t position_ = 0;
  std::size_t item_start_ = std::string::npos;
  std::string open_;     // the brackets around us; a list of items at the top is the first of them
  bool listed_ = false;  // in such a list
  std::string loose_;    // what stands between items; only markers and commas may
  bool table_ = false;   // the struct under way is a symbol table
  In in_ = In::plain;
};

}  // namespace reprise::dynamo
