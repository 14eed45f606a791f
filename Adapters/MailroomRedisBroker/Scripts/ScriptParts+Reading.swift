extension ScriptParts {
    /// A sorted set, the number below which to look (or `+inf`), how many to look at, how many to answer, states by their
    /// digits, an address in lower case, a recipient's status, what to answer (`jobs`, or `counts` of recipients by
    /// status); then how many queues, queues, tags. Answers where to go on (empty at the end), the time, and that.
    static let find = """
        local limit, states, address, status = tonumber(ARGV[6]), ARGV[7], ARGV[8], tonumber(ARGV[9])
        local queues, tags = {}, {}
        local last = 11 + tonumber(ARGV[11])
        for i = 12, last do queues[ARGV[i]] = true end
        for i = last + 1, #ARGV do tags[#tags + 1] = ARGV[i] end

        local found = redis.call('ZREVRANGEBYSCORE', P .. ARGV[3], ARGV[4], '-inf', 'WITHSCORES', 'LIMIT', 0, ARGV[5])
        local ids, out, counts, at = {}, {}, {0, 0, 0, 0}, ''
        for i = 1, #found, 2 do ids[#ids + 1] = found[i] end
        local blobs = values(P .. 'j:', ids)

        local function matches(job)
          if states ~= '' and not string.find(states, told(job), 1, true) then return false end
          if last > 11 and not queues[job[QUEUE]] then return false end
          for _, tag in ipairs(tags) do
            local hasTag = false
            for _, own in ipairs(job[TAGS]) do hasTag = hasTag or own == tag end
            if not hasTag then return false end
          end
          if address == '' and not status then return true end
          local isMeant = false
          for _, r in ipairs(job[RECIPIENTS]) do
            if (address == '' or string.lower(r[ADDRESS]) == address) and (not status or r[STATUS] == status) then
              isMeant = true
              counts[r[STATUS] + 1] = counts[r[STATUS] + 1] + 1
            end
          end
          return isMeant
        end

        for i = 1, #ids do
          local job = blobs[i] and cmsgpack.unpack(blobs[i])
          if job and matches(job) then
            if ARGV[10] == 'jobs' then
              out[#out + 1] = blobs[i]
              if #out >= limit then return {'(' .. found[i * 2], now, out} end
            elseif address == '' and not status then
              for _, r in ipairs(job[RECIPIENTS]) do counts[r[STATUS] + 1] = counts[r[STATUS] + 1] + 1 end
            end
          end
        end
        if #ids == tonumber(ARGV[5]) then at = '(' .. found[#found] end
        return {at, now, ARGV[10] == 'jobs' and out or counts}
        """

    /// Jobs. Answers the time and each, or nothing for one that is not there.
    static let records = """
        local ids = {}
        for i = 3, #ARGV do ids[i - 2] = ARGV[i] end
        return {now, values(P .. 'j:', ids)}
        """

    /// Answers six for each queue: its name, how many are scheduled, ready, in hand, finished, dead and held, and how many
    /// were retried.
    static let counts = """
        local answer = {}
        for _, queue in ipairs(redis.call('SMEMBERS', P .. 'q')) do
          local line = P .. 'r:' .. queue
          local later = redis.call('ZCOUNT', line, '(' .. string.format('%.0f', now), '+inf')
          local settled = redis.call('HMGET', P .. 'c', '3' .. queue, '4' .. queue, '5' .. queue, 'r' .. queue)
          answer[#answer + 1] = {queue, later, redis.call('ZCARD', line) - later, redis.call('ZCARD', P .. 'l:' .. queue),
            tonumber(settled[1] or 0), tonumber(settled[2] or 0), tonumber(settled[3] or 0), tonumber(settled[4] or 0)}
        end
        return answer
        """

    /// Answers the time, pairs of each job in hand and the milliseconds its lease still lasts, and the workers.
    static let leased = """
        local answer = {}
        for _, queue in ipairs(redis.call('SMEMBERS', P .. 'q')) do
          local found = redis.call('ZRANGE', P .. 'l:' .. queue, 0, -1, 'WITHSCORES')
          local ids = {}
          for i = 1, #found, 2 do ids[#ids + 1] = found[i] end
          local blobs = values(P .. 'j:', ids)
          for i = 1, #ids do
            if blobs[i] then
              answer[#answer + 1] = blobs[i]
              answer[#answer + 1] = found[i * 2] - uptime
            end
          end
        end
        return {now, answer, redis.call('HGETALL', P .. 'w')}
        """

    /// An event's entry, empty for the end of the stream, and how many entries to answer at most. Answers whether nothing
    /// was trimmed since, the last entry, the entry itself, and those that follow.
    static let feed = """
        local stream, from = P .. 'e', ARGV[3]
        local last = redis.call('XREVRANGE', stream, '+', '-', 'COUNT', 1)[1]
        local lastID = last and last[1] or '0-0'
        if from == '' then return {1, lastID, {}, {}} end
        local own = redis.call('XRANGE', stream, from, from)
        local isWhole = #own == 1
        if from == '0-0' then
          isWhole = true
          if last then
            local facts = redis.call('XINFO', 'STREAM', stream)
            local named = {}
            for i = 1, #facts, 2 do named[facts[i]] = facts[i + 1] end
            isWhole = named['entries-added'] == named['length']
          end
        end
        local after = isWhole and '(' .. from or '-'
        return {isWhole and 1 or 0, lastID, own, redis.call('XRANGE', stream, after, '+', 'COUNT', ARGV[4])}
        """
}
