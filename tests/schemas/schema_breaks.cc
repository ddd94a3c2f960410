#include "tests/schemas/schema_breaks.h"

#include <fmt/format.h>

#include <algorithm>

namespace muster::test {
namespace {

std::string text(const flatbuffers::String* value) { return value ? value->str() : "none"; }

/// A type by name, so that it can be compared across schemas.
std::string type_name(const reflection::Schema& schema, const reflection::Type& type) {
  std::string name = reflection::EnumNameBaseType(type.base_type());
  const bool of_elements =
      type.base_type() == reflection::Vector || type.base_type() == reflection::Array;
  const auto base = of_elements ? type.element() : type.base_type();
  if (of_elements) {
    name += fmt::format(" of {} x {}", reflection::EnumNameBaseType(base), type.fixed_length());
  }
  if (type.index() < 0) {
    return name;
  }
  const auto index = static_cast<flatbuffers::uoffset_t>(type.index());
  const auto* named = base == reflection::Obj ? schema.objects()->Get(index)->name()
                                              : schema.enums()->Get(index)->name();
  return fmt::format("{} {}", name, text(named));
}

class Comparison {
 public:
  Comparison(const reflection::Schema& released, const reflection::Schema& current)
      : released_(released), current_(current) {}

  std::vector<std::string> run() {
    same("schema", "file identifier", text(released_.file_ident()), text(current_.file_ident()));
    same("schema", "root type", root_of(released_), root_of(current_));
    for (const auto* before : *released_.enums()) {
      const auto* after = current_.enums()->LookupByKey(before->name()->c_str());
      if (still_there(text(before->name()), after)) {
        compare(*before, *after);
      }
    }
    for (const auto* before : *released_.objects()) {
      const auto* after = current_.objects()->LookupByKey(before->name()->c_str());
      if (still_there(text(before->name()), after)) {
        compare(*before, *after);
      }
    }
    return std::move(breaks_);
  }

 private:
  static std::string root_of(const reflection::Schema& schema) {
    return schema.root_table() ? text(schema.root_table()->name()) : "none";
  }

  bool still_there(const std::string& where, const void* found) {
    if (found == nullptr) {
      breaks_.push_back(fmt::format("{} was removed or renamed", where));
    }
    return found != nullptr;
  }

  template <typename Value>
  void same(const std::string& where, const char* what, const Value& before, const Value& after) {
    if (before == after) {
      return;
    }
    breaks_.push_back(fmt::format("{}: {} was {}, is {}", where, what, before, after));
  }

  void compare(const reflection::Enum& before, const reflection::Enum& after) {
    const std::string name = text(before.name());
    same(name, "being a union", before.is_union(), after.is_union());
    same(name, "type", type_name(released_, *before.underlying_type()),
         type_name(current_, *after.underlying_type()));
    std::int64_t last = 0;
    for (const auto* value : *before.values()) {
      last = std::max(last, value->value());
      const std::string where = fmt::format("{}.{}", name, text(value->name()));
      const auto found = std::find_if(
          after.values()->begin(), after.values()->end(),
          [value](const auto* other) { return text(other->name()) == text(value->name()); });
      if (!still_there(where, found == after.values()->end() ? nullptr : *found)) {
        continue;
      }
      same(where, "number", value->value(), found->value());
      if (before.is_union() && value->union_type() && found->union_type()) {
        same(where, "type", type_name(released_, *value->union_type()),
             type_name(current_, *found->union_type()));
      }
    }
    for (const auto* value : *after.values()) {
      const bool known = before.values()->LookupByKey(value->value()) != nullptr;
      if (!known && value->value() < last) {
        breaks_.push_back(fmt::format("{}.{} was not added at the end", name, text(value->name())));
      }
    }
  }

  void compare(const reflection::Object& before, const reflection::Object& after) {
    const std::string name = text(before.name());
    same(name, "being a struct", before.is_struct(), after.is_struct());
    if (before.is_struct()) {
      same(name, "size", before.bytesize(), after.bytesize());
      same(name, "alignment", before.minalign(), after.minalign());
      same(name, "number of fields", before.fields()->size(), after.fields()->size());
    }
    int last = -1;
    for (const auto* field : *before.fields()) {
      last = std::max<int>(last, field->id());
      const auto* found = after.fields()->LookupByKey(field->name()->c_str());
      const std::string where = fmt::format("{}.{}", name, text(field->name()));
      if (still_there(where, found)) {
        compare(where, *field, *found);
      }
    }
    for (const auto* field : *after.fields()) {
      if (before.fields()->LookupByKey(field->name()->c_str()) != nullptr) {
        continue;
      }
      const std::string where = fmt::format("{}.{}", name, text(field->name()));
      if (field->id() <= last) {
        breaks_.push_back(fmt::format("{} was not added at the end", where));
      }
      if (field->required()) {
        breaks_.push_back(fmt::format("{} is new and required", where));
      }
    }
  }

  void compare(const std::string& where, const reflection::Field& before,
               const reflection::Field& after) {
    same(where, "id", before.id(), after.id());
    same(where, "offset", before.offset(), after.offset());
    same(where, "type", type_name(released_, *before.type()), type_name(current_, *after.type()));
    same(where, "default", before.default_integer(), after.default_integer());
    same(where, "default", before.default_real(), after.default_real());
    same(where, "required", before.required(), after.required());
    same(where, "optional", before.optional(), after.optional());
    same(where, "key", before.key(), after.key());
    if (before.deprecated()) {
      same(where, "deprecated", true, after.deprecated());
    }
  }

  const reflection::Schema& released_;
  const reflection::Schema& current_;
  std::vector<std::string> breaks_;
};

}  // namespace

std::vector<std::string> schema_breaks(const reflection::Schema& released,
                                       const reflection::Schema& current) {
  return Comparison(released, current).run();
}

}  // namespace muster::test
