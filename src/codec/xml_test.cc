#include "codec/xml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "codec/utf8.h"

namespace reprise::codec {
namespace {

TEST(Xml, ReadsElementsAndTheirText) {
  const auto root = parse_xml(
      "<?xml version=\"1.0\"?><!-- c --><List xmlns=\"http://x/\"><Name>a &amp; b</Name>"
      "<Item><Key>1</Key></Item><Item><Key>2</Key></Item><Blank> </Blank></List>");
  ASSERT_TRUE(root.ok());
  EXPECT_EQ(root->name, "List");
  EXPECT_EQ(root->text_of("Name"), "a & b");
  EXPECT_EQ(root->text_of("Blank"), " ");
  EXPECT_EQ(root->text_of("Missing"), "");
  ASSERT_EQ(root->children.size(), 4U);
  EXPECT_EQ(root->children[2].text_of("Key"), "2");
}

TEST(Xml, TheRootTellsItsNamespace) {
  const auto of = [](std::string text) {
    const auto root = parse_xml(text);
    EXPECT_TRUE(root.ok()) << text;
    const auto* const found = root->attribute("xmlns");
    return found == nullptr ? std::string("-") : *found;
  };
  EXPECT_EQ(of("<a/>"), "-");
  EXPECT_EQ(of("<a xmlns=''/>"), "-");
  EXPECT_EQ(of("<a b='1' xmlns='http://x/'/>"), "http://x/");
  EXPECT_EQ(of("<a xmlns:p='http://p/'/>"), "-");
  EXPECT_EQ(of("<p:a xmlns='http://x/' xmlns:p='http://p/'>1</p:a>"), "http://p/");
  EXPECT_EQ(of("<p:a xmlns='http://x/'/>"), "-");
  const auto root = parse_xml("<a><b xmlns='http://x/'/></a>");
  ASSERT_TRUE(root.ok());
  EXPECT_TRUE(root->children[0].attributes.empty());
}

TEST(Xml, ReferencesToNulAreForWhoAsks) {
  for (const std::string text : {"<a>x&#0;y</a>", "<a>x&#x00;y</a>"}) {
    EXPECT_FALSE(parse_xml(text).ok());
    XmlLimits limits;
    limits.nul_references = true;
    const auto root = parse_xml(text, limits);
    ASSERT_TRUE(root.ok());
    EXPECT_EQ(root->text, std::string("x\0y", 3));
  }
}

TEST(Xml, RefusesWhatIsNotXml) {
  for (const auto* text : {"", "<a>", "<a></b>", "{}"}) {
    const auto root = parse_xml(text);
    EXPECT_FALSE(root.ok()) << text;
  }
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += "<a>";
  for (int i = 0; i < 100; ++i) deep += "</a>";
  EXPECT_TRUE(parse_xml(deep).error().is(Code::invalid));
}

TEST(Xml, GoesByLocalNamesAndKeepsAttributes) {
  const auto root = parse_xml(
      "<a:Grantee xmlns:a='http://a/' xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type='Can&#x6F;nical"
      "User' >\n<a:ID>1</a:ID><empty/></a:Grantee>");
  ASSERT_TRUE(root.ok()) << root.error().to_string();
  EXPECT_EQ(root->name, "Grantee");
  ASSERT_EQ(root->attributes.size(), 2U);
  EXPECT_EQ(*root->attribute("xmlns"), "http://a/");
  ASSERT_NE(root->attribute("type"), nullptr);
  EXPECT_EQ(*root->attribute("type"), "CanonicalUser");
  EXPECT_EQ(root->attribute("a"), nullptr);
  EXPECT_EQ(root->text_of("ID"), "1");
  ASSERT_NE(root->child("empty"), nullptr);
}

TEST(Xml, CharacterDataInAllItsForms) {
  const auto root = parse_xml(
      "\xEF\xBB\xBF<?xml version='1.0' encoding='utf-8'?>\r\n<?target x?><a>1<![CDATA[<&]]]>\r\n<!-- - "
      "-->&lt;&gt;&apos;"
      "&quot;&#65;&#x42;\r&#13;&#x1;\xE2\x82\xAC&#x1F600;</a><!-- end -->\n");
  ASSERT_TRUE(root.ok()) << root.error().to_string();
  EXPECT_EQ(root->text, "1<&]\n<>'\"AB\n\r\x01\xE2\x82\xAC\xF0\x9F\x98\x80");
}

TEST(Xml, EveryWayOfNotBeingWellFormedIsRefused) {
  const std::string bad[] = {
      "a",
      "<a/>b",
      "<a/><b/>",
      "<a></A>",
      "<a b></a>",
      "<a b=c></a>",
      "<a b='1' b='2'/>",
      "<a b='1'c='2'/>",
      "<a b='<'/>",
      "<a b='1/>",
      "< a/>",
      "<1/>",
      "<:a/>",
      "<a:/>",
      "<a:b:c/>",
      "<a:b></b>",
      "<a>&nbsp;</a>",
      "<a>&</a>",
      "<a>&#0;</a>",
      "<a>&#xD800;</a>",
      "<a>&#x110000;</a>",
      "<a>&#99999999999999999999;</a>",
      "<a>&#;</a>",
      "<a>&#x;</a>",
      "<a>&#1F;</a>",
      "<a>]]></a>",
      "<a><![CDATA[</a>",
      "<a><!-- -- --></a>",
      "<a><!-- </a>",
      "<a><?xml version='1.0'?></a>",
      "<a>\x01</a>",
      "<a>\xEF\xBF\xBF</a>",
      "<a>\x80</a>",
      "<a>\xC0\xAF</a>",
      "<a>\xED\xA0\x80</a>",
      "<?xml version='1.0' encoding='UTF-16'?><a/>",
      "<?xml version='1.0' encoding='UTF-8?><a/>",
      std::string("<a>\0</a>", 8),
      "<a",
      "<a>",
      "</a>",
      "<a/",
      "<![CDATA[a]]>",
  };
  for (const std::string& text : bad) {
    const auto root = parse_xml(text);
    ASSERT_FALSE(root.ok()) << text;
    EXPECT_TRUE(root.error().is(Code::invalid)) << text;
  }
}

TEST(Xml, DocumentTypesAreRefused) {
  const auto* const laughs =
      "<?xml version=\"1.0\"?><!DOCTYPE lolz [<!ENTITY lol \"lol\"><!ENTITY lol2 "
      "\"&lol;&lol;&lol;\">]><lolz>&lol2;</lolz>";
  EXPECT_THAT(parse_xml(laughs).error().message(), testing::HasSubstr("document type"));
  EXPECT_FALSE(parse_xml("<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>").ok());
  EXPECT_FALSE(parse_xml("<a><!DOCTYPE a></a>").ok());
  EXPECT_FALSE(parse_xml("<a/><!DOCTYPE a>").ok());
}

TEST(Xml, LimitsHoldOnBothSides) {
  const auto nested = [](int depth) {
    std::string text;
    for (int i = 0; i < depth; ++i) text += "<a>";
    for (int i = 0; i < depth; ++i) text += "</a>";
    return text;
  };
  EXPECT_TRUE(parse_xml(nested(64)).ok());
  EXPECT_FALSE(parse_xml(nested(65)).ok());
  EXPECT_TRUE(parse_xml("<a/>", {.bytes_max = 4}).ok());
  EXPECT_FALSE(parse_xml("<a/>", {.bytes_max = 3}).ok());
  EXPECT_TRUE(parse_xml("<a><b/><b/></a>", {.elements_max = 3}).ok());
  EXPECT_FALSE(parse_xml("<a><b/><b/></a>", {.elements_max = 2}).ok());
  EXPECT_TRUE(parse_xml("<a x='' y=''/>", {.attributes_max = 2}).ok());
  EXPECT_FALSE(parse_xml("<a x='' y=''/>", {.attributes_max = 1}).ok());
}

TEST(Xml, WriterWritesAsS3Does) {
  Bytes out;
  XmlWriter xml(out);
  xml.declaration();
  xml.open("ListBucketResult", s3_namespace);
  xml.element("Prefix", "");
  xml.element("MaxKeys", std::uint64_t{1000});
  xml.element("IsTruncated", XmlWriter::Truth::no);
  xml.open("Contents");
  xml.element("Key", "a\r\n\x01\x7F<\xE2\x82\xAC>\xFF'");
  xml.element("ETag", "\"d41d\"");
  xml.open_with("Grantee", {{"xmlns:xsi", "http://x/"}, {"xsi:type", "Gr\"oup"}});
  xml.close();
  xml.close();
  EXPECT_EQ(xml.depth(), 1U);
  xml.close();
  EXPECT_EQ(
      out,
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Prefix></Prefix><MaxKeys>1000</MaxKeys>"
      "<IsTruncated>false</IsTruncated><Contents><Key>a&#13;\n&#x1;\x7F&lt;\xE2\x82\xAC&gt;\xEF\xBF\xBD'</Key>"
      "<ETag>&quot;d41d&quot;</ETag><Grantee xmlns:xsi=\"http://x/\" xsi:type=\"Gr&quot;oup\"></Grantee></Contents>"
      "</ListBucketResult>");
  const auto root = parse_xml(out);
  ASSERT_TRUE(root.ok()) << root.error().to_string();
  EXPECT_EQ(root->child("Contents")->text_of("Key"), "a\r\n\x01\x7F<\xE2\x82\xAC>\xEF\xBF\xBD'");
}

TEST(Xml, EveryCharacterReadsBack) {
  for (char32_t value = 1; value <= 0x10FFFF;
       value += value < 0x3000 || value > 0xFFF0 ? (value > 0x10100 ? 977 : 1) : 37) {
    if (value >= 0xD800 && value <= 0xDFFF) continue;
    Bytes text;
    append_utf8(text, value);
    ASSERT_EQ(first_utf8(text).value, value);
    Bytes out;
    XmlWriter(out).element("a", text);
    const auto root = parse_xml(out);
    ASSERT_TRUE(root.ok()) << out;
    ASSERT_EQ(root->text, text);
  }
}

TEST(Xml, WhatIsEscapedReadsBack) {
  Bytes out = "<a>";
  append_xml_text(out, "<&>\"'");
  const auto root = parse_xml(out + "</a>");
  ASSERT_TRUE(root.ok());
  EXPECT_EQ(root->text, "<&>\"'");
}

}  // namespace
}  // namespace reprise::codec
