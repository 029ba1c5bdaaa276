// What clients are told when the store fails.
#include "dynamo/ops/store_error.h"

#include <gtest/gtest.h>

namespace reprise::dynamo {
namespace {

TEST(StoreErrorTest, ReasonsThatHelpAreToldAndOthersAreNot) {
  struct Case {
    Code code;
    ErrorKind kind;
    bool tells;
  };
  const Case cases[] = {
      {Code::not_found, ErrorKind::resource_not_found, false},
      {Code::exhausted, ErrorKind::internal_server_error, true},
      {Code::io_error, ErrorKind::internal_server_error, true},
      {Code::unavailable, ErrorKind::service_unavailable, true},
      {Code::cancelled, ErrorKind::service_unavailable, true},
      {Code::conflict, ErrorKind::internal_server_error, false},
      {Code::corruption, ErrorKind::internal_server_error, false},
      {Code::unsupported, ErrorKind::internal_server_error, false},
      {Code::internal, ErrorKind::internal_server_error, false},
  };
  EXPECT_EQ(store_error(Status(Code::invalid, "no past is kept here")).message,
            "The past asked for cannot be read: no past is kept here");
  EXPECT_EQ(store_error(Status(Code::invalid, "no past is kept here")).kind, ErrorKind::validation);
  for (const auto& c : cases) {
    const ApiError error = store_error(Status(c.code, "the disk is full"));
    EXPECT_EQ(error.kind, c.kind) << code_name(c.code);
    EXPECT_EQ(error.message == "the disk is full", c.tells) << code_name(c.code);
    EXPECT_FALSE(error.message.empty());
  }
}

}  // namespace
}  // namespace reprise::dynamo
