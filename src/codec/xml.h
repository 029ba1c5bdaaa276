// XML as S3 speaks it: reading small whole documents, and writing them.
//
// The reader takes XML 1.0 in UTF-8 and is strict, for it reads what anybody may send. There is no DTD processing at
// all: a document type declaration is refused, and with it every way of making a small document large or of naming
// something outside of it. Entities are the five that XML has, and character references. Comments and processing
// instructions are passed over; a prefix of a namespace is cut off every name and the declarations of namespaces are
// not kept but for the root's own, for S3 goes by local names alone. Its work and memory are linear in the size of the
// text.
//
// A character reference may name any character but NUL, though XML 1.0 knows no control characters: S3's answers have
// such references (XML 1.1 allows them), the writer below makes them, and what it writes must read back. NUL, which no
// XML has, is for whoever asks for it.
//
// Pure functions, thread-safe; an XmlWriter belongs to one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"

namespace reprise::codec {

// ---- Reading -------------------------------------------------------------------------------------------------------

struct XmlElement {
  std::string name;  // the local name: "Key" for <s3:Key>
  std::string text;  // all character data directly in it, white space and all; line ends are '\n'
  std::vector<XmlElement> children;
  // By local name: "type" for xsi:type. Declarations of namespaces are left out; the root has its own namespace, where
  // one is declared, as its first: "xmlns".
  std::vector<std::pair<std::string, std::string>> attributes;

  // The first child of that name, or null.
  [[nodiscard]] const XmlElement* child(std::string_view name) const;
  // Its text; empty when there is none.
  [[nodiscard]] std::string_view text_of(std::string_view name) const;
  // The value of an attribute, or null.
  [[nodiscard]] const std::string* attribute(std::string_view name) const;
};

// What a document may have at most. The defaults hold for every document that S3 defines (the largest is
// CompleteMultipartUpload with 10,000 parts); a server gives smaller ones where it knows better.
struct XmlLimits {
  std::size_t bytes_max = std::size_t{16} << 20;
  std::size_t depth_max = 64;  // 1: the root alone
  std::size_t elements_max = 100'000;
  std::size_t attributes_max = 16;  // of one element, declarations of namespaces included
  bool nul_references = false;      // "&#0;" is taken: keys of objects may hold one
};

// The document's root element. Fails with Code::invalid, naming what is wrong and where, for everything that is not
// well-formed, is not UTF-8, has a document type declaration, or passes a limit.
Result<XmlElement> parse_xml(BytesView text, const XmlLimits& limits = {});

// ---- Writing -------------------------------------------------------------------------------------------------------

// Appends character data as S3 writes it: & < > " as entities, and as references what XML cannot carry or would change:
// a carriage return ("&#13;") and control characters ("&#x8;"). Bytes that are not UTF-8 become U+FFFD each, so that
// the document stays well-formed. NUL is written as a reference too, which no reader takes: a caller whose text may
// hold one offers its clients encoding-type=url, and encodes the text before it comes here.
void append_xml_text(Bytes& out, std::string_view text);

// Writes one document to the end of `out`, without white space between its elements:
//
//   XmlWriter xml(body);
//   xml.declaration();
//   xml.open("ListBucketResult", s3_namespace);
//   xml.element("Name", bucket);
//   xml.open("Contents"); ... xml.close();
//   xml.close();
//
// Names are the program's own, must be XML names and outlive the writer. The order of calls is the caller's to keep:
// each open() has its close().
class XmlWriter {
 public:
  explicit XmlWriter(Bytes& out) : out_(out) {}

  // <?xml version="1.0" encoding="UTF-8"?> and a line break, first of all where it is wanted.
  void declaration();

  // Begins an element; with a namespace it declares that one as the default.
  void open(std::string_view name);
  void open(std::string_view name, std::string_view name_space);
  // Begins an element with attributes, whose values are escaped: {{"xmlns:xsi", "..."}, {"xsi:type", "Group"}}.
  void open_with(std::string_view name, const std::vector<std::pair<std::string_view, std::string_view>>& attributes);
  // Ends the one that was begun last.
  void close();

  // A whole element. An empty text gives <Prefix></Prefix>.
  void element(std::string_view name, std::string_view text);
  void element(std::string_view name, const char* text) { element(name, std::string_view(text)); }
  void element(std::string_view name, std::uint64_t number);
  enum class Truth : bool { no, yes };
  void element(std::string_view name, Truth truth);  // "true" or "false"

  // How many elements are open.
  [[nodiscard]] std::size_t depth() const { return open_.size(); }

 private:
  Bytes& out_;
  std::vector<std::string_view> open_;
};

// The namespace of S3's documents; its error documents alone have none.
inline constexpr std::string_view s3_namespace = "http://s3.amazonaws.com/doc/2006-03-01/";

}  // namespace reprise::codec
