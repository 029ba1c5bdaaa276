// What a policy may ask about a request: who makes it, from where and when, and the condition keys of its service.
//
// A Context is asked only for the keys that a condition or a variable names, so that what is costly to say costs
// nothing where no policy asks.
//
// Threading: a Context belongs to one request.
#pragma once

#include <cstdint>
#include <forward_list>
#include <string>
#include <string_view>
#include <vector>

namespace reprise::auth {
struct Identity;
}

namespace reprise::auth::policy {

// The values of one condition key; none: the request does not have it.
class Values {
 public:
  // `value` stays valid as long as this object.
  void add(std::string_view value) { values_.push_back(value); }
  // For what has to be made up: kept here.
  void add_owned(std::string value) { values_.push_back(owned_.emplace_front(std::move(value))); }
  // For a key that may have many values, of which this request has none: the key is there all the same.
  void set_present() { present_ = true; }
  [[nodiscard]] bool present() const { return present_ || !values_.empty(); }
  [[nodiscard]] auto begin() const { return values_.begin(); }
  [[nodiscard]] auto end() const { return values_.end(); }
  [[nodiscard]] std::size_t size() const { return values_.size(); }
  [[nodiscard]] std::string_view front() const { return values_.front(); }
  void clear() {
    values_.clear();
    owned_.clear();
    present_ = false;
  }

 private:
  std::vector<std::string_view> values_;
  std::forward_list<std::string> owned_;
  bool present_ = false;
};

// Who asks. Views of what outlives the request's evaluation.
struct Requester {
  bool anonymous = true;
  bool root = false;
  std::string_view account;       // 12 digits
  std::string_view arn;           // "arn:aws:iam::111122223333:user/Anna"
  std::string_view user;          // empty: root or anonymous
  std::string_view canonical_id;  // of the account; may be empty where no policy can name it
};
// Null: anonymous.
[[nodiscard]] Requester requester_of(const Identity* identity);

class Context {
 public:
  explicit Context(const Requester& requester) : requester_(requester) {}
  virtual ~Context() = default;
  [[nodiscard]] const Requester& requester() const { return requester_; }

  // The values of `key`, whose name is in lower case but for what follows a '/': "s3:ExistingObjectTag/Team" comes as
  // "s3:existingobjecttag/Team". Answers aws:username, aws:userid, aws:PrincipalArn, aws:PrincipalAccount,
  // aws:PrincipalType and the two keys of time; the rest is find_more's.
  void find(std::string_view key, Values& values) const;

  // The source of aws:CurrentTime and aws:EpochTime.
  std::int64_t now_micros = 0;

 protected:
  virtual void find_more(std::string_view key, Values& values) const = 0;

 private:
  const Requester& requester_;
};

// "2026-11-23T04:05:06Z".
[[nodiscard]] std::string iso_time(std::int64_t micros);

}  // namespace reprise::auth::policy
