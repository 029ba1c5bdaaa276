// Proves updates and projections of nested documents against a model that does the same to a tree of plain objects.
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/rng.h"
#include "dynamo/expr/parser.h"
#include "dynamo/expr/projection.h"
#include "dynamo/expr/test_expressions.h"
#include "dynamo/expr/update.h"

namespace reprise::dynamo {
namespace {

struct Document {
  enum class Kind { leaf, map, list } kind = Kind::leaf;
  int leaf = 0;
  std::map<std::string, Document> members;
  std::vector<Document> elements;
};

struct Step {
  bool is_index = false;
  std::string name;
  std::size_t index = 0;
};
using Path = std::vector<Step>;

Document random_document(Rng& rng, int depth) {
  Document document;
  const auto choice = depth == 0 ? 0 : rng.below(3);
  if (choice == 1) {
    document.kind = Document::Kind::map;
    for (int i = 0; i < 4; ++i) {
      if (rng.chance(2, 3)) document.members["k" + std::to_string(i)] = random_document(rng, depth - 1);
    }
  } else if (choice == 2) {
    document.kind = Document::Kind::list;
    const auto size = rng.below(4);
    for (std::uint64_t i = 0; i < size; ++i) document.elements.push_back(random_document(rng, depth - 1));
  } else {
    document.leaf = static_cast<int>(rng.below(100));
  }
  return document;
}

Document random_item(Rng& rng) {
  Document item;
  item.kind = Document::Kind::map;
  for (int i = 0; i < 4; ++i) item.members["k" + std::to_string(i)] = random_document(rng, 3);
  return item;
}

std::string members_json(const Document& document);

std::string json(const Document& document) {
  switch (document.kind) {
    case Document::Kind::leaf: return "{'N':'" + std::to_string(document.leaf) + "'}";
    case Document::Kind::map: return "{'M':" + members_json(document) + "}";
    case Document::Kind::list: break;
  }
  std::string text;
  for (const Document& element : document.elements) text += (text.empty() ? "" : ",") + json(element);
  return "{'L':[" + text + "]}";
}

std::string members_json(const Document& document) {
  std::string text;
  for (const auto& [name, value] : document.members) text += (text.empty() ? "'" : ",'") + name + "':" + json(value);
  return "{" + text + "}";
}

std::string text(const Path& path) {
  std::string out;
  for (const Step& step : path) {
    if (step.is_index) {
      out += "[" + std::to_string(step.index) + "]";
    } else {
      out += (out.empty() ? "" : ".") + step.name;
    }
  }
  return out;
}

// A path whose parent is there; what it names may be missing.
Path random_path(Rng& rng, const Document& item) {
  Path path;
  const Document* at = &item;
  do {
    Step step;
    const Document* next = nullptr;
    if (at->kind == Document::Kind::map) {
      step.name = "k" + std::to_string(rng.below(5));
      const auto found = at->members.find(step.name);
      if (found != at->members.end()) next = &found->second;
    } else {
      step.is_index = true;
      step.index = rng.below(at->elements.size() + 2);
      if (step.index < at->elements.size()) next = &at->elements[step.index];
    }
    path.push_back(step);
    at = next;
  } while (at != nullptr && at->kind != Document::Kind::leaf && rng.chance(3, 4));
  return path;
}

struct Action {
  Path path;
  std::optional<int> value;  // none: REMOVE
};

Document leaf(int value) {
  Document document;
  document.leaf = value;
  return document;
}

// All actions at once, indexes counted in the old lists.
void change(Document& document, std::size_t depth, const std::vector<Action>& actions) {
  std::map<std::string, std::vector<Action>> below;
  for (const Action& action : actions) {
    const Step& step = action.path[depth];
    below[step.is_index ? std::string(1, static_cast<char>(step.index)) : step.name].push_back(action);
  }
  std::vector<std::size_t> removed;
  for (const auto& [key, group] : below) {
    const Action& first = group.front();
    const Step& step = first.path[depth];
    const bool here = first.path.size() == depth + 1;
    if (!step.is_index) {
      if (!here) {
        change(document.members.at(step.name), depth + 1, group);
      } else if (first.value) {
        document.members[step.name] = leaf(*first.value);
      } else {
        document.members.erase(step.name);
      }
    } else if (!here) {
      change(document.elements.at(step.index), depth + 1, group);
    } else if (!first.value) {
      removed.push_back(step.index);
    } else if (step.index < document.elements.size()) {
      document.elements[step.index] = leaf(*first.value);
    } else {
      document.elements.push_back(leaf(*first.value));  // groups come in index order
    }
  }
  for (std::size_t i = removed.size(); i-- > 0;) {
    if (removed[i] < document.elements.size()) {
      document.elements.erase(document.elements.begin() + static_cast<std::ptrdiff_t>(removed[i]));
    }
  }
}

std::string update_text(const std::vector<Action>& actions, Substitutions& substitutions) {
  std::string set;
  std::string remove;
  for (const Action& action : actions) {
    if (!action.value) {
      remove += (remove.empty() ? " REMOVE " : ", ") + text(action.path);
      continue;
    }
    const std::string placeholder = ":v" + std::to_string(*action.value);
    set += (set.empty() ? "SET " : ", ") + text(action.path) + " = " + placeholder;
    substitutions.add_value(placeholder, ValueView(test::value(json(leaf(*action.value)))));
  }
  return set + remove;
}

// Whether a list is grown and shortened at once: then what counts as its end is a matter of order.
bool grows_and_removes(const std::vector<Action>& actions) {
  bool grows = false;
  bool removes = false;
  for (const Action& action : actions) {
    if (!action.path.back().is_index) continue;
    (action.value ? grows : removes) = true;
  }
  return grows && removes;
}

TEST(DocumentTest, UpdatesAgreeWithTheModel) {
  Rng rng(77);
  int compared = 0;
  for (int round = 0; round < 20'000; ++round) {
    Document document = random_item(rng);
    const Bytes old = test::item(members_json(document));
    std::vector<Action> actions(1 + rng.below(4));
    for (std::size_t i = 0; i < actions.size(); ++i) {
      actions[i].path = random_path(rng, document);
      if (rng.chance(2, 3)) actions[i].value = static_cast<int>(100 * (i + 1) + rng.below(100));
    }
    Substitutions substitutions;
    const std::string expression = update_text(actions, substitutions);
    const auto update = Update::bind(*parse_expression(ExpressionKind::update, expression), substitutions);
    if (!update.ok() || grows_and_removes(actions)) continue;
    const auto result = update->apply(ItemView(old), WantUpdated::yes);
    ASSERT_TRUE(result.ok()) << expression << " on " << members_json(document);
    const std::string before = members_json(document);
    change(document, 0, actions);
    ASSERT_EQ(test::text_of(result->item), members_json(document)) << expression << " on " << before;
    ASSERT_TRUE(is_valid_item(result->item));
    ++compared;
  }
  EXPECT_GT(compared, 8000);
}

// What a set of paths selects; nothing when it selects nothing.
std::optional<Document> select(const Document& document, std::size_t depth, const std::vector<Path>& paths) {
  std::map<std::string, std::vector<Path>> below;
  for (const Path& path : paths) {
    if (path.size() == depth) return document;
    const Step& step = path[depth];
    below[step.is_index ? std::string(1, static_cast<char>(step.index)) : step.name].push_back(path);
  }
  Document selected;
  selected.kind = document.kind;
  for (const auto& [key, group] : below) {
    const Step& step = group.front()[depth];
    const Document* child = nullptr;
    if (step.is_index && document.kind == Document::Kind::list && step.index < document.elements.size()) {
      child = &document.elements[step.index];
    } else if (!step.is_index && document.kind == Document::Kind::map && document.members.contains(step.name)) {
      child = &document.members.at(step.name);
    }
    if (child == nullptr) continue;
    auto part = select(*child, depth + 1, group);
    if (!part) continue;
    if (step.is_index) {
      selected.elements.push_back(std::move(*part));
    } else {
      selected.members[step.name] = std::move(*part);
    }
  }
  if (selected.elements.empty() && selected.members.empty()) return std::nullopt;
  return selected;
}

TEST(DocumentTest, ProjectionsAgreeWithTheModel) {
  Rng rng(78);
  int compared = 0;
  for (int round = 0; round < 20'000; ++round) {
    const Document document = random_item(rng);
    const Bytes source = test::item(members_json(document));
    std::vector<Path> paths(1 + rng.below(4));
    std::string expression;
    for (Path& path : paths) {
      path = random_path(rng, document);
      expression += (expression.empty() ? "" : ", ") + text(path);
    }
    Substitutions none;
    const auto projection = Projection::bind(*parse_expression(ExpressionKind::projection, expression), none);
    if (!projection.ok()) continue;
    const auto selected = select(document, 0, paths);
    ASSERT_EQ(test::text_of(projection->apply(ItemView(source))), selected ? members_json(*selected) : "{}")
        << expression << " of " << members_json(document);
    ++compared;
  }
  EXPECT_GT(compared, 8000);
}

}  // namespace
}  // namespace reprise::dynamo
