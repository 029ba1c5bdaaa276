// Inserting paths, and copying what they select in one walk over the encoding, whose order the children share.
#include "dynamo/expr/path_tree.h"

#include <algorithm>

namespace reprise::dynamo {

std::uint32_t PathTree::first_leaf(std::uint32_t node) const {
  if (nodes_[node].children.empty()) return nodes_[node].path;
  std::uint32_t first = ~std::uint32_t{0};
  for (const std::uint32_t child : nodes_[node].children) first = std::min(first, first_leaf(child));
  return first;
}

PathTree::Insertion PathTree::insert(const std::vector<Step>& path, std::uint32_t number) {
  std::uint32_t at = 0;
  for (std::size_t i = 0; i < path.size(); ++i) {
    const Step& step = path[i];
    auto& children = nodes_[at].children;
    if (at != 0 && children.empty()) return {Refusal::overlap, nodes_[at].path};
    if (!children.empty() && nodes_[children.front()].step.is_index != step.is_index) {
      return {Refusal::conflict, first_leaf(at)};
    }
    const auto place =
        std::lower_bound(children.begin(), children.end(), step,
                         [this](std::uint32_t child, const Step& s) { return nodes_[child].step.before(s); });
    if (place != children.end() && nodes_[*place].step == step) {
      at = *place;
      continue;
    }
    append_chain(at, place - children.begin(), path, i, number);
    return {};
  }
  return {Refusal::overlap, first_leaf(at)};
}

// Adds the steps of `path` from `from` on, below `parent` at `position`.
void PathTree::append_chain(std::uint32_t parent, std::ptrdiff_t position, const std::vector<Step>& path,
                            std::size_t from, std::uint32_t number) {
  const auto first = static_cast<std::uint32_t>(nodes_.size());
  for (std::size_t i = from; i < path.size(); ++i) {
    Node node;
    node.step = path[i];
    if (i + 1 < path.size()) {
      node.children.push_back(static_cast<std::uint32_t>(nodes_.size() + 1));
    } else {
      node.path = number;
    }
    nodes_.push_back(std::move(node));
  }
  auto& children = nodes_[parent].children;
  children.insert(children.begin() + position, first);
}

bool PathTree::project_value(const Node& node, ValueView value, Bytes& out) const {
  if (node.children.empty()) {
    out.append(value.encoded());
    return true;
  }
  const bool wants_list = nodes_[node.children.front()].step.is_index;
  if (!value.is(wants_list ? AttributeType::list : AttributeType::map)) return false;
  const std::size_t start = out.size();
  ValueWriter writer(out);
  bool any = false;
  if (wants_list) {
    writer.begin_list();
    any = project_elements(node, value.list(), out);
    writer.end_list();
  } else {
    writer.begin_map();
    any = project_members(node, value.map(), out);
    writer.end_map();
  }
  if (!any) out.resize(start);
  return any;
}

bool PathTree::project_members(const Node& node, MapView map, Bytes& out) const {
  bool any = false;
  auto member = map.members();
  for (const std::uint32_t index : node.children) {
    const Node& child = nodes_[index];
    while (member && member.name() < child.step.name) member.advance();
    if (!member) break;
    if (member.name() != child.step.name) continue;
    const std::size_t start = out.size();
    ValueWriter(out).name(member.name());
    if (project_value(child, member.value(), out)) {
      any = true;
    } else {
      out.resize(start);
    }
  }
  return any;
}

bool PathTree::project_elements(const Node& node, ListView list, Bytes& out) const {
  bool any = false;
  auto element = list.elements();
  std::uint32_t position = 0;
  for (const std::uint32_t index : node.children) {
    const Node& child = nodes_[index];
    for (; element && position < child.step.index; ++position) element.advance();
    if (!element) break;
    if (project_value(child, element.value(), out)) any = true;
  }
  return any;
}

void PathTree::project(ItemView item, Bytes& out) const {
  out.push_back(ItemView::format_version);
  project_members(nodes_[0], item.map(), out);
}

std::vector<PathTree::Step> steps_of(const Binding& binding, PathSpan path) {
  std::vector<PathTree::Step> steps;
  steps.reserve(path.count);
  for (std::size_t i = 0; i < path.count; ++i) {
    const PathStep& step = binding.ast().steps[path.first + i];
    if (step.is_index) {
      steps.push_back({true, step.value, {}});
    } else {
      steps.push_back({false, 0, std::string(binding.name(step.value))});
    }
  }
  return steps;
}

std::string refusal_message(const Binding& binding, PathTree::Refusal refusal, PathSpan one, PathSpan two) {
  return "Two document paths " + std::string(refusal == PathTree::Refusal::overlap ? "overlap" : "conflict") +
         " with each other; must remove or rewrite one of these paths; path one: " + binding.describe_path(one) +
         ", path two: " + binding.describe_path(two);
}

}  // namespace reprise::dynamo
