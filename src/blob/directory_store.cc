// Invariants:
//   - a name outside `.reprise-partial` is only ever given to a file whose bytes are durable (fsync, then rename), and
//     it is durable itself before commit() returns (fsync of the folder, and of every folder that was made for it);
//   - a file in `.reprise-partial` is locked (flock) by its living writer; one that is not is nobody's;
//   - no path leaves the directory: keys are checked part by part, and links are not followed by the last part.
#include "blob/directory_store.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <string_view>
#include <utility>

#include "blob/file_handle.h"
#include "codec/hex.h"
#include "codec/md5.h"

namespace reprise::blob {

namespace {

constexpr std::string_view partial_folder = ".reprise-partial";
constexpr const char* etag_attribute = "user.reprise.md5";
constexpr std::size_t key_bytes_max = 1024;
constexpr std::size_t name_bytes_max = 255;
constexpr int folders_lost_max = 8;  // how often a folder may vanish under a commit before it gives up

// As file_error, where a path that cannot be one is the fault of the key.
Status system_error(std::string_view doing, const std::string& path, int error = errno) {
  Status status = file_error(doing, path, error);
  const bool no_path = error == ENOTDIR || error == EISDIR || error == ENAMETOOLONG;
  return no_path ? invalid(std::string(status.message())) : status;
}

Status check_part(std::string_view key, std::string_view part) {
  if (part.empty() || part == "." || part == ".." || part.size() > name_bytes_max) {
    return invalid("the key '" + std::string(key) + "' cannot be a file's path");
  }
  return {};
}

Status check_key(std::string_view key) {
  if (key.empty() || key.size() > key_bytes_max) return invalid("a key has 1 to 1024 bytes");
  if (key.find('\0') != std::string_view::npos) return invalid("a key holds no NUL byte");
  for (std::string_view rest = key;;) {
    const auto slash = rest.find('/');
    const std::string_view part = rest.substr(0, slash);
    TRY(check_part(key, part));
    if (rest.data() == key.data() && part == partial_folder)
      return invalid("no key begins with " + std::string(part) + "/");
    if (slash == std::string_view::npos) return {};
    rest.remove_prefix(slash + 1);
  }
}

std::string parent_of(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

// Makes one folder, durably; ok when it is there.
Status make_folder(const std::string& path) {
  if (::mkdir(path.c_str(), 0777) == 0) return sync_directory(parent_of(path));
  if (errno != EEXIST) return system_error("make", path);
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return system_error("look at", path);
  return S_ISDIR(info.st_mode) ? Status() : system_error("make", path, ENOTDIR);
}

// Size and time of change: what the kept etag is of.
std::string identity_of(const struct stat& info) {
  return std::to_string(info.st_size) + " " + std::to_string(info.st_mtim.tv_sec) + " " +
         std::to_string(info.st_mtim.tv_nsec);
}

void keep_etag(int fd, const std::string& etag) {
  struct stat info {};
  if (::fstat(fd, &info) != 0) return;
  const std::string text = etag + " " + identity_of(info);
  // A file system without attributes keeps none: the etag is a convenience.
  static_cast<void>(::fsetxattr(fd, etag_attribute, text.data(), text.size(), 0));
}

std::string kept_etag(int fd, const struct stat& info) {
  std::array<char, 160> text{};
  const ssize_t size = ::fgetxattr(fd, etag_attribute, text.data(), text.size());
  if (size <= 0) return {};
  const std::string_view found(text.data(), static_cast<std::size_t>(size));
  const auto space = found.find(' ');
  if (space == std::string_view::npos || found.substr(space + 1) != identity_of(info)) return {};
  return std::string(found.substr(0, space));
}

// ---- Writing -------------------------------------------------------------------------------------------------------

// A file in the partial folder, locked by us. Nothing: a cleaner was faster than the lock; try another name.
Result<FileHandle> try_create_partial(const std::string& path) {
  FileHandle file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666));
  if (!file.valid()) return errno == EEXIST ? conflict(path) : system_error("create", path);
  struct stat info {};
  if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return conflict(path);
    Status failed = system_error("lock", path);  // a file system without locks
    ::unlink(path.c_str());
    return failed;
  }
  if (::fstat(file.get(), &info) != 0 || info.st_nlink == 0) return conflict(path);
  return file;
}

std::string partial_path(const std::string& root) {
  static std::atomic<std::uint64_t> counter{0};
  std::string path = root + "/" + std::string(partial_folder) + "/" + std::to_string(::getpid());
  return path + "-" + std::to_string(counter.fetch_add(1));
}

class FileWriter final : public ObjectWriter {
 public:
  FileWriter(std::string root, std::string key, std::string partial, FileHandle file)
      : root_(std::move(root)), key_(std::move(key)), partial_(std::move(partial)), file_(std::move(file)) {}
  ~FileWriter() override {
    if (!committed_) ::unlink(partial_.c_str());
  }

  Status append(BytesView bytes) override {
    if (broken_ || committed_) return io_error("an earlier write of " + key_ + " failed, or it is written already");
    md5_.update(bytes);
    while (!bytes.empty()) {
      const ssize_t written = ::write(file_.get(), bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) {
        broken_ = true;
        return system_error("write", root_ + "/" + key_);
      }
      bytes.remove_prefix(static_cast<std::size_t>(written));
      written_ += static_cast<std::uint64_t>(written);
    }
    return {};
  }

  Result<ObjectInfo> commit() override {
    if (broken_ || committed_) return io_error("an earlier write of " + key_ + " failed, or it is written already");
    broken_ = true;  // until the end: a failed fsync cannot be made good by another one
    ObjectInfo info{key_, written_, codec::to_hex(codec::bytes_of(md5_.finish()))};
    keep_etag(file_.get(), info.etag);
    if (::fsync(file_.get()) != 0) return system_error("sync", root_ + "/" + key_);
    TRY(give_name());
    committed_ = true;
    return info;
  }

 private:
  // A folder may go away between being made and being used: remove() takes empty ones with it.
  Status give_name() {
    const std::string path = root_ + "/" + key_;
    for (int attempt = 1;; ++attempt) {
      Status made = make_folders();
      const bool lost = made.is(Code::not_found);
      if (!made.ok() && !lost) return made;
      if (!lost && ::rename(partial_.c_str(), path.c_str()) == 0) {
        const Status synced = sync_directory(parent_of(path));
        return synced.is(Code::not_found) ? Status() : synced;  // somebody has removed it again
      }
      if ((!lost && errno != ENOENT) || attempt == folders_lost_max) return lost ? made : system_error("name", path);
    }
  }

  Status make_folders() {
    for (auto slash = key_.find('/'); slash != std::string::npos; slash = key_.find('/', slash + 1)) {
      TRY(make_folder(root_ + "/" + key_.substr(0, slash)));
    }
    return {};
  }

  const std::string root_;
  const std::string key_;
  const std::string partial_;
  FileHandle file_;
  codec::Md5 md5_;
  std::uint64_t written_ = 0;
  bool broken_ = false;
  bool committed_ = false;
};

// ---- Reading -------------------------------------------------------------------------------------------------------

class FileReader final : public ObjectReader {
 public:
  FileReader(FileHandle file, std::string path, ObjectInfo info)
      : file_(std::move(file)), path_(std::move(path)), info_(std::move(info)) {}

  Result<Bytes> read(std::size_t max) override {
    Bytes bytes(max, '\0');
    std::size_t filled = 0;
    while (filled < max) {
      const ssize_t got = ::read(file_.get(), bytes.data() + filled, max - filled);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return system_error("read", path_);
      if (got == 0) break;
      filled += static_cast<std::size_t>(got);
    }
    bytes.resize(filled);
    return bytes;
  }
  [[nodiscard]] const ObjectInfo& info() const override { return info_; }

 private:
  FileHandle file_;
  const std::string path_;
  const ObjectInfo info_;
};

Result<FileHandle> open_file(const std::string& path) {
  FileHandle file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (file.valid()) return file;
  // A key that cannot be there is simply not there.
  return system_error("open", path, errno == ENOTDIR || errno == ELOOP ? ENOENT : errno);
}

Result<ObjectInfo> look_at(const FileHandle& file, const std::string& path, std::string key) {
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) return system_error("look at", path);
  if (!S_ISREG(info.st_mode)) return system_error("open", path, ENOENT);
  return ObjectInfo{std::move(key), static_cast<std::uint64_t>(info.st_size), kept_etag(file.get(), info)};
}

// The names in a folder, folders with a '/' at their end, so that sorting them gives the order of whole keys.
Result<std::vector<std::string>> names_in(const std::string& path) {
  DIR* const folder = ::opendir(path.c_str());
  if (folder == nullptr) return system_error("list", path);
  std::vector<std::string> names;
  for (;;) {
    errno = 0;
    const dirent* const entry = ::readdir(folder);
    if (entry == nullptr) break;
    const std::string_view name(entry->d_name);
    if (name == "." || name == "..") continue;
    struct stat info {};
    if (::fstatat(::dirfd(folder), entry->d_name, &info, AT_SYMLINK_NOFOLLOW) != 0) continue;  // removed just now
    if (S_ISDIR(info.st_mode)) names.push_back(std::string(name) + "/");
    if (S_ISREG(info.st_mode)) names.emplace_back(name);
  }
  const int error = errno;
  ::closedir(folder);
  if (error != 0) return system_error("list", path, error);
  std::sort(names.begin(), names.end());
  return names;
}

struct Listing {
  std::string prefix;
  std::string start_after;
  std::size_t limit = 0;
  std::vector<ObjectInfo> found;

  // Whether a folder (its name ends with '/') can hold keys that are asked for.
  [[nodiscard]] bool may_hold(const std::string& folder) const {
    const bool under_prefix = folder.starts_with(prefix) || prefix.starts_with(folder);
    return under_prefix && (folder > start_after || start_after.starts_with(folder));
  }
};

class DirectoryStore final : public ObjectStore {
 public:
  explicit DirectoryStore(std::string root) : root_(std::move(root)) {}

  Result<std::unique_ptr<ObjectWriter>> create(std::string key) override {
    TRY(check_key(key));
    TRY(make_folder(root_ + "/" + std::string(partial_folder)));
    for (;;) {
      std::string partial = partial_path(root_);
      auto file = try_create_partial(partial);
      if (!file.ok() && file.error().is(Code::conflict)) continue;
      if (!file.ok()) return file.error();
      return std::unique_ptr<ObjectWriter>(
          std::make_unique<FileWriter>(root_, std::move(key), std::move(partial), std::move(file).value()));
    }
  }

  Result<std::unique_ptr<ObjectReader>> open(std::string key) override {
    TRY(check_key(key));
    std::string path = root_ + "/" + key;
    TRY_ASSIGN(FileHandle file, open_file(path));
    TRY_ASSIGN(ObjectInfo info, look_at(file, path, std::move(key)));
    return std::unique_ptr<ObjectReader>(
        std::make_unique<FileReader>(std::move(file), std::move(path), std::move(info)));
  }

  Result<std::vector<ObjectInfo>> list(std::string prefix, std::string start_after, std::size_t limit) override {
    Listing listing{std::move(prefix), std::move(start_after), limit, {}};
    TRY(walk("", listing));
    return std::move(listing.found);
  }

  Status remove(std::string key) override {
    TRY(check_key(key));
    std::string path = root_ + "/" + key;
    if (::unlink(path.c_str()) != 0) {
      if (errno == ENOENT || errno == ENOTDIR || errno == EISDIR) return {};
      return system_error("remove", path);
    }
    // Folders exist for their keys alone.
    for (auto slash = key.rfind('/'); slash != std::string::npos; slash = key.rfind('/')) {
      key.resize(slash);
      path = root_ + "/" + key;
      if (::rmdir(path.c_str()) != 0) break;
    }
    const Status synced = sync_directory(parent_of(path));
    return synced.is(Code::not_found) ? Status() : synced;  // the folder has gone, and the key with it
  }

  // Removes what no living writer holds.
  Status sweep() {
    const std::string folder = root_ + "/" + std::string(partial_folder);
    const auto names = names_in(folder);
    if (!names.ok()) return names.error().is(Code::not_found) ? Status() : names.error();
    for (const std::string& name : *names) {
      const std::string path = folder + "/" + name;
      const FileHandle file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
      if (file.valid() && ::flock(file.get(), LOCK_EX | LOCK_NB) == 0) ::unlink(path.c_str());
    }
    return {};
  }

 private:
  // `folder` is empty or ends with '/'. A folder is at most key_bytes_max / 2 deep.
  Status walk(const std::string& folder, Listing& listing) {
    const auto names = names_in(root_ + "/" + folder);
    if (!names.ok()) return names.error().is(Code::not_found) && !folder.empty() ? Status() : names.error();
    for (const std::string& name : *names) {
      if (listing.found.size() >= listing.limit) return {};
      std::string key = folder + name;
      if (name.ends_with('/')) {
        const bool partial =
            folder.empty() && name.size() == partial_folder.size() + 1 && name.starts_with(partial_folder);
        if (!partial && key.size() < key_bytes_max && listing.may_hold(key)) TRY(walk(key, listing));
      } else if (key.starts_with(listing.prefix) && key > listing.start_after) {
        const std::string path = root_ + "/" + key;
        const auto file = open_file(path);
        if (!file.ok() && file.error().is(Code::not_found)) continue;
        if (!file.ok()) return file.error();
        TRY_ASSIGN(ObjectInfo info, look_at(*file, path, std::move(key)));
        listing.found.push_back(std::move(info));
      }
    }
    return {};
  }

  const std::string root_;
};

bool can_be_bucket(std::string_view name) {
  return name.size() >= 3 && name.size() <= 63 && name.front() != '.' &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-") == std::string_view::npos;
}

class DirectoryBuckets final : public ObjectStores {
 public:
  explicit DirectoryBuckets(std::string root) : root_(std::move(root)) {}

  Result<std::shared_ptr<ObjectStore>> bucket(std::string /*account*/, std::string name) override {
    const std::string path = root_ + "/" + name;
    struct stat info {};
    if (!can_be_bucket(name) || ::stat(path.c_str(), &info) != 0 || !S_ISDIR(info.st_mode)) {
      return not_found("there is no bucket " + name);
    }
    return open_directory_store(path);
  }

 private:
  const std::string root_;
};

}  // namespace

Result<std::shared_ptr<ObjectStore>> open_directory_store(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  TRY(make_folder(path));
  auto store = std::make_shared<DirectoryStore>(std::move(path));
  TRY(store->sweep());
  return std::shared_ptr<ObjectStore>(std::move(store));
}

Result<std::shared_ptr<ObjectStores>> open_directory_buckets(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  TRY(make_folder(path));
  return std::shared_ptr<ObjectStores>(std::make_shared<DirectoryBuckets>(std::move(path)));
}

}  // namespace reprise::blob
