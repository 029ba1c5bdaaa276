// A set of document paths as a tree: what projections select and updates touch.
//
// Invariant: no path is a prefix of another, and no place is both a map (followed by a name) and a list (followed by
// an index); insert() refuses what would break it, which is how DynamoDB's "overlap" and "conflict" are found.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "dynamo/expr/ast.h"
#include "dynamo/expr/substitution.h"
#include "dynamo/model/item.h"

namespace reprise::dynamo {

class PathTree {
 public:
  struct Step {
    bool is_index = false;
    std::uint32_t index = 0;
    std::string name;
    bool operator==(const Step&) const = default;
    // Names by bytes, indexes by number: the order of the encoding.
    [[nodiscard]] bool before(const Step& other) const { return is_index ? index < other.index : name < other.name; }
  };
  struct Node {
    Step step;
    std::vector<std::uint32_t> children;  // in the order of the encoding; none: everything below is meant
    std::uint32_t path = 0;               // leaves: the number given to insert()
  };

  PathTree() : nodes_(1) {}

  enum class Refusal : std::uint8_t { none, overlap, conflict };
  struct Insertion {
    Refusal refusal = Refusal::none;
    std::uint32_t other = 0;  // a path inserted before that stands in the way
  };
  Insertion insert(const std::vector<Step>& path, std::uint32_t number);

  [[nodiscard]] const Node& root() const { return nodes_[0]; }
  [[nodiscard]] const Node& node(std::uint32_t index) const { return nodes_[index]; }

  // Appends what the paths select of `item`, as an item.
  void project(ItemView item, Bytes& out) const;

 private:
  bool project_value(const Node& node, ValueView value, Bytes& out) const;
  bool project_members(const Node& node, MapView map, Bytes& out) const;
  bool project_elements(const Node& node, ListView list, Bytes& out) const;
  [[nodiscard]] std::uint32_t first_leaf(std::uint32_t node) const;
  void append_chain(std::uint32_t parent, std::ptrdiff_t position, const std::vector<Step>& path, std::size_t from,
                    std::uint32_t number);
  std::vector<Node> nodes_;  // nodes_[0] is the root, above the top-level names
};

// The steps of a bound path.
std::vector<PathTree::Step> steps_of(const Binding& binding, PathSpan path);
// "Two document paths overlap with each other; ..." or "... conflict with each other; ...".
std::string refusal_message(const Binding& binding, PathTree::Refusal refusal, PathSpan one, PathSpan two);

}  // namespace reprise::dynamo
