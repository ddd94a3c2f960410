#include "tools/backup/backup_json.h"

#include <nlohmann/json.hpp>

#include "core/base/base64.h"
#include "core/log/checkpoint/checkpoint.h"

namespace muster {

nlohmann::ordered_json backup_json(const StoredBackup& backup) {
  using Json = nlohmann::ordered_json;
  const BackupNote& note = backup.note;
  const auto checkpoint = parse_checkpoint(note.checkpoint);
  return Json{{"id", backup.id},
              {"made_at", to_rfc3339(note.made_at)},
              {"events", note.head.size},
              {"last_event", to_rfc3339(note.last_event)},
              {"epoch", note.epoch},
              {"log", to_string(note.log)},
              {"root", to_base64(note.head.root)},
              {"signed_events", checkpoint ? Json(checkpoint->head.size) : Json(nullptr)},
              {"bytes", backup.bytes},
              {"files", backup.files},
              {"muster", note.made_by}};
}

}  // namespace muster
