#include "dynamo/api/document_pool.h"

#include <utility>

namespace reprise::dynamo {

std::vector<std::unique_ptr<codec::JsonDocument>>& PooledDocument::pool() {
  thread_local std::vector<std::unique_ptr<codec::JsonDocument>> documents;
  return documents;
}

PooledDocument::PooledDocument() {
  auto& documents = pool();
  if (documents.empty()) {
    document_ = std::make_unique<codec::JsonDocument>();
  } else {
    document_ = std::move(documents.back());
    documents.pop_back();
  }
}

PooledDocument::~PooledDocument() {
  auto& documents = pool();
  if (keep_ && documents.size() < kept_max) documents.push_back(std::move(document_));
}

}  // namespace reprise::dynamo
