#include "tools/http/json_body.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <set>

#include "core/base/utf8.h"

namespace muster {
namespace {

using Json = nlohmann::json;

constexpr std::size_t depth_max = 32;

Problem malformed(std::string detail) {
  return Problem{400,
                 "malformed-json",
                 "The body is not the JSON it must be",
                 std::move(detail),
                 {},
                 "Send one JSON object in UTF-8."};
}

/// `line 2, column 7` of the byte at `offset`.
std::string place_of(std::string_view text, std::size_t offset) {
  const auto before = text.substr(0, std::min(offset, text.size()));
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const auto start = before.rfind('\n');
  const auto column = start == std::string_view::npos ? before.size() : before.size() - start - 1;
  return fmt::format("line {}, column {}", line, std::max<std::size_t>(column, 1));
}

/// Walks over a text of which no document was made, to say what is wrong and where: what the
/// library refuses, and what it would accept. Stops at the first problem.
class Checker final : public nlohmann::json_sax<Json> {
 public:
  explicit Checker(std::string_view text) : text_(text) {}

  [[nodiscard]] std::optional<Problem> problem() && { return std::move(problem_); }

  bool null() override { return true; }
  bool boolean(bool /*value*/) override { return true; }
  bool number_integer(number_integer_t /*value*/) override { return true; }
  bool number_unsigned(number_unsigned_t /*value*/) override { return true; }
  bool number_float(number_float_t /*value*/, const string_t& /*text*/) override { return true; }
  bool string(string_t& /*value*/) override { return true; }
  bool binary(binary_t& /*value*/) override { return true; }
  bool start_object(std::size_t /*size*/) override { return open(); }
  bool start_array(std::size_t /*size*/) override { return open(); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  bool key(string_t& name) override {
    if (keys_.back().insert(name).second) return true;
    problem_ = Problem{400,
                       "duplicate-key",
                       "A field is given twice",
                       fmt::format("The field '{}' is there more than once in one object.", name),
                       name,
                       "Give each field once."};
    return false;
  }

  bool parse_error(std::size_t position, const std::string& last_token,
                   const Json::exception& /*why*/) override {
    const auto place = place_of(text_, position);
    problem_ = malformed(
        last_token.empty() || position > text_.size()
            ? fmt::format("The JSON ends too early, at {}.", place)
            : fmt::format("The JSON is broken at {}, at '{}'.", place, last_token.substr(0, 40)));
    return false;
  }

 private:
  bool open() {
    keys_.emplace_back();
    if (keys_.size() <= depth_max) return true;
    problem_ = malformed(fmt::format("The JSON is nested deeper than {} levels.", depth_max));
    return false;
  }

  bool close() {
    keys_.pop_back();
    return true;
  }

  std::string_view text_;
  std::vector<std::set<std::string>> keys_;  // Of the objects that are open; empty for arrays.
  std::optional<Problem> problem_;
};

/// What a text is like before it is understood: how deep it nests, and how many keys its objects
/// have together. For texts that are no JSON, any numbers.
struct Shape {
  std::size_t depth = 0;
  std::size_t keys = 0;
};

Shape shape_of(std::string_view text) {
  Shape shape;
  std::size_t depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '\\') ++i;
      if (c == '"') quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == ':') {
      ++shape.keys;
    } else if (c == '{' || c == '[') {
      shape.depth = std::max(shape.depth, ++depth);
    } else if (c == '}' || c == ']') {
      depth -= depth > 0 ? 1 : 0;
    }
  }
  return shape;
}

/// The keys of all objects in it. A key that was given twice counts once.
std::size_t keys_in(const Json& json) {
  std::size_t keys = json.is_object() ? json.size() : 0;
  if (json.is_structured()) {
    for (const Json& part : json) keys += keys_in(part);
  }
  return keys;
}

/// The document that `text` is; null if it is none that is taken.
std::unique_ptr<Json> read_document(std::string_view text) {
  const Shape shape = shape_of(text);
  if (shape.depth > depth_max) return nullptr;
  auto json = std::make_unique<Json>(Json::parse(text, nullptr, false));
  if (json->is_discarded() || keys_in(*json) != shape.keys) return nullptr;
  return json;
}

/// What is wrong with a text that is no document.
Problem problem_of(std::string_view text) {
  Checker checker(text);
  Json::sax_parse(text, &checker);
  auto problem = std::move(checker).problem();
  return problem ? std::move(*problem) : malformed("The JSON is broken.");
}

bool is_json_type(std::string_view type) {
  const auto media = type.substr(0, type.find(';'));
  const auto end = media.find_last_not_of(" \t");
  if (!equals_ignoring_case(media.substr(0, end + 1), "application/json")) return false;
  const auto charset = type.find("charset=");
  if (charset == std::string_view::npos) return true;
  auto name = type.substr(charset + 8);
  if (name.starts_with('"')) name = name.substr(1, name.find('"', 1) - 1);
  return equals_ignoring_case(name, "utf-8");
}

std::string excerpt(const Json& value) {
  auto text = value.dump(-1, ' ', true, Json::error_handler_t::replace);
  if (text.size() > 60) text = fmt::format("{}…", std::string_view(text).substr(0, 60));
  return text;
}

}  // namespace

JsonReader::JsonReader(std::unique_ptr<Json> object) : object_(std::move(object)) {}
JsonReader::JsonReader(JsonReader&&) noexcept = default;
JsonReader& JsonReader::operator=(JsonReader&&) noexcept = default;
JsonReader::~JsonReader() = default;

HttpResult<JsonReader> JsonReader::read(const HttpRequest& request) {
  const auto* type = request.headers.find("content-type");
  if (type != nullptr && !is_json_type(*type)) {
    return tl::unexpected(
        Problem{415,
                "unsupported-media-type",
                "The body is of a type that is not taken",
                fmt::format("Bodies must be application/json in UTF-8; this one is '{}'.", *type),
                {},
                "Send Content-Type: application/json."});
  }
  return parse(request.body.empty() ? std::string_view("{}") : std::string_view(request.body));
}

HttpResult<JsonReader> JsonReader::parse(std::string_view text) {
  if (!is_utf8(text)) {
    return tl::unexpected(Problem{400,
                                  "invalid-utf8",
                                  "The body is not UTF-8",
                                  "The body has bytes that are not UTF-8.",
                                  {},
                                  "Send the JSON in UTF-8."});
  }
  auto object = read_document(text);
  if (object == nullptr) return tl::unexpected(problem_of(text));
  if (!object->is_object()) {
    return tl::unexpected(
        malformed(fmt::format("The body must be a JSON object; it is {}.", excerpt(*object))));
  }
  return JsonReader(std::move(object));
}

const Json* JsonReader::find(std::string_view name) {
  asked_.emplace_back(name);
  const auto found = object_->find(name);
  return found == object_->end() ? nullptr : &*found;
}

bool JsonReader::has(std::string_view name) const { return object_->contains(name); }

void JsonReader::refuse(std::string_view name, std::string_view rule, std::string_view given) {
  if (problem_) return;
  problem_ = Problem{400,
                     "invalid-field",
                     "A field is missing or wrong",
                     fmt::format("The field '{}' must be {}; it is {}.", name, rule, given),
                     std::string(name),
                     fmt::format("Correct '{}' and send again.", name)};
}

void JsonReader::refuse_value(std::string_view name, std::string_view rule, const Json& value) {
  refuse(name, rule, excerpt(value));
}

void JsonReader::require(std::string_view name, bool present) {
  if (!present) refuse(name, "given", "missing");
}

bool JsonReader::is_text(std::string_view name, std::string_view rule, const Json& value) {
  const auto* text = value.get_ptr<const std::string*>();
  const bool good = text != nullptr && text->find('\0') == std::string::npos;
  if (!good) refuse_value(name, rule, value);
  return good;
}

std::optional<std::string> JsonReader::optional_string(std::string_view name) {
  const auto* value = find(name);
  if (value == nullptr || !is_text(name, "a string without NUL", *value)) return std::nullopt;
  return value->get<std::string>();
}

std::optional<bool> JsonReader::optional_boolean(std::string_view name) {
  const auto* value = find(name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_boolean()) {
    refuse_value(name, "true or false", *value);
    return std::nullopt;
  }
  return value->get<bool>();
}

std::optional<std::uint64_t> JsonReader::optional_unsigned_integer(std::string_view name) {
  const auto* value = find(name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_number_unsigned()) {
    refuse_value(name, "a whole number from 0 to 18446744073709551615", *value);
    return std::nullopt;
  }
  return value->get<std::uint64_t>();
}

std::optional<std::vector<std::string>> JsonReader::optional_strings(std::string_view name) {
  constexpr std::string_view rule = "a list of strings without NUL";
  const auto* value = find(name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_array()) {
    refuse_value(name, rule, *value);
    return std::nullopt;
  }
  std::vector<std::string> texts;
  for (const auto& item : *value) {
    if (!is_text(name, rule, item)) return std::nullopt;
    texts.push_back(item.get<std::string>());
  }
  return texts;
}

std::optional<std::string> JsonReader::optional_json(std::string_view name) {
  const auto* value = find(name);
  if (value == nullptr) return std::nullopt;
  return value->dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string JsonReader::string(std::string_view name) {
  require(name, has(name));
  return optional_string(name).value_or("");
}

bool JsonReader::boolean(std::string_view name) {
  require(name, has(name));
  return optional_boolean(name).value_or(false);
}

std::uint64_t JsonReader::unsigned_integer(std::string_view name) {
  require(name, has(name));
  return optional_unsigned_integer(name).value_or(0);
}

std::vector<std::string> JsonReader::strings(std::string_view name) {
  require(name, has(name));
  return optional_strings(name).value_or(std::vector<std::string>());
}

std::string JsonReader::json(std::string_view name) {
  require(name, has(name));
  return optional_json(name).value_or("");
}

std::optional<Problem> JsonReader::finish() const {
  // A misspelt name shows up as two faults, the unknown one and perhaps a missing one: the
  // first says more.
  for (const auto& item : object_->items()) {
    const auto& name = item.key();
    if (std::find(asked_.begin(), asked_.end(), name) != asked_.end()) continue;
    return Problem{400,
                   "unknown-field",
                   "A field is not known",
                   fmt::format("There is no field '{}' here.", name),
                   name,
                   "Take it out, or correct its name.",
                   asked_};
  }
  return problem_;
}

}  // namespace muster
