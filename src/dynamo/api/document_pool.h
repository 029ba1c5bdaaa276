// JsonDocuments at hand: each keeps the buffers of the request before, so a request need not allocate them anew.
#pragma once

#include <memory>
#include <vector>

#include "codec/json.h"

namespace reprise::dynamo {

// A document from the calling thread's pool; goes back to that of the thread it is destroyed on.
class PooledDocument {
 public:
  PooledDocument();
  ~PooledDocument();
  PooledDocument(const PooledDocument&) = delete;
  PooledDocument& operator=(const PooledDocument&) = delete;
  // As JsonDocument::parse. A document that has seen a large text is not kept: its buffers are many times as large.
  Result<codec::JsonValue> parse(BytesView text) {
    keep_ = keep_ && text.size() <= kept_text_max;
    return document_->parse(text);
  }

 private:
  static constexpr std::size_t kept_max = 32;  // by each thread
  static constexpr std::size_t kept_text_max = std::size_t{64} * 1024;
  static std::vector<std::unique_ptr<codec::JsonDocument>>& pool();
  std::unique_ptr<codec::JsonDocument> document_;
  bool keep_ = true;
};

}  // namespace reprise::dynamo
