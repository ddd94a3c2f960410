#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tools/muster/support/session.h"

namespace muster::cli {

/// One change in three tenses, each without its end: `fleet acme/thermo pinned to 9f3c2a1`,
/// `pin fleet acme/thermo to 9f3c2a1`, `fleet acme/thermo is pinned to 9f3c2a1 already`.
struct Sentence {
  std::string done;
  std::string would;
  std::string already;
};

/// Tells what a command led to: the answer itself for --json; else the sentence that fits, with
/// the sequence, and for a dry run the list of changes.
void report(const Session& session, const Json& answer, const Sentence& sentence);

/// Sends a command and reports what it led to.
Outcome change_and_report(Session& session, HttpMethod method, const std::string& path,
                          JsonBody body, const Sentence& sentence);

/// One column of a list for people.
struct Column {
  std::string header;
  std::function<std::string(const Json& item)> text;
};

/// The column with the member `name`, under the same words.
Column column(const std::string& name);

/// The column with the release in the member `name`.
Column release_column(const std::string& name);

/// Prints `items`: as JSON list for --json, else as table, or `none` if there are none.
void print_list(const Session& session, const Json& items, const std::vector<Column>& columns,
                const std::string& none);

/// Reads all of the list at `path` and prints it.
Outcome show_list(Session& session, const std::string& path, const std::vector<Column>& columns,
                  const std::string& none);

/// Prints one thing: as JSON for --json, else one line a member.
void print_details(const Session& session, const Json& object);

/// Reads what is at `path` and prints it.
Outcome show_one(Session& session, const std::string& path);

}  // namespace muster::cli
