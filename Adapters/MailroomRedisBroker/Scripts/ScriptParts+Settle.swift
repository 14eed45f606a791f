extension ScriptParts {
    /// Settlements, each as MessagePack: job, token, what is next, until when, reason, fingerprint, outcomes. Answers a
    /// state for each, -1 where there is no such job, -2 where the lease was lost.
    static let settle = """
        -- What a delivery learnt. Facts only move forward: sent stays sent.
        local function merge(job, outcomes)
          for _, outcome in ipairs(outcomes) do
            for _, r in ipairs(job[RECIPIENTS]) do
              if r[ADDRESS] == outcome[1] then
                local status, wasSent = outcome[2], r[STATUS] == 1
                if status == 0 and (job[DOUBTED] == 1 or wasSent or r[STATUS] == 3) then r[REPEATED] = 1 end
                if not wasSent then
                  r[CHANGED] = now
                  if outcome[4] ~= '' then r[ROUTE] = outcome[4] end
                  if status == 0 then
                    r[STATUS], r[SENT], r[REASON], r[REMOTE] = 1, now, false, outcome[5]
                  elseif status == 1 then
                    r[REASON] = outcome[3]
                  elseif status == 2 then
                    r[STATUS], r[REASON] = 2, outcome[3]
                  else
                    if r[STATUS] == 0 then r[STATUS] = 3 end
                    r[REASON] = outcome[3] or 'the answer was lost: it may or may not have been accepted'
                  end
                end
              end
            end
          end
        end

        -- A late fact may leave nobody to be owed anything: then there is nothing to hand out again, and what was given
        -- up has arrived all the same.
        local function settleLate(id, job)
          local isOwed, isSent = false, true
          for _, r in ipairs(job[RECIPIENTS]) do
            isOwed = isOwed or r[STATUS] == 0 or r[STATUS] == 3
            isSent = isSent and r[STATUS] == 1
          end
          if job[STATE] == WAITING then
            if not isOwed then finish(id, job, job[ERROR]) end
          elseif job[STATE] == DEAD or job[STATE] == HELD then
            if isSent then finish(id, job) end
          end
        end

        local list, ids, answers, seen = {}, {}, {}, {}
        for i = 3, #ARGV do
          list[i - 2] = cmsgpack.unpack(ARGV[i])
          ids[i - 2] = list[i - 2][1]
        end
        load(ids)
        for i, settlement in ipairs(list) do
          local id, token, next, untilTime, reason = unpack(settlement, 1, 5)
          untilTime = untilTime - skew
          local job = jobs[id]
          if not job then
            answers[i] = -1
          elseif job[SETTLED] == token then
            -- The answer to the first time was lost: all of it is done already.
            answers[i] = told(job)
          else
            if settlement[7] then
              merge(job, settlement[7])
              change(id)
            end
            if job[STATE] ~= LEASED or job[TOKEN] ~= token then
              settleLate(id, job)
              answers[i] = -2
            else
              change(id)
              job[SETTLED], job[UPDATED] = token, now
              if job[PRINT] == '' then job[PRINT] = settlement[6] end
              if reason then job[ERROR] = reason end
              if not seen[job[WORKER]] then
                seen[job[WORKER]] = true
                see(job[WORKER])
              end
              if next == 0 or next == 4 then
                finish(id, job, reason)
              elseif next == 1 then
                job[STATE], job[DUE], job[LOST] = WAITING, untilTime, 0
                note(RETRYING, id)
              elseif next == 2 then
                job[ATTEMPTS] = job[ATTEMPTS] - 1
                job[STATE], job[DUE] = WAITING, untilTime
                note(SNOOZED, id)
              elseif next == 3 then
                job[ATTEMPTS] = job[ATTEMPTS] - 1
                job[STATE], job[DUE] = WAITING, math.min(job[DUE], now)
                note(RELEASED, id)
              else
                job[STATE] = HELD
                note(6, id)
              end
              answers[i] = told(job)
            end
          end
        end
        save()
        return answers
        """
}
