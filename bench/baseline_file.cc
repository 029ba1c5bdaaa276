// reprise-baseline-file: what one core and the disk alone allow an upload: MD5 of a buffer, and writing a new file of
// the same size in order with one fsync at its end. One line of JSON, in bytes a second.
//
//   reprise-baseline-file DIR BYTES ROUNDS
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "codec/md5.h"

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

// Seconds; negative on failure.
double write_file(const std::string& path, const std::string& bytes) {
  const auto start = Clock::now();
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return -1;
  std::size_t done = 0;
  constexpr std::size_t piece = std::size_t{1} << 20;
  while (done < bytes.size()) {
    const auto written = ::write(file, bytes.data() + done, std::min(piece, bytes.size() - done));
    if (written <= 0) return -1;
    done += static_cast<std::size_t>(written);
  }
  if (::fsync(file) != 0) return -1;
  ::close(file);
  const double seconds = seconds_since(start);
  ::unlink(path.c_str());
  return seconds;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: reprise-baseline-file DIR BYTES ROUNDS\n");
    return 2;
  }
  const std::string bytes(static_cast<std::size_t>(std::atol(argv[2])), 'x');
  std::vector<double> hashing, writing;
  unsigned digests = 0;
  for (int i = 0; i < std::atoi(argv[3]); ++i) {
    const auto start = Clock::now();
    digests += reprise::codec::md5(bytes)[0];  // so that it is computed
    hashing.push_back(seconds_since(start));
    writing.push_back(write_file(std::string(argv[1]) + "/baseline-file", bytes));
    if (writing.back() < 0) {
      std::perror("reprise-baseline-file");
      return 1;
    }
  }
  const auto size = static_cast<double>(bytes.size());
  std::printf("{\"md5\": %.0f, \"write\": %.0f, \"digests\": %u}\n", size / median(hashing), size / median(writing),
              digests);
  return 0;
}
