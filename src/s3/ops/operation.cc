#include "s3/ops/operation.h"

#include <utility>

namespace reprise::s3 {

Reply xml_reply(Bytes document) {
  Reply reply;
  reply.headers.add("Content-Type", "application/xml");
  reply.body = std::move(document);
  return reply;
}

}  // namespace reprise::s3
