-- SPDX-License-Identifier: ISC
-- Sends the requests of a file in turn: each thread has its own part, and with "once" none is sent twice.
--
-- wrk ... -- FILE THREADS once|again.  A request of the file: METHOD TAB PATH TAB AUTHORIZATION TAB BODY, either may be empty.

local threads = 0

function setup(thread)
	thread:set("number", threads)
	threads = threads + 1
end

function init(args)
	local parts = tonumber(args[2])
	local line_number = 0
	requests, at, once = {}, 0, args[3] == "once"
	for line in io.lines(args[1]) do
		if line_number % parts == number then
			local method, path, authorization, body = line:match("^([^\t]*)\t([^\t]*)\t([^\t]*)\t([^\t]*)$")
			local headers = { ["Host"] = "localhost", ["X-Test-Address"] = string.format("10.9.%d.%d", line_number % 8, line_number / 8 % 250) }
			if authorization ~= "" then headers["Authorization"] = authorization end
			if body ~= "" then headers["Content-Type"] = "application/x-www-form-urlencoded" else body = nil end
			requests[#requests + 1] = wrk.format(method, path, headers, body)
		end
		line_number = line_number + 1
	end
end

function request()
	at = at + 1
	if at > #requests then
		if once then wrk.thread:stop() end
		at = 1
	end
	return requests[at]
end

function done(summary, latency)
	local e = summary.errors
	print(string.format("figures %d %d %d %d %.0f %.0f", summary.requests, summary.duration, summary.bytes,
		e.status + e.connect + e.read + e.write + e.timeout, latency:percentile(50), latency:percentile(99)))
end
