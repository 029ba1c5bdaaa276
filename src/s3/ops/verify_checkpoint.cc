// Fields in order: numbers as varints, texts with their length in front (codec/ordered.h).
#include "s3/ops/verify_checkpoint.h"

#include <algorithm>
#include <utility>

#include "codec/field_reader.h"
#include "codec/ordered.h"

namespace reprise::s3 {

namespace {

constexpr char checkpoint_version = 1;

void append_finding(Bytes& out, const VerifyFinding& finding) {
  for (const std::string* text : {&finding.bucket, &finding.key, &finding.version, &finding.blob, &finding.what}) {
    codec::append_sized(out, *text);
  }
  codec::append_varint(out, finding.block);
  codec::append_varint(out, finding.offset);
}

VerifyFinding read_finding(codec::FieldReader& in) {
  VerifyFinding finding;
  for (std::string* text : {&finding.bucket, &finding.key, &finding.version, &finding.blob, &finding.what}) {
    *text = in.text();
  }
  finding.block = in.number();
  finding.offset = in.number();
  return finding;
}

}  // namespace

Bytes encode_verify_checkpoint(const VerifyCheckpoint& checkpoint) {
  Bytes out(1, checkpoint_version);
  codec::append_varint(out, static_cast<std::uint64_t>(checkpoint.phase));
  codec::append_sized(out, checkpoint.bucket);
  codec::append_varint(out, static_cast<std::uint64_t>(checkpoint.part));
  codec::append_sized(out, checkpoint.position);
  const VerifyReport& report = checkpoint.report;
  for (const std::uint64_t number : {report.blobs, report.bytes, report.records, report.findings}) {
    codec::append_varint(out, number);
  }
  codec::append_varint(out, report.listed.size());
  for (const VerifyFinding& finding : report.listed) append_finding(out, finding);
  codec::append_varint(out, checkpoint.damaged.size());
  for (const auto& [blob, damage] : checkpoint.damaged) {
    codec::append_sized(out, blob.bytes());
    codec::append_sized(out, damage.what);
    codec::append_varint(out, damage.block);
    codec::append_varint(out, damage.offset);
    codec::append_varint(out, damage.used ? 1 : 0);
  }
  return out;
}

Result<VerifyCheckpoint> decode_verify_checkpoint(BytesView stored) {
  VerifyCheckpoint checkpoint;
  if (stored.empty()) return checkpoint;  // the job has just been started
  if (stored.front() != checkpoint_version) return unsupported("the checkpoint is of another version of this program");
  codec::FieldReader in(stored.substr(1));
  checkpoint.phase = static_cast<VerifyCheckpoint::Phase>(std::min<std::uint64_t>(in.number(), 2));
  checkpoint.bucket = in.text();
  checkpoint.part = static_cast<VerifyCheckpoint::Part>(std::min<std::uint64_t>(in.number(), 4));
  checkpoint.position = in.text();
  VerifyReport& report = checkpoint.report;
  for (std::uint64_t* number : {&report.blobs, &report.bytes, &report.records, &report.findings}) {
    *number = in.number();
  }
  for (std::uint64_t count = in.number(); count > 0 && in.ok(); --count) report.listed.push_back(read_finding(in));
  for (std::uint64_t count = in.number(); count > 0 && in.ok(); --count) {
    const auto blob = blob::BlobId::from_bytes(in.text());
    VerifyCheckpoint::Damage damage;
    damage.what = in.text();
    damage.block = in.number();
    damage.offset = in.number();
    damage.used = in.flag();
    if (blob) checkpoint.damaged[*blob] = std::move(damage);
  }
  if (!in.finished()) return corruption("the checkpoint of the job is damaged");
  return checkpoint;
}

}  // namespace reprise::s3
