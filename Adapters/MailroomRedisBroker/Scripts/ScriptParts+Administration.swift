extension ScriptParts {
    /// `cancel`, `retry` or `forget`, its argument (a reason, or a set of states by their digits), then jobs. Answers the
    /// positions of those that were acted on.
    static let act = """
        local what, argument, ids, done, seen = ARGV[3], ARGV[4], {}, {}, {}
        for i = 5, #ARGV do ids[i - 4] = ARGV[i] end
        load(ids)
        for i, id in ipairs(ids) do
          local job = jobs[id]
          local isMeant = false
          if not job or seen[id] then
            isMeant = false
          elseif what == 'cancel' then
            isMeant = job[STATE] == WAITING
            if isMeant then finish(id, job, argument) end
          elseif what == 'retry' then
            isMeant = (job[STATE] == DEAD or job[STATE] == HELD) and job[CONTENT] == 1
            if isMeant then
              job[ATTEMPTS], job[LOST], job[PRINT], job[REVIVED] = 0, 0, '', 1
              for _, r in ipairs(job[RECIPIENTS]) do
                if r[STATUS] == 2 or r[STATUS] == 3 then
                  if r[STATUS] == 3 then r[REPEATED] = 1 end
                  r[STATUS], r[CHANGED] = 0, now
                end
              end
              -- The whole time to expire anew: from here it is as long as it was at first.
              job[EXPIRES] = math.max(job[EXPIRES], now + job[EXPIRES] - job[CREATED])
              job[UPDATED], job[STATE], job[DUE] = now, WAITING, now
              note(REVIVAL, id)
              change(id)
            end
          else
            isMeant = job[STATE] ~= LEASED and string.find(argument, told(job), 1, true) ~= nil
            if isMeant then remove(id) end
          end
          if isMeant then
            seen[id] = true
            done[#done + 1] = i - 1
          end
        end
        save()
        return done
        """

    /// `before`, a state's digit, how many to pass over. Looks at a thousand jobs at most, the oldest settled first;
    /// answers how many it looked at and how many it removed.
    static let prune = """
        local limit = '(' .. string.format('%.0f', tonumber(ARGV[3]) - skew)
        local ids = redis.call('ZRANGEBYSCORE', P .. 's:' .. ARGV[4], '-inf', limit, 'LIMIT', ARGV[5], 1000)
        local count = 0
        load(ids)
        for _, id in ipairs(ids) do
          local job = jobs[id]
          if not job then
            redis.call('ZREM', P .. 's:' .. ARGV[4], id)
            count = count + 1
          elseif not keyLives(job) then
            remove(id)
            count = count + 1
          end
        end
        save()
        return {#ids, count}
        """

    /// Triples of job, what it is now and what it becomes; nothing where it is to be removed. Answers 0, having done
    /// nothing, where one of them is no longer what it was.
    static let erase = """
        local ids = {}
        for i = 3, #ARGV, 3 do
          if redis.call('GET', P .. 'j:' .. ARGV[i]) ~= ARGV[i + 1] then return 0 end
          ids[#ids + 1] = ARGV[i]
        end
        load(ids)
        for i, id in ipairs(ids) do
          local text = ARGV[i * 3 + 2]
          if text == '' then
            remove(id)
          else
            local old, job = jobs[id], cmsgpack.unpack(text)
            drop(id, old)
            job[CONTENT], job[DIGESTS] = 0, {}
            if old[KEY] and not job[KEY] then freeKey(id, old[KEY]) end
            local kept = {}
            for _, tag in ipairs(job[TAGS]) do kept[tag] = true end
            for _, tag in ipairs(old[TAGS]) do
              if not kept[tag] then put('ZREM', P .. 't:' .. tag, id) end
            end
            jobs[id] = job
            change(id)
          end
        end
        save()
        return 1
        """
}
