// Why a command cannot go on: what is told, and with which exit code (cli.h).
#pragma once

#include <string>

#include "base/status.h"

namespace reprise::cli {

struct Failure {
  int exit_code = 0;
  std::string message;  // one line, without a line break
};

template <class T>
using Outcome = Result<T, Failure>;
struct Done {};

}  // namespace reprise::cli
