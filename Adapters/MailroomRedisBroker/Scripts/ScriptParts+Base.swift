extension ScriptParts {
    /// Keys, after the prefix:
    ///
    /// - `n`: the last number given out, to arrivals and leases
    /// - `q`: the names of the queues
    /// - `j:<id>`: a job, as MessagePack; `b:<id>`: its payload
    /// - `o:<digest>`: an attachment; `oc`: how many jobs need each
    /// - `r:<queue>`: the jobs that wait, by due time, then by arrival
    /// - `l:<queue>`: the jobs in hand, by the end of their lease
    /// - `a`: all jobs by arrival; `t:<tag>`: those with a tag; `x`: the dead and held ones
    /// - `s:<state>`: the settled jobs by the time of settlement
    /// - `c`: counts of settled jobs, and of those retried, by queue
    /// - `k:<key>`: the job that an idempotency key stands for
    /// - `w`: the workers; `e`: the stream of events
    static let base = """
        local P = KEYS[1]

        -- A job is an array; these are its places. The last is written by the server when the job comes in.
        local STATE, QUEUE, HEADER, ATTEMPTS, LOST, DOUBTED, REVIVED, SETTLED = 1, 2, 3, 4, 5, 6, 7, 8
        local DUE, UPDATED, ERROR, PRINT, TOKEN, WORKER, EXPIRES, CREATED = 9, 10, 11, 12, 13, 14, 15, 16
        local KEY, LIFETIME, KEYPRINT, DIGESTS, CONTENT, TAGS, RECIPIENTS = 17, 18, 19, 20, 21, 22, 23
        local ASKED, NUMBER = 24, 25
        -- Of a recipient.
        local ADDRESS, STATUS, REASON, CHANGED, SENT, ROUTE, REMOTE, REPEATED = 1, 2, 3, 4, 5, 6, 7, 8
        -- States as they are stored: whether a job that waits is due depends on the time.
        local WAITING, LEASED, FINISHED, DEAD, HELD = 0, 2, 3, 4, 5

        local time = redis.call('TIME')
        local now, uptime = tonumber(ARGV[1]), tonumber(ARGV[2])
        -- How far the caller's clock is ahead of the server's, where that is more than the way here explains: what the
        -- caller says of times is less by it, and what it is told is more.
        local skew = 0
        if not uptime then
          local said = now
          now = time[1] * 1000 + math.floor(time[2] / 1000)
          uptime = now
          local ahead = (said or now) - now
          local late = tonumber(string.match(ARGV[2] or '', '%d+')) or 0
          if ahead > 5000 or ahead < -5000 - late then skew = ahead end
        end

        -- The state as it is told.
        local function told(job)
          if job[STATE] == WAITING and job[DUE] <= now then return 1 end
          return job[STATE]
        end

        -- A call takes no more arguments than the stack holds: these are many calls where there are more.
        local function each(command, key, list)
          for first = 1, #list, 4000 do
            redis.call(command, key, unpack(list, first, math.min(first + 3999, #list)))
          end
        end

        local function every(command, list)
          for first = 1, #list, 4000 do
            redis.call(command, unpack(list, first, math.min(first + 3999, #list)))
          end
        end

        -- The values of many keys.
        local function values(prefix, list)
          local found = {}
          for first = 1, #list, 4000 do
            local keys = {}
            for i = first, math.min(first + 3999, #list) do keys[#keys + 1] = prefix .. list[i] end
            local part = redis.call('MGET', unpack(keys))
            for i = 1, #keys do found[first + i - 1] = part[i] end
          end
          return found
        end

        -- Where a job stands among those due at one time: by its arrival, whose number sorts as octets do.
        local function place(number, id) return struct.pack('>I8', number) .. id end
        """

    static let events = """
        local SUBMITTED, RETRYING, SNOOZED, RELEASED, REVIVAL, REMOVED = 0, 1, 2, 3, 7, 8
        local noted = {}

        local function note(kind, id) noted[#noted + 1] = struct.pack('<Bc16d', kind, id, now) end

        -- Events of one call share entries of the stream, up to a hundred in each.
        local function tell()
          for first = 1, #noted, 100 do
            redis.call('XADD', P .. 'e', 'MAXLEN', '~', '10000', '*',
              'v', table.concat(noted, '', first, math.min(first + 99, #noted)))
          end
        end
        """

    /// Notes that a worker was seen, once a second at most: it is told again at each call.
    static let worker = """
        local function see(name, queues)
          local known = redis.call('HGET', P .. 'w', name)
          -- A worker that is new takes the place of those that were not seen for two days.
          if queues and not known then
            local all = redis.call('HGETALL', P .. 'w')
            for i = 1, #all, 2 do
              if now - cmsgpack.unpack(all[i + 1])[1] > 172800000 then redis.call('HDEL', P .. 'w', all[i]) end
            end
          end
          local entry = known and cmsgpack.unpack(known)
          if queues or (entry and now - entry[1] >= 1000) then
            redis.call('HSET', P .. 'w', name, cmsgpack.pack({now, queues or entry[2]}))
          end
        end
        """
}
