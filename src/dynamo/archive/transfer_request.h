// What the requests of exports and imports have in common: constraints that the shapes cannot say, ARNs, page tokens.
//
// Sources: public service model 2012-08-10; answers of the real service recorded by a public probe laboratory
// (2026-10). Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dynamo/model/error.h"
#include "dynamo/ops/request.h"
#include "dynamo/ops/shape.h"

namespace reprise::dynamo {

// Constraints of single members, checked by hand because they are patterns; their failures stand in one message with
// those of the shape.
class ExtraConstraints {
 public:
  // Adds "Value 'x' at 'path' failed to satisfy constraint: TEXT" unless `holds`.
  void require(bool holds, std::string_view value, std::string_view path, std::string_view constraint);
  void require_pattern(bool holds, std::string_view value, std::string_view path, std::string_view pattern);
  // The shape's constraints and these.
  [[nodiscard]] Check check(const Shape& shape, const codec::JsonValue& body) const;

 private:
  std::vector<std::string> failures_;
};

// The patterns of the service model.
bool is_bucket_name(std::string_view text);     // ^[a-z0-9A-Z]+[\.\-\w]*[a-z0-9A-Z]+$
bool is_account_number(std::string_view text);  // [0-9]{12}
inline constexpr std::string_view bucket_name_pattern = R"(^[a-z0-9A-Z]+[\.\-\w]*[a-z0-9A-Z]+$)";
inline constexpr std::string_view account_number_pattern = "[0-9]{12}";
inline constexpr std::string_view client_token_pattern = R"(^[^\$]+$)";
// ClientToken, S3Bucket, S3BucketOwner, each when present.
void require_common(ExtraConstraints& constraints, std::optional<std::string_view> token,
                    std::optional<std::string_view> bucket, std::string_view bucket_path,
                    std::optional<std::string_view> owner, std::string_view owner_path);

// arn:PARTITION:dynamodb:REGION:ACCOUNT:table/NAME, with "/export/ID" or "/import/ID" behind it.
struct TransferArn {
  std::string region;
  std::string account;
  std::string table;
  std::string kind;  // "export", "import"; empty for a table's
  std::string id;
};
std::optional<TransferArn> parse_transfer_arn(std::string_view text);
// The TableArn that a list is narrowed to: a table's, and of `account`, the caller's.
Outcome<TransferArn> read_listed_table(std::string_view arn, std::string_view account);

// ---- Pages of lists ------------------------------------------------------------------------------------------------

// Opaque and at least 112 hexadecimal digits long, a multiple of sixteen, as the model asks for. `kind` tells the two
// lists apart; `last` is where the page ended.
std::string page_token(std::string_view kind, std::string_view last);
// "Invalid Request: Provided nextToken is invalid: x"
Outcome<std::string> read_page_token(std::string_view kind, std::string_view token);

}  // namespace reprise::dynamo
