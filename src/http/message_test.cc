#include "http/message.h"

#include <gtest/gtest.h>

#include <deque>

#include "base/executor.h"

namespace reprise::http {
namespace {

TEST(Headers, KeepsOrderAndComparesNamesWithoutCase) {
  Headers headers;
  headers.add("Host", "a");
  headers.add("X-One", "1");
  headers.add("x-one", "2");
  EXPECT_EQ(headers.size(), 3u);
  EXPECT_EQ(headers.get("HOST"), "a");
  EXPECT_EQ(headers.get("x-ONE"), "1");
  EXPECT_FALSE(headers.get("x-on").has_value());
  std::string all;
  for (const auto& [name, value] : headers) all += std::string(name) + "=" + std::string(value) + ";";
  EXPECT_EQ(all, "Host=a;X-One=1;x-one=2;");
}

TEST(Headers, SetReplacesEveryFieldOfThatName) {
  Headers headers;
  headers.add("a", "1");
  headers.add("b", "2");
  headers.add("A", "3");
  headers.set("a", "4");
  EXPECT_EQ(headers.size(), 2u);
  EXPECT_EQ(headers.get("a"), "4");
  headers.remove("B");
  EXPECT_FALSE(headers.has("b"));
  headers.clear();
  EXPECT_EQ(headers.size(), 0u);
}

TEST(Headers, TakesViewsIntoItself) {
  Headers headers;
  headers.add("first", std::string(50, 'x'));
  for (int i = 0; i < 200; ++i) headers.add(headers.field(0).first, *headers.get("first"));
  EXPECT_EQ(headers.size(), 201u);
  for (const auto& [name, value] : headers) {
    ASSERT_EQ(name, "first");
    ASSERT_EQ(value, std::string(50, 'x'));
  }
  headers.set("first", *headers.get("first"));
  EXPECT_EQ(headers.size(), 1u);
  EXPECT_EQ(headers.get("first"), std::string(50, 'x'));
}

TEST(Request, SplitsItsTarget) {
  Request request;
  request.target = "/bucket/key%20a?list-type=2&prefix=x?y";
  EXPECT_EQ(request.path(), "/bucket/key%20a");
  EXPECT_EQ(request.query(), "list-type=2&prefix=x?y");
  request.target = "/";
  EXPECT_EQ(request.path(), "/");
  EXPECT_EQ(request.query(), "");
}

// Gives its pieces one by one, either at once or after a turn of an executor.
class ScriptedBody final : public BodyReader {
 public:
  ScriptedBody(std::deque<Bytes> pieces, std::optional<std::uint64_t> length, Executor* executor = nullptr)
      : pieces_(std::move(pieces)), length_(length), executor_(executor) {}
  Task<Result<Bytes>> read() override {
    Bytes piece;
    if (!pieces_.empty()) {
      piece = std::move(pieces_.front());
      pieces_.pop_front();
    }
    if (executor_ == nullptr) return Result<Bytes>(std::move(piece));
    return later(*executor_, std::move(piece));
  }
  [[nodiscard]] std::optional<std::uint64_t> length() const override { return length_; }

 private:
  static Task<Result<Bytes>> later(Executor& executor, Bytes piece) {
    co_await ResumeOn{executor};
    co_return Result<Bytes>(std::move(piece));
  }
  std::deque<Bytes> pieces_;
  std::optional<std::uint64_t> length_;
  Executor* executor_;
};

void expect_whole(std::deque<Bytes> pieces, std::optional<std::uint64_t> length, std::size_t limit) {
  Bytes whole;
  for (const auto& piece : pieces) whole += piece;
  ThreadExecutor executor(1);
  for (Executor* where : {static_cast<Executor*>(nullptr), static_cast<Executor*>(&executor)}) {
    ScriptedBody body(pieces, length, where);
    const auto all = sync_wait(read_all(body, limit));
    if (whole.size() <= limit) {
      ASSERT_TRUE(all.ok());
      EXPECT_EQ(*all, whole);
    } else {
      ASSERT_FALSE(all.ok());
      EXPECT_TRUE(all.error().is(Code::exhausted));
    }
  }
}

TEST(ReadAll, JoinsPiecesUpToTheLimit) {
  for (const std::size_t limit : {0u, 1u, 5u, 6u, 7u, 100u}) {
    expect_whole({"abc", "def"}, 6, limit);
    expect_whole({"abc", "def"}, std::nullopt, limit);
    expect_whole({"abcdef"}, 6, limit);
    expect_whole({"abcdef"}, std::nullopt, limit);
    expect_whole({}, 0, limit);
    expect_whole({}, std::nullopt, limit);
  }
}

}  // namespace
}  // namespace reprise::http
