// The property test: one bucket against a plain model, under random puts, copies, deletions, removals of versions,
// rewritings and changes of versioning, compared by listings and lookups at the present and at random past instants.
// At the end every blob has as many names as versions and releases name it, and no inline payload is left over.
//
// REPRISE_ORACLE_SEED=n replays one run, REPRISE_ORACLE_RUNS=n makes n of them (each from the next seed).
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>

#include "base/log.h"
#include "s3/ops/blob_names.h"
#include "s3/ops/versions_for_tests.h"

namespace reprise::s3 {
namespace {

struct ModelVersion {
  std::string id;
  bool marker = false;
  std::string etag;
  Tags tags;
  std::optional<blob::BlobId> inlined;
  std::vector<blob::BlobId> blobs;
};
// Newest first.
using ModelKey = std::vector<ModelVersion>;

struct Model {
  std::map<std::string, ModelKey> keys;
  Versioning versioning = Versioning::never;

  void erase_null(const std::string& key) {
    std::erase_if(keys[key], [](const ModelVersion& version) { return version.id == "null"; });
  }
  void put(const std::string& key, ModelVersion version) {
    if (versioning != Versioning::enabled) erase_null(key);
    auto& versions = keys[key];
    versions.insert(versions.begin(), std::move(version));
  }
  void forget_empty(const std::string& key) {
    if (keys[key].empty()) keys.erase(key);
  }
};

struct ListParameters {
  std::string prefix;
  std::string delimiter;
  std::string after;
};

std::optional<std::string> rolled_up(const std::string& key, const ListParameters& parameters) {
  if (parameters.delimiter.empty()) return std::nullopt;
  const auto at = key.find(parameters.delimiter, parameters.prefix.size());
  if (at == std::string::npos) return std::nullopt;
  return key.substr(0, at + parameters.delimiter.size());
}

// What a listing shows altogether, in the form of listed(): entries in order, then common prefixes.
std::vector<std::string> expected(const Model& model, const ListParameters& parameters, bool versions) {
  std::vector<std::string> entries;
  std::vector<std::string> prefixes;
  for (const auto& [key, stack] : model.keys) {
    if (!key.starts_with(parameters.prefix)) continue;
    if (!versions && stack.front().marker) continue;
    if (const auto prefix = rolled_up(key, parameters)) {
      const bool hidden = !parameters.after.empty() && *prefix <= parameters.after;
      if (!hidden && (prefixes.empty() || prefixes.back() != *prefix)) prefixes.push_back(*prefix);
      continue;
    }
    if (!parameters.after.empty() && key <= parameters.after) continue;
    if (!versions) {
      entries.push_back(key);
      continue;
    }
    for (std::size_t i = 0; i < stack.size(); ++i) {
      entries.push_back(key + "@" + stack[i].id + (stack[i].marker ? "!" : "") + (i == 0 ? "*" : ""));
    }
  }
  for (const auto& prefix : prefixes) entries.push_back(prefix + ">");
  return entries;
}

class World {
 public:
  explicit World(std::uint64_t seed) : rng_(seed) {
    server_.make_bucket("bucket", [](Bucket& bucket) { bucket.recovery_days = 1; });
  }

  void run(int steps) {
    for (int i = 0; i < steps && !::testing::Test::HasFailure(); ++i) {
      server_.wall().advance(rng_.below(3) * 1000);
      step();
      if (rng_.chance(1, 6)) remember();
      if (rng_.chance(1, 8)) check();
    }
    remember();
    for (int i = 0; i < 10 && !::testing::Test::HasFailure(); ++i) check();
    check_names();
  }

 private:
  std::string random_key() {
    static const std::vector<std::string> pieces = {"a", "b", "/", "//", std::string(1, '\0'), "\xc3\xa9", "z"};
    std::string key;
    const auto count = 1 + rng_.below(3);
    for (std::uint64_t i = 0; i < count; ++i) key += pieces[rng_.below(pieces.size())];
    return key;
  }
  std::string some_key() {
    if (model_.keys.empty() || rng_.chance(1, 4)) return random_key();
    return std::next(model_.keys.begin(), static_cast<long>(rng_.below(model_.keys.size())))->first;
  }

  void step() {
    const auto dice = rng_.below(100);
    if (dice < 40) return put(random_key());
    if (dice < 48) return copy();
    if (dice < 68) return remove(some_key());
    if (dice < 88) return remove_version(some_key());
    if (dice < 96) return rewrite(some_key());
    const auto to = rng_.chance(2, 3) ? Versioning::enabled : Versioning::suspended;
    server_.edit_bucket("bucket", [&](Bucket& bucket) { bucket.versioning = to; });
    model_.versioning = to;
  }

  void commit(KeyWrite& write) {
    const auto done = sync_wait(write.commit());
    ASSERT_TRUE(done.ok()) << done.error().message;
  }
  void put_version(const std::string& key, ObjectVersion version, Bytes inline_bytes, Naming naming) {
    const auto write = open_key(server_, "bucket", key);
    const auto put = sync_wait(write->put(std::move(version), std::move(inline_bytes), naming));
    ASSERT_TRUE(put.ok());
    commit(*write);
    ModelVersion made{put->id.text(), false, put->etag, {}, put->payload.inlined, {}};
    for (const auto& part : put->payload.parts) made.blobs.push_back(part.blob);
    model_.put(key, std::move(made));
  }
  void put(const std::string& key) {
    const std::string etag = "etag" + std::to_string(++made_);
    ObjectVersion version = small_object(etag);
    if (rng_.chance(1, 3)) {
      version.payload.inlined.reset();
      for (std::uint64_t i = 0; i <= rng_.below(2); ++i) {
        version.payload.parts.push_back({blob::BlobId::random(), 10, "", 0, std::nullopt});
      }
    }
    put_version(key, version, version.payload.inlined ? etag : "", Naming::made_now);
  }
  void copy() {
    const std::string from = some_key();
    if (!model_.keys.contains(from)) return;
    const ModelVersion& source = model_.keys[from].front();
    if (source.blobs.empty()) return;
    ObjectVersion version;
    version.etag = "copy" + std::to_string(++made_);
    for (const auto& id : source.blobs) version.payload.parts.push_back({id, 10, "", 0, std::nullopt});
    put_version(random_key(), std::move(version), "", Naming::shared);
  }
  void remove(const std::string& key) {
    const auto write = open_key(server_, "bucket", key);
    const auto marker = sync_wait(write->remove_newest());
    ASSERT_TRUE(marker.ok());
    commit(*write);
    ASSERT_EQ(marker->has_value(), model_.versioning != Versioning::never);
    if (*marker) {
      model_.put(key, {(*marker)->id.text(), true, "", {}, std::nullopt, {}});
    } else {
      model_.erase_null(key);
      model_.forget_empty(key);
    }
  }
  void remove_version(const std::string& key) {
    auto& stack = model_.keys[key];
    std::string id = "null";
    if (!stack.empty() && rng_.chance(4, 5)) id = stack[rng_.below(stack.size())].id;
    const auto at = std::find_if(stack.begin(), stack.end(), [&](const auto& version) { return version.id == id; });
    const auto write = open_key(server_, "bucket", key);
    const auto removed = sync_wait(write->remove(*VersionId::parse(id)));
    ASSERT_TRUE(removed.ok());
    commit(*write);
    ASSERT_EQ(removed->has_value(), at != stack.end()) << key << "@" << id;
    if (at != stack.end()) stack.erase(at);
    model_.forget_empty(key);
  }
  void rewrite(const std::string& key) {
    if (!model_.keys.contains(key)) return;
    auto& stack = model_.keys[key];
    auto& target = stack[rng_.below(stack.size())];
    if (target.marker) return;
    const auto write = open_key(server_, "bucket", key);
    const auto found = sync_wait(write->find(*VersionId::parse(target.id)));
    ASSERT_TRUE(found.ok() && found->has_value()) << key << "@" << target.id;
    ObjectVersion version = **found;
    version.tags = {{"n", std::to_string(++made_)}};
    ASSERT_TRUE(sync_wait(write->rewrite(version)).ok());
    commit(*write);
    target.tags = version.tags;
  }

  void remember() { past_.emplace_back(server_.store().now(), model_); }

  // ---- Checks ------------------------------------------------------------------------------------------------------
  void check() {
    const Model* model = &model_;
    std::optional<Timestamp> as_of;
    if (!past_.empty() && rng_.chance(1, 2)) {
      const auto& [at, then] = past_[rng_.below(past_.size())];
      as_of = at;
      model = &then;
    }
    check_listing(*model, as_of, rng_.chance(1, 2));
    for (int i = 0; i < 3; ++i) check_key(*model, as_of, some_key());
  }

  Outcome<Reply> list(const ListParameters& parameters, bool versions, std::optional<Timestamp> as_of, std::size_t max,
                      const std::vector<std::pair<std::string, std::string>>& position) {
    Call call = server_.call("GET", "bucket");
    if (as_of) server_.set_as_of(call, *as_of);
    call.query.add("max-keys", std::to_string(max));
    call.query.add("encoding-type", "url");
    if (!parameters.prefix.empty()) call.query.add("prefix", parameters.prefix);
    if (!parameters.delimiter.empty()) call.query.add("delimiter", parameters.delimiter);
    for (const auto& [name, value] : position) call.query.add(name, value);
    if (versions) return server_.run(list_object_versions, call);
    call.query.add("list-type", "2");
    return server_.run(list_objects_v2, call);
  }

  static std::string decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '%') {
        out.push_back(static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16)));
        i += 2;
      } else {
        out.push_back(text[i] == '+' ? ' ' : text[i]);
      }
    }
    return out;
  }

  void check_listing(const Model& model, std::optional<Timestamp> as_of, bool versions) {
    ListParameters parameters;
    if (rng_.chance(1, 3)) parameters.prefix = random_key().substr(0, 2);
    if (rng_.chance(1, 2)) parameters.delimiter = rng_.chance(3, 4) ? "/" : "a";
    if (rng_.chance(1, 4)) parameters.after = random_key();
    const std::size_t max = rng_.chance(1, 4) ? 1000 : 1 + rng_.below(5);

    std::vector<std::string> entries;
    std::vector<std::string> prefixes;
    std::vector<std::pair<std::string, std::string>> position;
    if (!parameters.after.empty()) position = {{versions ? "key-marker" : "start-after", parameters.after}};
    for (int pages = 0;; ++pages) {
      ASSERT_LT(pages, 2000);
      const auto document = document_of(list(parameters, versions, as_of, max, position));
      const auto page = listed(document);
      for (const auto& line : page) (line.ends_with(">") ? prefixes : entries).push_back(decoded(line));
      ASSERT_LE(page.size(), max);
      if (document.text_of("IsTruncated") != "true") break;
      ASSERT_EQ(page.size(), max);
      if (versions) {
        position = {{"key-marker", decoded(document.text_of("NextKeyMarker"))}};
        if (const auto id = document.text_of("NextVersionIdMarker"); !id.empty()) {
          position.emplace_back("version-id-marker", id);
        }
      } else {
        position = {{"continuation-token", std::string(document.text_of("NextContinuationToken"))}};
      }
    }
    entries.insert(entries.end(), prefixes.begin(), prefixes.end());
    ASSERT_EQ(entries, expected(model, parameters, versions))
        << "prefix '" << parameters.prefix << "' delimiter '" << parameters.delimiter << "' after '" << parameters.after
        << "' max " << max << (as_of ? " in the past" : " now");
  }

  void check_key(const Model& model, std::optional<Timestamp> as_of, const std::string& key) {
    Call call = server_.call("GET", "bucket", key);
    if (as_of) server_.set_as_of(call, *as_of);
    const auto at = model.keys.find(key);
    const auto newest = sync_wait(find_newest(server_.services(), call.in(), key, as_of));
    ASSERT_TRUE(newest.ok()) << newest.error().message;
    ASSERT_EQ(newest->has_value(), at != model.keys.end()) << key;
    if (at == model.keys.end()) return;
    for (std::size_t i = 0; i < at->second.size(); ++i) {
      const ModelVersion& wanted = at->second[i];
      const auto id = *VersionId::parse(wanted.id);
      const auto found = sync_wait(find_version(server_.services(), call.in(), key, id, as_of));
      ASSERT_TRUE(found.ok()) << found.error().message;
      ASSERT_TRUE(found->has_value()) << key << "@" << wanted.id;
      ASSERT_EQ((*found)->version.etag, wanted.etag);
      ASSERT_EQ((*found)->version.tags, wanted.tags);
      ASSERT_EQ((*found)->version.delete_marker, wanted.marker);
      ASSERT_EQ((*found)->newest, i == 0);
      if (wanted.inlined) check_inline(call, *wanted.inlined, wanted.etag);
    }
  }
  void check_inline(const Call& call, blob::BlobId id, const std::string& text) {
    const auto stored = sync_wait(server_.store().get(call.in().spaces.payloads, id.bytes(), call.as_of));
    ASSERT_TRUE(stored.ok()) << stored.error().to_string();
    ASSERT_TRUE(stored->exists());
    ASSERT_EQ(stored->value(), text);
  }

  template <class Use>
  void each_row(SpaceId space, Use use) {
    history::ScanRequest request;
    request.space = space;
    for (;;) {
      const auto page = sync_wait(server_.store().scan(request));
      ASSERT_TRUE(page.ok());
      for (std::size_t i = 0; i < page->rows.size(); ++i) use(page->rows[i].key, page->rows[i].value);
      if (!page->resume_after) return;
      request.range.lower = *page->resume_after + '\0';
    }
  }
  void check_names() {
    const BucketSpaces spaces = server_.buckets().find("bucket")->spaces;
    std::map<Bytes, std::uint64_t> wanted;
    std::set<Bytes> payloads;
    for (const auto& [key, stack] : model_.keys) {
      for (const auto& version : stack) {
        for (const auto& id : version.blobs) ++wanted[Bytes(id.bytes())];
        if (version.inlined) payloads.insert(Bytes(version.inlined->bytes()));
      }
    }
    each_row(spaces.releases, [&](BytesView key, BytesView value) {
      wanted[Bytes(parse_release_key(key)->id.bytes())] += decode_names(value).value();
    });
    std::map<Bytes, std::uint64_t> names;
    each_row(server_.services().root.blobs,
             [&](BytesView key, BytesView value) { names[Bytes(key)] = decode_names(value).value(); });
    ASSERT_EQ(names, wanted);
    std::set<Bytes> stored;
    each_row(spaces.payloads, [&](BytesView key, BytesView) { stored.insert(Bytes(key)); });
    ASSERT_EQ(stored, payloads);
  }

  Rng rng_;
  BucketServer server_;
  Model model_;
  std::vector<std::pair<Timestamp, Model>> past_;
  int made_ = 0;
};

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* const text = std::getenv(variable);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

TEST(VersionsOracle, AgreesWithAPlainModel) {
  set_log_level(LogLevel::error);
  const std::uint64_t first = number_from("REPRISE_ORACLE_SEED", 1);
  const std::uint64_t runs = number_from("REPRISE_ORACLE_RUNS", std::getenv("REPRISE_ORACLE_SEED") ? 1 : 25);
  for (std::uint64_t seed = first; seed < first + runs && !HasFailure(); ++seed) {
    SCOPED_TRACE("REPRISE_ORACLE_SEED=" + std::to_string(seed));
    World(seed).run(250);
  }
}

}  // namespace
}  // namespace reprise::s3
