-- Requests for `wrk`: GET or PATCH of one user after another.
-- Not a scenario: no pauses, no mix; one kind of request per run, over all the given users.
--
--   wrk … -s load.lua URL -- METHOD IDS_FILE TOKEN
--
-- A PATCH changes the title to one never used before, so that each is a real change with its own
-- rows on disk. The last line printed is a JSON object; the times are milliseconds.

local method, token
local ids = {}
-- Visits the users in a scattered order; a prime, so that it shares no factor with most counts.
local STRIDE = 7919
local position, turn = 0, 0
local head

function init(args)
  method, token = args[1], args[3]
  for id in io.lines(args[2]) do
    ids[#ids + 1] = id
  end
  head = " HTTP/1.1\r\nHost: " .. wrk.host .. "\r\nAuthorization: Bearer " .. token .. "\r\n"
  -- Each run starts at another title, so that a second run on one data folder changes users too.
  turn = os.time() % 1000000 * 1000
end

function request()
  position = (position + STRIDE) % #ids
  local line = method .. " /api/v1/users/" .. ids[position + 1] .. head
  if method == "GET" then
    return line .. "\r\n"
  end
  turn = turn + 1
  local body = '{"title":"Agent ' .. string.format("%.0f", turn) .. '"}'
  return line .. "Content-Type: application/merge-patch+json\r\nContent-Length: " .. #body .. "\r\n\r\n" .. body
end

function done(summary, latency, requests)
  local errors = summary.errors
  local lost = errors.connect + errors.read + errors.write + errors.timeout
  print(string.format(
    '{"answered":%d,"refused":%d,"lost":%d,"seconds":%.3f,"p50_ms":%.3f,"p99_ms":%.3f}',
    summary.requests - errors.status, errors.status, lost, summary.duration / 1e6,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end
