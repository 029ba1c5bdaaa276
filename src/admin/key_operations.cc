// CreateKey, ListKeys and RotateKey: the named keys of SSE-KMS of the caller's account.
#include <array>

#include "admin/operations.h"
#include "admin/request.h"
#include "s3/ops/key_ring.h"
#include "s3/ops/services.h"

namespace reprise::admin {
namespace {

void print_key(codec::JsonWriter& w, const s3::KeyInfo& key) {
  w.begin_object();
  w.member("KeyId", key.id);
  w.member("Arn", key.arn);
  w.member("Account", key.account);
  if (!key.alias.empty()) w.member("Alias", key.alias);
  w.key("Generations");
  w.integer(key.generations);
  w.key("Created");
  w.epoch_seconds(static_cast<std::uint64_t>(key.created_micros));
  if (key.rotated_micros != 0) {
    w.key("Rotated");
    w.epoch_seconds(static_cast<std::uint64_t>(key.rotated_micros));
  }
  w.end_object();
}

dynamo::OperationResult one_key(const Result<s3::KeyInfo>& key) {
  if (!key.ok()) return error_of(key.error());
  Bytes out;
  codec::JsonWriter w(out);
  w.begin_object();
  w.key("Key");
  print_key(w, *key);
  w.end_object();
  return out;
}

Task<dynamo::OperationResult> create_key(AdminServices& services, dynamo::OperationRequest request) {
  CO_TRY_ASSIGN(std::string alias, text_of(request.body, "Alias"));
  const auto key = co_await services.s3.keys.create(request.caller.account, std::move(alias));
  co_return one_key(key);
}

Task<dynamo::OperationResult> rotate_key(AdminServices& services, dynamo::OperationRequest request) {
  CO_TRY_ASSIGN(std::string name, required_text(request.body, "KeyId"));
  const auto key = co_await services.s3.keys.rotate(request.caller.account, std::move(name));
  co_return one_key(key);
}

Task<dynamo::OperationResult> list_keys(AdminServices& services, dynamo::OperationRequest request) {
  Bytes out;
  codec::JsonWriter w(out);
  w.begin_object();
  w.key("Keys");
  w.begin_array();
  for (const s3::KeyInfo& key : services.s3.keys.list(request.caller.account)) print_key(w, key);
  w.end_array();
  w.end_object();
  co_return std::move(out);
}

constexpr std::array operations{
    AdminOperation{"CreateKey", create_key},
    AdminOperation{"ListKeys", list_keys},
    AdminOperation{"RotateKey", rotate_key},
};

}  // namespace

std::span<const AdminOperation> key_operations() { return operations; }

}  // namespace reprise::admin
