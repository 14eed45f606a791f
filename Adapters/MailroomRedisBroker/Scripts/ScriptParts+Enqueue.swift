extension ScriptParts {
    /// `count`, then for each job: event, queue, due, created, job, payload, further; then digests with their octets,
    /// where they are given. Answers 0 where all are new, else who each is: 0 for new, or the id of the one that is there;
    /// or what is missing, or in conflict, and then nothing was written.
    static let enqueue = """
        local count = tonumber(ARGV[3])
        local function argument(i, field) return ARGV[3 + (i - 1) * 7 + field] end

        -- The job that a key stands for while the key lives: until settlement and its lifetime after that.
        local function holder(key)
          local id = redis.call('GET', P .. 'k:' .. key)
          local blob = id and redis.call('GET', P .. 'j:' .. id)
          if not blob then return nil end
          local job = cmsgpack.unpack(blob)
          if job[STATE] >= FINISHED and now >= job[UPDATED] + job[LIFETIME] then return nil end
          return {id, job[KEYPRINT]}
        end

        local ids, keys = {}, {}
        for i = 1, count do
          ids[i] = string.sub(argument(i, 1), 2, 17)
          keys[i] = P .. 'j:' .. ids[i]
        end
        local known = 0
        for first = 1, count, 4000 do
          known = known + redis.call('EXISTS', unpack(keys, first, math.min(first + 3999, count)))
        end

        local answers, new, seen, own, further = {}, {}, {}, {}, {}
        for i = 1, count do
          local id = ids[i]
          if seen[id] or (known > 0 and redis.call('EXISTS', keys[i]) == 1) then
            answers[i] = id
          else
            local text = argument(i, 7)
            if text ~= '' then
              local more = cmsgpack.unpack(text)
              further[i] = more
              local key = more[1]
              if key then
                local other = own[key] or holder(key)
                if other then
                  if other[2] ~= more[2] then return {'conflict', i - 1, other[1]} end
                  answers[i] = other[1]
                else
                  own[key] = {id, more[2]}
                end
              end
            end
            if not answers[i] then
              answers[i] = 0
              new[#new + 1] = i
            end
          end
          seen[id] = true
        end
        if #new == 0 then return {'known', answers} end

        -- Attachments that are neither here nor given.
        local given, missing, references = {}, {}, {}
        for at = 4 + count * 7, #ARGV, 2 do given[ARGV[at]] = ARGV[at + 1] end
        for _, i in ipairs(new) do
          for _, digest in ipairs(further[i] and further[i][4] or {}) do
            if not references[digest] then
              references[digest] = 0
              if redis.call('HEXISTS', P .. 'oc', digest) == 1 then
                given[digest] = nil
              elseif not given[digest] then
                missing[#missing + 1] = digest
              end
            end
            references[digest] = references[digest] + 1
          end
        end
        if #missing > 0 then return {'missing', missing} end

        local number = redis.call('INCRBY', P .. 'n', #new) - #new
        local sets, arrivals, lines, queues = {}, {}, {}, {}
        for at, i in ipairs(new) do
          local id, queue = ids[i], argument(i, 2)
          number = number + 1
          local blob, due = argument(i, 5) .. struct.pack('>BI8', 207, number), argument(i, 3)
          local isDue = due == argument(i, 4)
          if skew ~= 0 then
            local job = cmsgpack.unpack(blob)
            for _, field in ipairs({DUE, UPDATED, EXPIRES, CREATED}) do job[field] = job[field] - skew end
            blob, due = cmsgpack.pack(job), job[DUE]
          end
          sets[at * 4 - 3] = keys[i]
          sets[at * 4 - 2] = blob
          sets[at * 4 - 1] = P .. 'b:' .. id
          sets[at * 4] = argument(i, 6)
          arrivals[at * 2 - 1] = number
          arrivals[at * 2] = id
          local line = lines[queue]
          if not line then
            line = {}
            lines[queue] = line
            queues[#queues + 1] = queue
          end
          -- What is due at once does not wait for a server whose clock is behind.
          if isDue and tonumber(due) > now then due = now end
          line[#line + 1] = due
          line[#line + 1] = place(number, id)
          local more = further[i]
          if more then
            if more[1] then redis.call('SET', P .. 'k:' .. more[1], id) end
            for _, tag in ipairs(more[3]) do redis.call('ZADD', P .. 't:' .. tag, number, id) end
          end
          noted[at] = argument(i, 1)
        end
        for digest, by in pairs(references) do
          if given[digest] then redis.call('SET', P .. 'o:' .. digest, given[digest]) end
          redis.call('HINCRBY', P .. 'oc', digest, by)
        end
        every('MSET', sets)
        each('ZADD', P .. 'a', arrivals)
        for _, queue in ipairs(queues) do
          each('ZADD', P .. 'r:' .. queue, lines[queue])
          redis.call('SADD', P .. 'q', queue)
        end
        tell()
        if #new == count then return 0 end
        return {'known', answers}
        """
}
