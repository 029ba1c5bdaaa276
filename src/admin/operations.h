// The extension operations: JSON 1.0 with X-Amz-Target: Reprise_20261122.<Operation>, beside DynamoDB's own
// (dynamo/api/handler.h). What each takes and answers stands in docs/cli.md.
//
// An operation may be called by root, and by users whose policies allow "reprise:<Operation>". Those that reach beyond
// one account (jobs, verification) are for users of root's account alone.
//
// A family of operations is one file with one table; operations.cc names the tables.
//
// Threading: operations run on the executor they are called on; everything they work with is thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "dynamo/api/handler.h"
#include "dynamo/ops/operation.h"

namespace reprise::auth {
class CredentialSource;
}
namespace reprise::s3 {
struct Services;
}

namespace reprise::admin {

class Users;

// Borrowed; outlives every request.
struct AdminServices {
  s3::Services& s3;                           // keys and jobs
  const auth::CredentialSource& credentials;  // who a caller is
  Users* users = nullptr;                     // users.h; null: there are none
};

// What an operation reaches: things of the caller's account, or the whole server.
enum class Scope : std::uint8_t { account, server };

struct AdminOperation {
  std::string_view name;  // "CreateKey"
  Task<dynamo::OperationResult> (*run)(AdminServices& services, dynamo::OperationRequest request);
  Scope scope = Scope::account;
};

[[nodiscard]] std::span<const AdminOperation> key_operations();   // CreateKey, ListKeys, RotateKey
[[nodiscard]] std::span<const AdminOperation> user_operations();  // CreateUser, ListUsers, ... PutUserPolicy
[[nodiscard]] std::span<const AdminOperation> job_operations();   // StartVerify, DescribeJob, ListJobs, CancelJob

// For ApiOptions::extra. `services` is copied; what it refers to outlives the handler.
[[nodiscard]] dynamo::ExtraOperations make_extra_operations(AdminServices services);

}  // namespace reprise::admin
