-- Plays a file of prepared requests, in order and round again, from a place that the caller names; tells as JSON how it
-- went. Arguments: the file, the place. A line is: method, path, token or "-", body or "-", with tabs between them.
-- All is made before the start: while the clock runs, a request is a look into a table.

local requests, place = {}, 0

function init(arguments)
   for line in io.lines(arguments[1]) do
      local method, path, token, body = line:match("^(.-)\t(.-)\t(.-)\t(.*)$")
      local headers = {}
      if token ~= "-" then headers["Authorization"] = "Bearer " .. token end
      if body ~= "-" then headers["Content-Type"] = "application/json" end
      requests[#requests + 1] = wrk.format(method, path, headers, body ~= "-" and body or nil)
   end
   place = tonumber(arguments[2]) % #requests
end

function request()
   place = place % #requests + 1
   return requests[place]
end

-- Latencies are in microseconds, the duration too. `status` counts answers over 399.
function done(summary, latency, _)
   local e = summary.errors
   io.write(string.format(
      '{"requests": %d, "duration_us": %d, "p50_us": %d, "p99_us": %d, "failed": %d, "broken": %d}\n',
      summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), e.status,
      e.connect + e.read + e.write + e.timeout))
end
