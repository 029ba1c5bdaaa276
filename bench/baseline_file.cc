// reprise-baseline-file: what one core and the disk alone allow an upload: MD5 of a buffer, and writing new files
// of the same size in order, each with one fsync at its end. One line of JSON, in bytes a second.
//
//   reprise-baseline-file DIR BYTES SECONDS
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
bool write_file(const std::string& path, const std::string& bytes) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return false;
  std::size_t done = 0;
  constexpr std::size_t piece = std::size_t{1} << 20;
  while (done < bytes.size()) {
    const auto written = ::write(file, bytes.data() + done, std::min(piece, bytes.size() - done));
    if (written <= 0) return false;
    done += static_cast<std::size_t>(written);
  }
  return ::fsync(file) == 0 && ::close(file) == 0;
}

// Bytes a second of files written one after the other for so long, each a new one that stays, as a store's objects do:
// a disk that takes a short burst faster than a long one does so for both sides. Negative when one cannot be written.
double write_files(const std::string& directory, const std::string& bytes, double seconds) {
  const auto path = [&](int number) { return directory + "/baseline-file-" + std::to_string(number); };
  int written = 0;
  bool good = true;
  const auto start = Clock::now();
  while (good && seconds_since(start) < seconds) good = write_file(path(written++), bytes);
  const double took = seconds_since(start);
  for (int number = 0; number < written; ++number) ::unlink(path(number).c_str());
  return good ? static_cast<double>(bytes.size()) * written / took : -1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: reprise-baseline-file DIR BYTES SECONDS\n");
    return 2;
  }
  const std::string bytes(static_cast<std::size_t>(std::atol(argv[2])), 'x');
  std::vector<double> hashing;
  unsigned digests = 0;
  for (int i = 0; i < 3; ++i) {
    const auto start = Clock::now();
    digests += reprise::codec::md5(bytes)[0];  // so that it is computed
    hashing.push_back(seconds_since(start));
  }
  const double written = write_files(argv[1], bytes, std::atof(argv[3]));
  if (written < 0) {
    std::perror("reprise-baseline-file");
    return 1;
  }
  std::printf("{\"md5\": %.0f, \"write\": %.0f, \"digests\": %u}\n",
              static_cast<double>(bytes.size()) / median(hashing), written, digests);
  return 0;
}
