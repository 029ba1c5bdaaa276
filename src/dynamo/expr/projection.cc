// Projections are path trees; their paths are checked while the tree is built.
#include "dynamo/expr/projection.h"

namespace reprise::dynamo {

Outcome<Projection> Projection::bind(std::shared_ptr<const Ast> ast, Substitutions& substitutions) {
  TRY_ASSIGN(const Binding binding, Binding::bind(std::move(ast), substitutions));
  Projection projection;
  const Ast& tree = binding.ast();
  for (std::uint32_t i = 0; i < tree.projection.size(); ++i) {
    const PathSpan path = tree.paths[tree.projection[i]];
    const PathTree::Insertion insertion = projection.tree_.insert(steps_of(binding, path), i);
    if (insertion.refusal == PathTree::Refusal::none) continue;
    const PathSpan other = tree.paths[tree.projection[insertion.other]];
    return binding.error(refusal_message(binding, insertion.refusal, other, path));
  }
  return projection;
}

Projection Projection::of_attributes(const std::vector<std::string>& names) {
  Projection projection;
  std::uint32_t number = 0;
  // A name that is there already is refused, which is all that is wanted.
  for (const std::string& name : names) projection.tree_.insert({{false, 0, name}}, number++);
  return projection;
}

Bytes Projection::apply(ItemView item) const {
  Bytes out;
  tree_.project(item, out);
  return out;
}

void Projection::apply_to(ItemView item, Bytes& out) const {
  out.clear();
  tree_.project(item, out);
}

std::vector<std::string> Projection::root_names() const {
  std::vector<std::string> names;
  names.reserve(tree_.root().children.size());
  for (const std::uint32_t child : tree_.root().children) names.push_back(tree_.node(child).step.name);
  return names;
}

Check Projection::check_key_paths_scalar(const TableDefinition& table) const {
  for (const std::uint32_t child : tree_.root().children) {
    const PathTree::Node& node = tree_.node(child);
    if (!node.children.empty()) TRY(check_key_path_scalar(table, node.step.name));
  }
  return Passed{};
}

}  // namespace reprise::dynamo
