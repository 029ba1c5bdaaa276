// CompleteMultipartUpload: an object made of parts, in one commit under the key's lock.
//
// Invariants
//   - the commit that makes the object removes the upload's entry and the parts that are in it: what is committed has
//     each blob's name once, whatever comes between;
//   - parts that the object is not made of go afterwards, with their blobs; after a crash the collector sees to them;
//   - who repeats a completion that was done gets the same answer, from the note that the commit left.
#include <algorithm>
#include <charconv>
#include <map>
#include <utility>
#include <vector>

#include "base/fault_point.h"
#include "codec/hex.h"
#include "codec/md5.h"
#include "history/store.h"
#include "s3/model/complete_upload.h"
#include "s3/ops/conditions.h"
#include "s3/ops/key_write.h"
#include "s3/ops/multipart_operations.h"
#include "s3/ops/object_headers.h"
#include "s3/ops/object_locks.h"
#include "s3/ops/put_object.h"
#include "s3/ops/services.h"
#include "s3/ops/uploads.h"

namespace reprise::s3 {

namespace {

constexpr int attempts_max = 20;

// What a request wants: the parts, and what it says of the whole.
struct Completion {
  UploadId id;
  std::vector<CompletedPart> parts;
  std::optional<std::uint64_t> bytes;  // x-amz-mp-object-size
};

Outcome<std::optional<std::uint64_t>> object_size_of(const Fields& headers) {
  const auto text = headers.get("x-amz-mp-object-size");
  if (!text) return std::optional<std::uint64_t>();
  std::uint64_t bytes = 0;
  const auto read = std::from_chars(text->data(), text->data() + text->size(), bytes);
  if (text->empty() || read.ec != std::errc() || read.ptr != text->data() + text->size()) {
    return s3_error(ErrorCode::invalid_request, "Value for x-amz-mp-object-size header is invalid.");
  }
  return std::optional(bytes);
}

S3Error invalid_part(const UploadId& id, const CompletedPart& part) {
  S3Error error = s3_error(ErrorCode::invalid_part);
  error.details = {{"UploadId", id.text()}, {"PartNumber", std::to_string(part.number)}, {"ETag", part.etag}};
  return error;
}

S3Error invalid_order(const UploadId& id) {
  S3Error error = s3_error(ErrorCode::invalid_part_order);
  error.details = {{"UploadId", id.text()}};
  return error;
}

S3Error too_small(const UploadedPart& part) {
  S3Error error = s3_error(ErrorCode::entity_too_small);
  error.details = {{"ProposedSize", std::to_string(part.bytes())},
                   {"MinSizeAllowed", std::to_string(part_bytes_min)},
                   {"PartNumber", std::to_string(part.number())},
                   {"ETag", part.etag}};
  return error;
}

std::string lower_name(codec::ChecksumAlgorithm algorithm) {
  std::string name(codec::checksum_name(algorithm));
  for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return name;
}

Check check_order(const Completion& wanted, const Upload& upload) {
  // Composite checksums are of parts 1, 2, 3 and so on.
  const bool consecutive = upload.checksum_asked && upload.checksum_type == ChecksumType::composite;
  std::uint32_t last = 0;
  for (const CompletedPart& part : wanted.parts) {
    if (part.number <= last || (consecutive && part.number != last + 1)) return invalid_order(wanted.id);
    last = part.number;
  }
  return Passed{};
}

// What the request says of a part's checksum against what was computed.
Check check_part_checksum(const Completion& wanted, const CompletedPart& part, const Upload& upload,
                          const UploadedPart& stored) {
  if (!upload.checksum_asked) {
    return part.checksums.empty() ? Check(Passed{}) : Check(invalid_part(wanted.id, part));
  }
  bool there = false;
  for (const auto& checksum : part.checksums) {
    const bool same =
        checksum.algorithm == upload.checksum && stored.checksum() && stored.checksum()->base64() == checksum.base64;
    if (!same) return invalid_part(wanted.id, part);
    there = true;
  }
  if (there || upload.checksum_type == ChecksumType::full_object) return Passed{};
  return s3_error(ErrorCode::invalid_request,
                  "The upload was created using a " + lower_name(upload.checksum) +
                      " checksum. The complete request must include the checksum for each part. It was missing for "
                      "part " +
                      std::to_string(part.number) + " in the request.");
}

// The parts that are named, each as it was uploaded, in order.
Outcome<std::vector<FoundPart>> choose_parts(const Completion& wanted, const Upload& upload,
                                             std::vector<FoundPart> uploaded) {
  TRY(check_order(wanted, upload));
  std::map<std::uint32_t, FoundPart*> by_number;
  for (FoundPart& part : uploaded) by_number[part.part.number()] = &part;
  std::vector<FoundPart> chosen;
  chosen.reserve(wanted.parts.size());
  for (const CompletedPart& part : wanted.parts) {
    const auto found = by_number.find(part.number);
    if (found == by_number.end() || found->second->part.etag != part.etag) return invalid_part(wanted.id, part);
    TRY(check_part_checksum(wanted, part, upload, found->second->part));
    chosen.push_back(std::move(*found->second));
  }
  for (std::size_t i = 0; i + 1 < chosen.size(); ++i) {
    if (chosen[i].part.bytes() < part_bytes_min) return too_small(chosen[i].part);
  }
  return chosen;
}

// The MD5 of the parts' MD5s, "-" and how many they are.
std::string etag_of_parts(const std::vector<FoundPart>& parts) {
  codec::Md5 md5;
  for (const FoundPart& part : parts) {
    const auto bytes = codec::from_hex(part.part.etag);
    md5.update(bytes.ok() ? BytesView(*bytes) : BytesView(part.part.etag));
  }
  return codec::to_hex(codec::bytes_of(md5.finish())) + '-' + std::to_string(parts.size());
}

std::optional<ObjectChecksum> checksum_of_parts(const Upload& upload, const std::vector<FoundPart>& parts) {
  std::vector<codec::ChecksumValue> values;
  for (const FoundPart& part : parts) {
    if (!part.part.checksum()) return std::nullopt;
    values.push_back(*part.part.checksum());
  }
  if (upload.checksum_type == ChecksumType::composite) {
    return ObjectChecksum{codec::composite(values), ChecksumType::composite, static_cast<std::uint32_t>(values.size())};
  }
  codec::ChecksumValue whole = values.front();
  for (std::size_t i = 1; i < values.size(); ++i) {
    whole = codec::combine(whole, values[i], parts[i].part.bytes());
  }
  return ObjectChecksum{whole, ChecksumType::full_object, 0};
}

// A checksum of another algorithm than the upload's could not be checked against anything.
Check check_algorithm(const Fields& headers, const Upload& upload) {
  for (const auto& [name, value] : headers) {
    const auto algorithm = codec::checksum_of_header(name);
    if (!algorithm || *algorithm == upload.checksum) continue;
    return s3_error(ErrorCode::invalid_request,
                    "Checksum Type mismatch occurred, expected checksum Type: " + lower_name(upload.checksum) +
                        ", actual checksum Type: " + lower_name(*algorithm));
  }
  return Passed{};
}

// x-amz-checksum-type and x-amz-checksum-* of the completion, against what the parts gave.
Check check_object_checksum(const Fields& headers, const Upload& upload, const std::optional<ObjectChecksum>& made) {
  if (const auto type = headers.get("x-amz-checksum-type")) {
    const std::string_view expected = checksum_type_name(upload.checksum_type);
    if (*type != "COMPOSITE" && *type != "FULL_OBJECT") {
      return s3_error(ErrorCode::invalid_request, "Value for x-amz-checksum-type header is invalid.");
    }
    if (*type != expected) {
      return s3_error(ErrorCode::invalid_request,
                      "The upload was created using the " + std::string(expected) +
                          " checksum mode. The complete request must use the same checksum mode.");
    }
  }
  TRY(check_algorithm(headers, upload));
  const std::string_view header = codec::checksum_header(upload.checksum);
  const auto sent = headers.get(header);
  if (!sent || !made) return Passed{};
  const std::string_view value = sent->substr(0, sent->find('-'));
  if (!codec::ChecksumValue::from_base64(upload.checksum, value)) {
    return s3_error(ErrorCode::invalid_request, "Value for " + std::string(header) + " header is invalid.");
  }
  // Of a composite one, how many parts it has may stand behind it.
  if (*sent == made->text() || (value.size() == sent->size() && value == made->value.base64())) return Passed{};
  return s3_error(ErrorCode::bad_digest, "The " + std::string(codec::checksum_name(upload.checksum)) +
                                             " you specified did not match the calculated checksum.");
}

// The object that the parts make.
Outcome<ObjectVersion> object_of(const Call& call, const Completion& wanted, const Upload& upload,
                                 const std::vector<FoundPart>& parts, std::int64_t now_micros) {
  ObjectVersion object = upload.object;
  object.bytes = 0;
  for (const FoundPart& part : parts) {
    object.bytes += part.part.bytes();
    std::vector<PayloadPart>& pieces = object.payload.parts;
    const std::size_t head = pieces.size();
    pieces.insert(pieces.end(), part.part.pieces.begin(), part.part.pieces.end());
    // For copies of this part: its bytes need not be read for an ETag then.
    if (auto etag = codec::from_hex(part.part.etag); etag.ok()) pieces[head].etag = std::move(etag).value();
  }
  if (wanted.bytes && *wanted.bytes != object.bytes) {
    return s3_error(ErrorCode::invalid_request,
                    "The provided 'x-amz-mp-object-size' header value " + std::to_string(*wanted.bytes) +
                        " does not match what was computed: " + std::to_string(object.bytes));
  }
  object.etag = etag_of_parts(parts);
  const auto checksum = checksum_of_parts(upload, parts);
  TRY(check_object_checksum(call.headers, upload, checksum));
  if (checksum) object.checksums.push_back(*checksum);
  object.multipart = true;
  if (object.lock.mode == LockMode::none) {
    TRY_ASSIGN(const ObjectLock lock, lock_of_new_version(Fields(), call.in(), now_micros));
    object.lock.mode = lock.mode;
    object.lock.retain_until_micros = lock.retain_until_micros;
  }
  return object;
}

// ---- The answer ----------------------------------------------------------------------------------------------------

Reply answer(const Call& call, const std::string& etag, const std::optional<ObjectChecksum>& checksum, Fields headers) {
  Bytes document;
  codec::XmlWriter xml(document);
  xml.declaration();
  xml.open("CompleteMultipartUploadResult", codec::s3_namespace);
  const std::string host(call.headers.get_or("host", "s3.amazonaws.com"));
  const std::string path = call.resource.empty() ? '/' + call.in().name + '/' + call.key : call.resource;
  xml.element("Location", (call.secure ? "https://" : "http://") + host + path.substr(0, path.find('?')));
  xml.element("Bucket", call.in().name);
  xml.element("Key", call.key);
  xml.element("ETag", '"' + etag + '"');
  if (checksum) {
    write_checksum(xml, checksum->value.algorithm(), checksum->text());
    xml.element("ChecksumType", checksum_type_name(checksum->type));
  }
  xml.close();
  Reply reply = xml_reply(std::move(document));
  for (const auto& [name, value] : headers) reply.headers.add(name, value);
  return reply;
}

// What of an object's headers a completion's answer has: version, encryption, expiration. The rest is in the document.
Fields answer_headers(const Fields& stored) {
  Fields kept;
  for (const auto& [name, value] : stored) {
    if (name == "x-amz-version-id" || name == "x-amz-expiration" || name.starts_with("x-amz-server-side-encryption")) {
      kept.add(name, value);
    }
  }
  return kept;
}

// The answer to a completion that is done already: nothing when this was no such upload.
Task<Outcome<std::optional<Reply>>> find_earlier_answer(Services& services, const Call& call, UploadId id) {
  const Bytes row = upload_key(UploadEntry::completed, call.key, id);
  auto noted = co_await services.store.get(call.in().spaces.uploads, row);
  if (!noted.ok()) co_return store_error(noted.error());
  if (!*noted) co_return std::optional<Reply>();
  auto completed = decode_completed(noted->value());
  if (!completed.ok()) co_return store_error(completed.error());
  Fields headers;
  if (!completed->version.empty()) headers.add("x-amz-version-id", completed->version);
  add_sse_headers(headers, completed->encryption);
  std::optional<Reply> again = answer(call, completed->etag, completed->checksum, std::move(headers));
  co_return again;
}

// ---- The commit ----------------------------------------------------------------------------------------------------

history::Change removal(SpaceId space, Bytes key, history::Version before) {
  history::Change change{space, std::move(key), std::nullopt, std::move(before)};
  change.unlogged = true;
  return change;
}

// Adds the end of the upload: its entry and the parts that the object has now, and the note for those who ask again.
void add_ending(KeyWrite& write, const Call& call, FoundUpload upload, std::vector<FoundPart> parts,
                const CompletedUpload& completed) {
  const SpaceId space = call.in().spaces.uploads;
  write.add_change(removal(space, upload_key(UploadEntry::upload, call.key, upload.id), std::move(upload.before)));
  for (FoundPart& part : parts) {
    Bytes row = part_key(call.key, upload.id, part.part.number());
    write.add_change(removal(space, std::move(row), std::move(part.before)));
  }
  history::Change note{space, upload_key(UploadEntry::completed, call.key, upload.id), encode_completed(completed),
                       history::Version()};
  note.unlogged = true;
  write.add_change(std::move(note));
}

CompletedUpload note_of(const ObjectVersion& object, const Fields& headers, std::int64_t now_micros) {
  CompletedUpload note;
  note.completed_micros = now_micros;
  note.etag = object.etag;
  note.version = headers.get_or("x-amz-version-id", "");
  if (!object.checksums.empty()) note.checksum = object.checksums.front();
  note.encryption = object.encryption;
  note.encryption.wrapped_data_key.clear();
  return note;
}

// One attempt; OperationAborted when it lost against another commit.
Task<Outcome<Reply>> try_complete(Services& services, const Call& call, const Completion& wanted) {
  CO_TRY_ASSIGN(const auto write, co_await KeyWrite::open(services, call.bucket_info, call.key));
  CO_TRY_ASSIGN(auto earlier, co_await find_earlier_answer(services, call, wanted.id));
  if (earlier) co_return std::move(*earlier);
  const std::string id = wanted.id.text();
  CO_TRY_ASSIGN(FoundUpload upload, co_await find_upload(services, call.in(), call.key, id));
  CO_TRY_ASSIGN(auto uploaded, co_await scan_parts(services, call.in(), call.key, wanted.id, 0, part_number_max));
  CO_TRY_ASSIGN(auto parts, choose_parts(wanted, upload.upload, std::move(uploaded)));
  CO_TRY(check_write_conditions(call.headers, write->current()));
  const auto now = static_cast<std::int64_t>(services.store.now().micros());
  CO_TRY_ASSIGN(ObjectVersion object, object_of(call, wanted, upload.upload, parts, now));
  CO_TRY_ASSIGN(const ObjectVersion stored, co_await write->put(std::move(object), Bytes(), Naming::already_named));
  const Fields headers = answer_headers(stored_headers(services, call.in(), call.key, stored));
  add_ending(*write, call, std::move(upload), std::move(parts), note_of(stored, headers, now));
  FAULT_POINT("upload.before_complete");
  CO_TRY(co_await write->commit());
  FAULT_POINT("upload.after_complete");
  const auto checksum = stored.checksums.empty() ? std::nullopt : std::optional(stored.checksums.front());
  co_return answer(call, stored.etag, checksum, headers);
}

}  // namespace

Task<Outcome<Reply>> complete_multipart_upload(Services& services, Call& call) {
  Completion wanted;
  if (call.document.empty()) {
    co_return s3_error(ErrorCode::invalid_request, "You must specify at least one part");
  }
  CO_TRY_ASSIGN(wanted.parts, parse_complete_upload(call.document));
  CO_TRY_ASSIGN(wanted.bytes, object_size_of(call.headers));
  CO_TRY(check_write_headers(call.headers));
  if (const auto match = call.headers.get("if-match")) {
    std::string wanted(*match);
    CO_TRY(co_await authorize_match(services, call, call.key, std::move(wanted)));
  }
  const std::string text = upload_id_of(call);
  const auto id = UploadId::parse(text);
  if (!id) {
    const auto missing = co_await find_upload(services, call.in(), call.key, text);
    co_return missing.error();
  }
  wanted.id = *id;
  for (int attempts = 1;; ++attempts) {
    auto reply = co_await try_complete(services, call, wanted);
    if (!reply.ok() && reply.error().code == ErrorCode::operation_aborted && attempts < attempts_max) continue;
    if (!reply.ok()) co_return std::move(reply).error();
    // The object is there: what cannot be removed now is the collector's.
    const auto removed = co_await remove_parts(services, call.in(), call.key, wanted.id);
    static_cast<void>(removed.ok());
    co_return std::move(reply).value();
  }
}

}  // namespace reprise::s3
