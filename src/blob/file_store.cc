// Invariants:
//   - a file gets its name in a shard folder when its bytes are durable (fsync, then rename), and commit() returns when
//     the name is too (fsync of the folder);
//   - a shard folder is durable before anything is named in it, so no commit leans on a folder that a crash could take;
//   - what is in `partial` belongs to a living writer of this store, or to nobody: the store's lock sees to it that
//     there is no other one.
#include "blob/file_store.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <mutex>
#include <utility>

#include "base/assert.h"
#include "base/fault_point.h"
#include "blob/blob_holds.h"
#include "blob/file_blob.h"
#include "blob/file_format.h"
#include "blob/file_handle.h"
#include "codec/crc32.h"
#include "codec/hex.h"

namespace reprise::blob {
namespace {

constexpr unsigned shards = 256;
constexpr std::size_t gathered_bytes = std::size_t{1} << 20;  // that one write takes
constexpr std::uint64_t hint_bytes = std::uint64_t{8} << 20;  // after which the disk is told to begin

std::string shard_name(unsigned shard) {
  const char byte = static_cast<char>(shard);
  return codec::to_hex({&byte, 1});
}

struct Paths {
  std::string root;
  [[nodiscard]] std::string partial() const { return root + "/partial"; }
  [[nodiscard]] std::string shard(unsigned number) const { return root + "/" + shard_name(number); }
  [[nodiscard]] std::string shard_of(BlobId id) const { return shard(static_cast<unsigned char>(id.bytes()[0])); }
  [[nodiscard]] std::string partial_of(BlobId id) const { return partial() + "/" + id.text(); }
  [[nodiscard]] std::string file_of(BlobId id) const { return shard_of(id) + "/" + id.text(); }
};

Result<std::vector<std::string>> names_in(const std::string& path) {
  DIR* const folder = ::opendir(path.c_str());
  if (folder == nullptr) return file_error("list", path, errno);
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* entry = ::readdir(folder)) {
    const std::string_view name(entry->d_name);
    if (name != "." && name != "..") names.emplace_back(name);
  }
  const int error = errno;
  ::closedir(folder);
  if (error != 0) return file_error("list", path, error);
  std::sort(names.begin(), names.end());
  return names;
}

// The shard folders: made when the first blob comes, so that a new store is there at once.
class ShardFolders {
 public:
  explicit ShardFolders(const Paths& paths) : paths_(paths) {}

  // Those that are there already; the caller then syncs the root.
  Status find() {
    TRY_ASSIGN(const auto names, names_in(paths_.root));
    for (unsigned shard = 0; shard < shards; ++shard) {
      if (std::binary_search(names.begin(), names.end(), shard_name(shard))) durable_[shard] = true;
    }
    return {};
  }

  // Makes the folder of a blob durable.
  Status prepare(BlobId id) {
    std::atomic<bool>& durable = durable_[static_cast<unsigned char>(id.bytes()[0])];
    if (durable) return {};
    const std::lock_guard lock(mutex_);
    if (durable) return {};
    const std::string path = paths_.shard_of(id);
    if (::mkdir(path.c_str(), 0777) != 0 && errno != EEXIST) return file_error("make", path, errno);
    TRY(sync_directory(paths_.root));
    durable = true;
    return {};
  }

 private:
  const Paths& paths_;
  std::mutex mutex_;  // of making one
  std::array<std::atomic<bool>, shards> durable_{};
};

// ---- Writing -------------------------------------------------------------------------------------------------------

// Whether payloads may take some more of the disk.
Status check_room(const Paths& paths, const FileStoreOptions& options) {
  const auto disk = options.room ? options.room() : disk_room(paths.root);
  if (!disk) return {};
  const std::uint64_t reserve = std::min(options.reserve_bytes, disk->total_bytes / 8);
  if (disk->free_bytes >= reserve) return {};
  return {Code::exhausted, "the disk of " + paths.root + " has " + std::to_string(disk->free_bytes >> 20) +
                               " MiB left; the last " + std::to_string(reserve >> 20) +
                               " are not for payloads: make room"};
}

// What fails here leaves an orphan.
void release_hold(const Paths& paths, BlobHolds& holds, BlobId id) {
  if (!holds.release(id)) return;
  static_cast<void>(::unlink(paths.file_of(id).c_str()));
  holds.end_take(id);
}

class FileBlobWriter final : public BlobWriter {
 public:
  // The id is held already.
  FileBlobWriter(const Paths& paths, const FileStoreOptions& options, ShardFolders& folders, BlobHolds& holds,
                 BlobId id, FileHandle file)
      : paths_(paths),
        options_(options),
        folders_(folders),
        holds_(holds),
        id_(id),
        file_(std::move(file)),
        block_bytes_(options.block_bytes) {
    buffer_.assign(blob_head_bytes, '\0');  // written last
    sum_ = block_seed(id_, 0);
  }
  ~FileBlobWriter() override {
    if (state_ != State::committed) ::unlink(paths_.partial_of(id_).c_str());
    release_hold(paths_, holds_, id_);
  }

  Status append(BytesView bytes) override {
    if (state_ != State::open) return broken();
    while (!bytes.empty()) {
      const BytesView piece = bytes.substr(0, std::min({bytes.size(), block_bytes_ - in_block_, gathered_bytes}));
      if (bytes.size() > block_bytes_ && buffer_.capacity() < gathered_bytes) {
        buffer_.reserve(gathered_bytes + block_bytes_ + blob_sum_bytes);
      }
      buffer_.append(piece);
      sum_ = codec::crc32c(piece, sum_);
      in_block_ += piece.size();
      bytes_ += piece.size();
      bytes.remove_prefix(piece.size());
      if (in_block_ == block_bytes_) end_block();
      if (buffer_.size() >= gathered_bytes) TRY(flush());
    }
    // Most of a write is as good as one, and is not kept while the client takes its time to send the rest.
    if (buffer_.size() >= gathered_bytes / 2) TRY(flush());
    return {};
  }

  Result<BlobId> commit() override {
    if (state_ != State::open) return broken();
    if (in_block_ > 0) end_block();
    TRY(flush());
    state_ = State::broken;  // until the end: a failed fsync cannot be made good by another one
    const std::string partial = paths_.partial_of(id_);
    Bytes head;
    append_blob_head(head, id_, {bytes_, block_bytes_});
    TRY(write_all_at(file_, 0, head, partial));
    FAULT_POINT("blob.written");
    if (::fsync(file_.get()) != 0) return file_error("sync", partial, errno);
    FAULT_POINT("blob.synced");
    TRY(give_name(partial));
    FAULT_POINT("blob.committed");
    state_ = State::committed;
    file_ = FileHandle();
    return id_;
  }

  [[nodiscard]] std::uint64_t bytes() const override { return bytes_; }

 private:
  enum class State : unsigned char { open, broken, committed };

  [[nodiscard]] Status broken() const {
    return io_error("an earlier write of blob " + id_.text() + " failed, or it is committed already");
  }

  void end_block() {
    append_be32(buffer_, sum_);
    in_block_ = 0;
    sum_ = block_seed(id_, ++blocks_);
  }

  Status flush() {
    Status written = write_all(file_, buffer_, paths_.partial_of(id_));
    if (!written.ok()) {
      state_ = State::broken;
      return written;
    }
    written_ += buffer_.size();
    Bytes().swap(buffer_);  // its memory too, which an assignment keeps: a client may take long to send more
    FAULT_POINT("blob.flushed");
    // So that the disk works while the client sends, and the fsync has little left to wait for. Only a hint.
    if (written_ - hinted_ >= hint_bytes) {
      static_cast<void>(::sync_file_range(file_.get(), static_cast<off_t>(hinted_),
                                          static_cast<off_t>(written_ - hinted_), SYNC_FILE_RANGE_WRITE));
      hinted_ = written_;
      Status room = check_room(paths_, options_);
      if (!room.ok()) {
        state_ = State::broken;
        return room;
      }
    }
    return {};
  }

  Status give_name(const std::string& partial) {
    const std::string path = paths_.file_of(id_);
    TRY(folders_.prepare(id_));
    if (::rename(partial.c_str(), path.c_str()) != 0) return file_error("name", path, errno);
    FAULT_POINT("blob.named");
    Status synced = sync_directory(paths_.shard_of(id_));
    // Whether the name is durable is not known: without the name it is not.
    if (!synced.ok()) ::unlink(path.c_str());
    return synced;
  }

  const Paths& paths_;
  const FileStoreOptions& options_;
  ShardFolders& folders_;
  BlobHolds& holds_;
  const BlobId id_;
  FileHandle file_;
  const std::size_t block_bytes_;
  State state_ = State::open;
  Bytes buffer_;              // as it will stand in the file
  std::uint32_t sum_ = 0;     // of the block so far
  std::size_t in_block_ = 0;  // payload of the block so far
  std::uint64_t blocks_ = 0;  // that are whole
  std::uint64_t bytes_ = 0;
  std::uint64_t written_ = 0;
  std::uint64_t hinted_ = 0;
};

// ---- The store -----------------------------------------------------------------------------------------------------

class FileBlobHold final : public BlobHold {
 public:
  FileBlobHold(const Paths& paths, BlobHolds& holds, BlobId id) : paths_(paths), holds_(holds), id_(id) {}
  ~FileBlobHold() override { release_hold(paths_, holds_, id_); }

 private:
  const Paths& paths_;
  BlobHolds& holds_;
  const BlobId id_;
};

class FileCollection final : public Collection {
 public:
  FileCollection(const Paths& paths, BlobHolds& holds) : paths_(paths), holds_(holds) {}
  ~FileCollection() override { holds_.end_collection(); }

  Result<std::vector<BlobInfo>> list(std::optional<BlobId> after, std::size_t limit) override {
    std::vector<BlobInfo> found;
    const std::string after_text = after ? after->text() : "";
    unsigned shard = after ? static_cast<unsigned char>(after->bytes()[0]) : 0;
    for (; shard < shards && found.size() < limit; ++shard) {
      TRY(read_shard(shard));
      auto name = std::upper_bound(names_.begin(), names_.end(), after_text);
      for (; name != names_.end() && found.size() < limit; ++name) {
        const auto id = BlobId::from_text(*name);
        struct stat info {};
        // No blob's name, or removed just now.
        if (!id || ::stat(paths_.file_of(*id).c_str(), &info) != 0) continue;
        found.push_back({*id, static_cast<std::uint64_t>(info.st_size)});
      }
    }
    return found;
  }

  Result<bool> take(BlobId id) override {
    if (!holds_.begin_take(id)) return false;
    const std::string path = paths_.file_of(id);
    const int error = ::unlink(path.c_str()) == 0 ? 0 : errno;
    holds_.end_take(id);
    if (error != 0 && error != ENOENT) return file_error("remove", path, error);
    return true;
  }

 private:
  // The names of a shard, kept until another one is asked for: what came since is held, and not to be taken anyway.
  Status read_shard(unsigned shard) {
    if (shard == shard_) return {};
    shard_ = shards;
    auto names = names_in(paths_.shard(shard));
    if (!names.ok() && !names.error().is(Code::not_found)) return names.error();
    names_ = names.ok() ? std::move(names).value() : std::vector<std::string>();
    shard_ = shard;
    return {};
  }

  const Paths& paths_;
  BlobHolds& holds_;
  unsigned shard_ = shards;  // none
  std::vector<std::string> names_;
};

class FileStore final : public BlobStore {
 public:
  FileStore(std::string root, FileStoreOptions options)
      : paths_{std::move(root)}, options_(options), folders_(paths_) {}

  Status prepare() {
    TRY(make_directory(paths_.root));
    root_ = FileHandle(::open(paths_.root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!root_.valid()) return file_error("open", paths_.root, errno);
    if (::flock(root_.get(), LOCK_EX | LOCK_NB) != 0) {
      return errno == EWOULDBLOCK ? unavailable("another store uses " + paths_.root)
                                  : file_error("lock", paths_.root, errno);
    }
    if (::mkdir(paths_.partial().c_str(), 0777) != 0 && errno != EEXIST) {
      return file_error("make", paths_.partial(), errno);
    }
    TRY(folders_.find());
    if (::fsync(root_.get()) != 0) return file_error("sync", paths_.root, errno);
    return sweep();
  }

  Result<std::unique_ptr<BlobWriter>> create() override {
    TRY(check_room(paths_, options_));
    const BlobId id = BlobId::random();
    const std::string path = paths_.partial_of(id);
    FileHandle file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
    if (!file.valid()) return file_error("create", path, errno);
    const bool held = holds_.acquire(id);
    ASSERT(held);  // it is new
    return std::unique_ptr<BlobWriter>(
        std::make_unique<FileBlobWriter>(paths_, options_, folders_, holds_, id, std::move(file)));
  }

  Result<std::unique_ptr<BlobReader>> open(BlobId id) override { return open_blob_file(paths_.file_of(id), id); }
  std::unique_ptr<BlobReader> open_cached(BlobId id) override { return open_cached_blob_file(paths_.file_of(id), id); }

  Result<std::unique_ptr<BlobHold>> hold(BlobId id) override {
    if (!holds_.acquire(id)) return not_found("there is no blob " + id.text());
    std::unique_ptr<BlobHold> hold = std::make_unique<FileBlobHold>(paths_, holds_, id);
    const std::string path = paths_.file_of(id);
    if (::access(path.c_str(), F_OK) == 0) return hold;
    return errno == ENOENT ? not_found("there is no blob " + id.text()) : file_error("look at", path, errno);
  }

  Status remove(BlobId id) override {
    if (!holds_.begin_remove(id)) return {};  // with the last hold
    const std::string path = paths_.file_of(id);
    const int error = ::unlink(path.c_str()) == 0 ? 0 : errno;
    holds_.end_take(id);
    if (error != 0 && error != ENOENT) return file_error("remove", path, error);
    return {};
  }

  Result<BlobReport> verify(BlobId id) override { return verify_blob_file(paths_.file_of(id), id); }

  Result<std::unique_ptr<Collection>> collect() override {
    if (!holds_.begin_collection()) return unavailable("a collection of " + paths_.root + " is under way");
    return std::unique_ptr<Collection>(std::make_unique<FileCollection>(paths_, holds_));
  }

 private:
  Status sweep() const {
    TRY_ASSIGN(const auto names, names_in(paths_.partial()));
    for (const std::string& name : names) {
      const std::string path = paths_.partial() + "/" + name;
      if (::unlink(path.c_str()) != 0) return file_error("remove", path, errno);
    }
    return {};
  }

  const Paths paths_;
  const FileStoreOptions options_;
  FileHandle root_;  // locked
  ShardFolders folders_;
  BlobHolds holds_;
};

}  // namespace

Result<std::shared_ptr<BlobStore>> open_file_store(std::string path, FileStoreOptions options) {
  if (options.block_bytes < blob_block_bytes_min || options.block_bytes > blob_block_bytes_max) {
    return invalid("a block of a blob has 512 bytes to 16 MiB");
  }
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  auto store = std::make_shared<FileStore>(std::move(path), options);
  TRY(store->prepare());
  return std::shared_ptr<BlobStore>(std::move(store));
}

}  // namespace reprise::blob
