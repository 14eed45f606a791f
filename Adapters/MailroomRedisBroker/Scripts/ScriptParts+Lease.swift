extension ScriptParts {
    /// `limit`, `duration`, `worker`, whether to note the worker, a number of the call's own, whether it was made before
    /// and its answer lost, then the queues. Answers pairs of job and payload,
    /// then how far the caller's clock is ahead; where there are none, an empty one, the last event, and in how many milliseconds the next job is due and the next lease ends.
    static let lease = """
        local limit, duration, worker = tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5]
        local asked, first = ARGV[7], 9
        if ARGV[6] == '1' then
          local queues = {}
          for i = first, #ARGV do queues[#queues + 1] = ARGV[i] end
          see(worker, queues)
        end

        -- The first time may have granted leases that nobody was told of.
        if ARGV[8] == '1' then
          local granted = {}
          for i = first, #ARGV do
            local ids = redis.call('ZRANGE', P .. 'l:' .. ARGV[i], 0, -1)
            local blobs, payloads = values(P .. 'j:', ids), values(P .. 'b:', ids)
            local own = {}
            for at in ipairs(ids) do
              local job = blobs[at] and payloads[at] and cmsgpack.unpack(blobs[at])
              if job and job[ASKED] == asked then own[#own + 1] = {job[TOKEN], blobs[at], payloads[at]} end
            end
            table.sort(own, function(one, other) return one[1] < other[1] end)
            for _, lease in ipairs(own) do
              granted[#granted + 1] = lease[2]
              granted[#granted + 1] = lease[3]
            end
          end
          if #granted > 0 then
            granted[#granted + 1] = skew
            return granted
          end
        end

        local picked, answer, handled = {}, {}, {}
        for i = first, #ARGV do
          local queue = ARGV[i]
          while #picked < limit do
            local wanted = limit - #picked
            local ids = redis.call('ZRANGEBYSCORE', P .. 'l:' .. queue, '-inf', uptime, 'LIMIT', 0, wanted)
            local ended = #ids
            local places = redis.call('ZRANGEBYSCORE', P .. 'r:' .. queue, '-inf', now, 'LIMIT', 0, wanted)
            for _, at in ipairs(places) do ids[#ids + 1] = string.sub(at, 9) end
            load(ids)
            -- Jobs whose lease has ended stand where they stood before it.
            if ended > 0 then
              table.sort(ids, function(one, other)
                local a, b = jobs[one], jobs[other]
                if not a or not b then return not a and b ~= nil end
                if a[DUE] ~= b[DUE] then return a[DUE] < b[DUE] end
                return a[NUMBER] < b[NUMBER]
              end)
            end
            -- What was picked stays in its set until the end, so that a second round would see it again.
            local found = {}
            for _, id in ipairs(ids) do
              if not handled[id] and #found < wanted then
                handled[id] = true
                found[#found + 1] = id
              end
            end
            local hasEnded = false
            local payloads = values(P .. 'b:', found)
            for at, id in ipairs(found) do
              local job = jobs[id]
              if not job then
                -- Somebody deleted the job's key, or the server evicted it.
                redis.call('ZREM', P .. 'l:' .. queue, id)
                for _, member in ipairs(places) do
                  if string.sub(member, 9) == id then redis.call('ZREM', P .. 'r:' .. queue, member) end
                end
                hasEnded = true
              elseif job[EXPIRES] <= now then
                finish(id, job, 'expired before it could be delivered')
                hasEnded = true
              elseif not payloads[at] then
                job[STATE], job[UPDATED] = HELD, now
                job[ERROR] = 'its content is gone: the server evicted or lost it; set maxmemory-policy noeviction'
                note(6, id)
                change(id)
                hasEnded = true
              else
                -- Nobody settled the earlier lease: its attempt is used up.
                if job[STATE] == LEASED then
                  job[LOST] = job[LOST] + 1
                  job[DOUBTED] = 1
                end
                job[STATE] = LEASED
                job[ATTEMPTS] = job[ATTEMPTS] + 1
                job[WORKER], job[ASKED] = worker, asked
                change(id)
                picked[#picked + 1] = id
                answer[#answer + 1] = payloads[at]
              end
            end
            if #found < wanted then break end
            if hasEnded then
              -- What has ended leaves its line before the next round looks there.
              save(uptime + duration)
              for _, id in ipairs(changed) do
                before[id] = {jobs[id][STATE], jobs[id][ATTEMPTS]}
                isChanged[id] = nil
              end
              changed, batches, batchOrder, unneeded, noted = {}, {}, {}, {}, {}
            end
          end
        end

        if #picked > 0 then
          -- The second goes before the number, so that a server that lost its last numbers gives none out again.
          local number = redis.call('INCRBY', P .. 'n', #picked) - #picked
          local second = time[1] * 1048576
          for i, id in ipairs(picked) do
            jobs[id][TOKEN] = second + (number + i) % 1048576
            change(id)
          end
        end
        save(uptime + duration)
        if #picked > 0 then
          local granted = {}
          for i, id in ipairs(picked) do
            granted[i * 2 - 1] = packed[id]
            granted[i * 2] = answer[i]
          end
          granted[#granted + 1] = skew
          return granted
        end

        local due, expiry
        for i = first, #ARGV do
          local next = redis.call('ZRANGE', P .. 'r:' .. ARGV[i], 0, 0, 'WITHSCORES')[2]
          if next then due = math.min(due or math.huge, next - now) end
          next = redis.call('ZRANGE', P .. 'l:' .. ARGV[i], 0, 0, 'WITHSCORES')[2]
          if next then expiry = math.min(expiry or math.huge, next - uptime) end
        end
        local last = redis.call('XREVRANGE', P .. 'e', '+', '-', 'COUNT', 1)[1]
        return {'', last and last[1] or '0-0', due or false, expiry or false}
        """

    /// `duration`, then pairs of job and token. Answers the positions of leases that are lost.
    static let extend = """
        local ids, lost, lines, seen = {}, {}, {}, {}
        for i = 4, #ARGV, 2 do ids[#ids + 1] = ARGV[i] end
        local blobs = values(P .. 'j:', ids)
        for i in ipairs(ids) do
          local job = blobs[i] and cmsgpack.unpack(blobs[i])
          if job and job[STATE] == LEASED and job[TOKEN] == tonumber(ARGV[3 + i * 2]) then
            local line = lines[job[QUEUE]]
            if not line then
              line = {}
              lines[job[QUEUE]] = line
            end
            line[#line + 1] = uptime + tonumber(ARGV[3])
            line[#line + 1] = ids[i]
            if not seen[job[WORKER]] then
              seen[job[WORKER]] = true
              see(job[WORKER])
            end
          else
            lost[#lost + 1] = i - 1
          end
        end
        for queue, line in pairs(lines) do each('ZADD', P .. 'l:' .. queue, line) end
        return lost
        """
}
