// The shapes that tables and items have in common: names, plain scalars, and the lists of words that enumerations
// accept, in the order the real service prints them (captured where a capture exists, else the model's).
#pragma once

#include <string_view>

#include "dynamo/ops/shape.h"

namespace reprise::dynamo::shapes {

inline constexpr Shape text{.kind = ShapeKind::string};
inline constexpr Shape flag{.kind = ShapeKind::boolean};
inline constexpr Shape anything{.kind = ShapeKind::any};
inline constexpr Shape value{.kind = ShapeKind::attribute_value};
inline constexpr Shape item{.kind = ShapeKind::item};
inline constexpr Shape text_list{.kind = ShapeKind::list, .element = &text};

inline constexpr Shape plain_name{.kind = ShapeKind::string, .min = 3, .max = 255, .name_pattern = true};
// A table that is there, by its name or its ARN; and the name of one that is to be.
inline constexpr Shape table_name{
    .kind = ShapeKind::string, .min = 3, .max = 255, .name_pattern = true, .or_arn = true, .empty_apart = true};
inline constexpr Shape new_table_name{
    .kind = ShapeKind::string, .min = 3, .max = 255, .name_pattern = true, .or_arn = true};

inline constexpr std::string_view return_consumed_capacity_words[] = {"INDEXES", "TOTAL", "NONE"};
inline constexpr Shape return_consumed_capacity{.kind = ShapeKind::string, .values = return_consumed_capacity_words};

}  // namespace reprise::dynamo::shapes
