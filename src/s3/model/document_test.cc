#include "s3/model/document.h"

#include <gtest/gtest.h>

#include <string>

namespace reprise::s3 {
namespace {

std::string outcome(const std::string& xml) {
  const auto root = parse_document(xml, "Tagging");
  return root.ok() ? "ok" : std::string(spelling_of(root.error().code).name);
}

TEST(Document, IsInTheNamespaceOfS3OrInNone) {
  for (const std::string space :
       {"http://s3.amazonaws.com/doc/2006-03-01/", "http://s3.amazonaws.com/doc/2006-03-01",
        "http://doc.s3.amazonaws.com/2006-03-01", "http://doc.s3.amazonaws.com/2006-03-01/", ""}) {
    EXPECT_EQ(outcome("<Tagging xmlns='" + space + "'/>"), "ok") << space;
  }
  EXPECT_EQ(outcome("<Tagging/>"), "ok");
  EXPECT_EQ(outcome("<s:Tagging xmlns:s='http://s3.amazonaws.com/doc/2006-03-01/'/>"), "ok");
  EXPECT_EQ(outcome("<Tagging xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'/>"), "ok");
}

TEST(Document, OtherNamespacesAndRootsAreRefused) {
  for (const std::string xml :
       {"<Tagging xmlns='http://foo'/>", "<s:Tagging xmlns:s='http://foo'/>",
        "<Tagging xmlns='http://s3.amazonaws.com/doc/2006-03-01/x'/>", "<TagSet/>", "<tagging/>", " ", "<Tagging>"}) {
    EXPECT_EQ(outcome(xml), "MalformedXML") << xml;
  }
}

}  // namespace
}  // namespace reprise::s3
