#include "s3/api/form_parser.h"

#include <gtest/gtest.h>

namespace reprise::s3 {
namespace {

constexpr std::size_t fields_max = 20'480;

struct Parsed {
  std::vector<FormField> fields;
  Bytes file;
  std::string file_name;
  bool file_begun = false;
  bool done = false;
  std::optional<FormParser::Fault> fault;
};

Parsed parse(BytesView body, std::size_t piece, std::size_t most = fields_max) {
  FormParser parser("B", most);
  Parsed parsed;
  for (std::size_t at = 0; at < body.size() && !parsed.fault; at += piece) {
    parsed.fault = parser.feed(body.substr(at, piece), parsed.file);
  }
  parsed.fields = parser.fields();
  parsed.file_name = parser.file_name();
  parsed.file_begun = parser.file_begun();
  parsed.done = parser.done();
  return parsed;
}

std::string field(std::string_view name, std::string_view value) {
  return "--B\r\nContent-Disposition: form-data; name=\"" + std::string(name) + "\"\r\n\r\n" + std::string(value) +
         "\r\n";
}
std::string file(std::string_view name, std::string_view value) {
  return "--B\r\ncontent-disposition: form-data; name=file; filename=\"" + std::string(name) +
         "\"\r\nContent-Type: text/plain\r\n\r\n" + std::string(value) + "\r\n";
}

TEST(FormParserTest, ReadsFieldsAndFileHoweverTheyAreCut) {
  const std::string content = "line\r\n--Bother\r\n--\r\n-B\r\n";
  const std::string body = field("Key", "a/b") + field("empty", "") + field("two", "x\r\ny") +
                           file("C:\\x\\y.txt", content) + field("behind", "ignored") + "--B--\r\n";
  // "--Bother" begins with the delimiter, which ends the file there: boundaries are not to stand in what they bound.
  const std::string whole = field("Key", "a/b") + field("empty", "") + field("two", "x\r\ny") +
                            file("C:\\x\\y.txt", "line\r\n--C\r\n-B\r\n") + "--B--\r\n";
  for (const std::size_t piece : {1UL, 2UL, 3UL, 7UL, 100UL, 100'000UL}) {
    const Parsed parsed = parse(whole, piece);
    ASSERT_FALSE(parsed.fault.has_value()) << piece;
    EXPECT_TRUE(parsed.done);
    ASSERT_EQ(parsed.fields.size(), 3U);
    EXPECT_EQ(parsed.fields[0].name, "key");
    EXPECT_EQ(parsed.fields[0].value, "a/b");
    EXPECT_EQ(parsed.fields[1].value, "");
    EXPECT_EQ(parsed.fields[2].value, "x\r\ny");
    EXPECT_EQ(parsed.file_name, "y.txt");
    EXPECT_EQ(parsed.file, "line\r\n--C\r\n-B\r\n");
    EXPECT_EQ(parse(body, piece).file, "line");
  }
}

TEST(FormParserTest, AnEmptyFileIsAFile) {
  const Parsed parsed = parse(field("key", "k") + file("", "") + "--B--", 4);
  EXPECT_TRUE(parsed.done);
  EXPECT_TRUE(parsed.file_begun);
  EXPECT_EQ(parsed.file, "");
}

TEST(FormParserTest, TellsAnEndWithoutAFileAndOneThatIsMissing) {
  EXPECT_FALSE(parse(field("key", "k") + "--B--", 5).file_begun);
  EXPECT_TRUE(parse(field("key", "k") + "--B--", 5).done);
  const Parsed cut = parse(file("f", "content"), 5);
  EXPECT_TRUE(cut.file_begun);
  EXPECT_FALSE(cut.done);  // no delimiter came
}

TEST(FormParserTest, FieldsAreBoundedTheFileIsNot) {
  const std::string large(100'000, 'x');
  EXPECT_EQ(parse(file("f", large) + "--B--", 1'000).file, large);
  EXPECT_EQ(parse(field("a", large) + file("f", "") + "--B--", 1'000).fault, FormParser::Fault::fields_too_long);
  EXPECT_EQ(parse(field("a", "123") + file("f", "") + "--B--", 10, 60).fault, FormParser::Fault::fields_too_long);
  EXPECT_EQ(parse(large, 1'000).fault, FormParser::Fault::fields_too_long);  // a preamble without an end
}

TEST(FormParserTest, RefusesWhatIsNoForm) {
  EXPECT_EQ(parse("--Bx\r\n\r\n", 100).fault, FormParser::Fault::malformed);
  EXPECT_EQ(parse("--B\r\nno colon\r\n\r\nx\r\n--B--", 100).fault, FormParser::Fault::malformed);
  EXPECT_EQ(parse("--B\r\nContent-Type: a\r\n\r\nx\r\n--B--", 100).fault, FormParser::Fault::malformed);
  EXPECT_EQ(parse("--B\r\nContent-Disposition: attachment; name=\"a\"\r\n\r\nx\r\n--B--", 100).fault,
            FormParser::Fault::malformed);
  EXPECT_EQ(parse("--B\r\n\r\nx\r\n--B--", 100).fault, FormParser::Fault::malformed);
}

TEST(FormParserTest, BoundaryOfAContentType) {
  EXPECT_EQ(boundary_of("multipart/form-data; boundary=abc"), "abc");
  EXPECT_EQ(boundary_of("Multipart/Form-Data; charset=utf-8; boundary=\"a b;c\""), "a b;c");
  EXPECT_EQ(boundary_of("multipart/form-data"), std::nullopt);
  EXPECT_EQ(boundary_of("multipart/form-data; boundary="), std::nullopt);
  EXPECT_EQ(boundary_of("application/xml; boundary=a"), std::nullopt);
}

}  // namespace
}  // namespace reprise::s3
