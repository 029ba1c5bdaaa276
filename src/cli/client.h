// Calling an endpoint's JSON operations, signed with Signature Version 4.
//
// Threading: a Client belongs to one thread at a time.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "cli/failure.h"
#include "cli/profile.h"

namespace reprise::cli {

class Client {
 public:
  // exit_usage: the endpoint is no http or https URL.
  static Outcome<Client> make(Profile profile);
  ~Client();
  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;

  // Calls `operation` of the extension API with a JSON object; the JSON of its answer. exit_unreachable: no connection,
  // or an answer that is none of this API's; exit_refused: the server's own error, by its name and text.
  Outcome<Bytes> call(std::string_view operation, const Bytes& body);

 private:
  struct Impl;
  explicit Client(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace reprise::cli
