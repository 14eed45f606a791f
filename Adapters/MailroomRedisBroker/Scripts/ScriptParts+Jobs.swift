extension ScriptParts {
    /// Reads jobs, and writes those that changed with all that is derived from them.
    static let jobs = """
        local jobs, before, changed, isChanged, removed, packed = {}, {}, {}, {}, {}, {}

        local function load(ids)
          local blobs = values(P .. 'j:', ids)
          for i, id in ipairs(ids) do
            if blobs[i] and not jobs[id] then
              local job = cmsgpack.unpack(blobs[i])
              jobs[id] = job
              before[id] = {job[STATE], job[ATTEMPTS]}
            end
          end
        end

        local function change(id)
          if not isChanged[id] then
            isChanged[id] = true
            changed[#changed + 1] = id
          end
        end

        local batches, batchOrder = {}, {}

        -- Calls of one command on one key are put together.
        local function put(command, key, one, two)
          local name = command .. key
          local batch = batches[name]
          if not batch then
            batch = {command, key, {}}
            batches[name] = batch
            batchOrder[#batchOrder + 1] = batch
          end
          local list = batch[3]
          list[#list + 1] = one
          if two then list[#list + 1] = two end
        end

        local unneeded = {}

        -- What a job's content needs no more.
        local function drop(id, job)
          if job[CONTENT] == 0 then return end
          job[CONTENT] = 0
          unneeded[#unneeded + 1] = P .. 'b:' .. id
          for _, digest in ipairs(job[DIGESTS]) do
            if redis.call('HINCRBY', P .. 'oc', digest, -1) < 1 then
              redis.call('HDEL', P .. 'oc', digest)
              unneeded[#unneeded + 1] = P .. 'o:' .. digest
            end
          end
          job[DIGESTS] = {}
        end

        -- Whether the idempotency key of a job still answers for it.
        local function keyLives(job)
          if not job[KEY] then return false end
          return job[STATE] < FINISHED or now < job[UPDATED] + job[LIFETIME]
        end

        local function freeKey(id, key)
          if redis.call('GET', P .. 'k:' .. key) == id then redis.call('DEL', P .. 'k:' .. key) end
        end

        -- Takes a job away with all that is recorded of it; done by save().
        local function remove(id)
          local job = jobs[id]
          drop(id, job)
          if job[KEY] then freeKey(id, job[KEY]) end
          removed[id] = true
          change(id)
          note(REMOVED, id)
        end

        -- leaseEnd: when the leases end that this call granted.
        local function save(leaseEnd)
          local counts, sets = {}, {}
          local function count(field, by) counts[field] = (counts[field] or 0) + by end
          for _, id in ipairs(changed) do
            local job, was = jobs[id], before[id]
            local queue, state, old = job[QUEUE], job[STATE], was[1]
            if removed[id] then state = nil end
            if old == WAITING then
              put('ZREM', P .. 'r:' .. queue, place(job[NUMBER], id))
            elseif old == LEASED then
              if state ~= LEASED then put('ZREM', P .. 'l:' .. queue, id) end
            else
              put('ZREM', P .. 's:' .. old, id)
              count(old .. queue, -1)
              if old ~= FINISHED then put('ZREM', P .. 'x', id) end
            end
            if was[2] > 1 then count('r' .. queue, -1) end
            if not state then
              unneeded[#unneeded + 1] = P .. 'j:' .. id
              put('ZREM', P .. 'a', id)
              for _, tag in ipairs(job[TAGS]) do put('ZREM', P .. 't:' .. tag, id) end
            else
              if job[ATTEMPTS] > 1 then count('r' .. queue, 1) end
              if state == WAITING then
                put('ZADD', P .. 'r:' .. queue, job[DUE], place(job[NUMBER], id))
              elseif state == LEASED then
                if leaseEnd then put('ZADD', P .. 'l:' .. queue, leaseEnd, id) end
              else
                put('ZADD', P .. 's:' .. state, job[UPDATED], id)
                count(state .. queue, 1)
                if state ~= FINISHED then put('ZADD', P .. 'x', job[NUMBER], id) end
              end
            end
          end
          for _, id in ipairs(changed) do
            if not removed[id] then
              sets[#sets + 1] = P .. 'j:' .. id
              packed[id] = cmsgpack.pack(jobs[id])
              sets[#sets + 1] = packed[id]
            end
          end
          -- A job may leave a set and enter it again.
          for _, batch in ipairs(batchOrder) do
            if batch[1] == 'ZREM' then each(batch[1], batch[2], batch[3]) end
          end
          for _, batch in ipairs(batchOrder) do
            if batch[1] ~= 'ZREM' then each(batch[1], batch[2], batch[3]) end
          end
          every('MSET', sets)
          every('UNLINK', unneeded)
          for field, by in pairs(counts) do
            if by ~= 0 then redis.call('HINCRBY', P .. 'c', field, by) end
          end
          tell()
        end
        """

    /// Settles a job by what is recorded of its recipients: whoever is still owed the message has failed; anyone in doubt
    /// is left to a person.
    static let finish = """
        local function finish(id, job, reason)
          job[UPDATED] = now
          reason = reason or job[ERROR]
          local list = job[RECIPIENTS]
          if not reason then
            for _, r in ipairs(list) do
              if r[STATUS] ~= 1 then
                reason = r[REASON]
                break
              end
            end
          end
          local isUnknown, hasFailed = false, false
          for _, r in ipairs(list) do
            if r[STATUS] == 0 then
              r[STATUS], r[CHANGED] = 2, now
              if not r[REASON] then r[REASON] = reason or false end
            end
            isUnknown = isUnknown or r[STATUS] == 3
            hasFailed = hasFailed or r[STATUS] == 2
          end
          job[ERROR] = reason or false
          if isUnknown then
            job[STATE] = HELD
            note(6, id)
          elseif hasFailed then
            job[STATE] = DEAD
            note(5, id)
          else
            job[ERROR] = false
            job[STATE] = FINISHED
            drop(id, job)
            note(4, id)
          end
          change(id)
        end
        """
}
