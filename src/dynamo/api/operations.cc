// A new room adds its table to `rooms`, under the service whose target prefix its operations carry.
#include "dynamo/api/operations.h"

#include <span>

#include "dynamo/archive/archive_operations.h"
#include "dynamo/partiql/partiql_operations.h"
#include "dynamo/streams/stream_operations.h"

namespace reprise::dynamo {
namespace {

constexpr std::string_view dynamodb = "DynamoDB_20120810";
constexpr std::string_view streams = "DynamoDBStreams_20120810";

struct Room {
  std::string_view service;
  std::span<const Operation> (*operations)();
};
// Rooms above dynamo/ops; that one is asked by find_operation().
constexpr Room rooms[] = {
    {dynamodb, archive_operations},
    {dynamodb, partiql_operations},
    {streams, stream_operations},
};
constexpr std::string_view services[] = {dynamodb, streams};

}  // namespace

TargetName split_target(std::string_view target) {
  const std::size_t dot = target.find('.');
  if (dot == std::string_view::npos) return {};
  for (const std::string_view service : services) {
    if (target.substr(0, dot) == service) return {service, target.substr(dot + 1)};
  }
  return {};
}

const Operation* find_target(const TargetName& target) {
  if (target.service == dynamodb) {
    if (const Operation* own = find_operation(target.operation)) return own;
  }
  for (const Room& room : rooms) {
    if (room.service != target.service) continue;
    for (const Operation& operation : room.operations()) {
      if (operation.name == target.operation) return &operation;
    }
  }
  return nullptr;
}

bool is_aws_operation(const TargetName& target) {
  return find_target(target) != nullptr || (target.service == dynamodb && is_dynamodb_operation(target.operation));
}

}  // namespace reprise::dynamo
