#pragma once

#include "tools/server/api/api.h"

namespace muster {

/// `GET /v1/devices`: one page of the devices that the caller sees and the query wants.
HttpResult<HttpResponse> device_list(const Query& query);

}  // namespace muster
