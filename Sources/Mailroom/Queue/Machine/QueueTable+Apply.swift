package import Foundation

extension QueueTable {
    /// A job came in. Answers its slot; `nil` where it is known already, which changes nothing.
    @discardableResult
    package func admit(_ arrival: JobArrival, to queue: QueueName) -> Slot? {
        guard slot(of: arrival.id) == nil else { return nil }
        let slot = Slot(entries.count)
        marks.lastSequence += 1
        marks.toldCount += 1
        let number = lane(queue)
        let entry = JobEntry(arrival, lane: number, sequence: marks.lastSequence)
        add(entry)
        lanes[Int(number)][entry.state] += 1
        stand(slot, entry)
        return slot
    }

    /// Adds an entry as it is, without a place in line.
    func add(_ added: JobEntry) {
        var entry = added
        if entry.number == 0 {
            marks.lastNumber += 1
            entry.number = marks.lastNumber
        }
        let slot = Slot(entries.count)
        entries.append(entry)
        ids.insert(slot, entry.low) { entries[Int($0)].low }
        if entry.keyHash != 0 { keys.insert(slot, UInt64(entry.keyHash)) { UInt64(entries[Int($0)].keyHash) } }
        marks.liveBytes += entry.liveBytes
    }

    /// A job was handed out.
    package func grant(_ lease: Lease.ID, worker: String, expires: Duration, hint: Slot? = nil) {
        marks.lastToken = max(marks.lastToken, lease.token)
        guard let slot = slot(of: lease.job, hint: hint) else { return }
        var entry = entries[Int(slot)]
        guard !entry.state.isSettled else { return }
        entry.flags = flags(of: entry)
        // Nobody settled the earlier lease: its attempt is used up.
        if entry.state == .leased {
            entry.lostAttempts = entry.lostAttempts == .max ? .max : entry.lostAttempts + 1
            entry.flags.insert(.mayHaveBeenSent)
        }
        lanes[Int(entry.lane)][entry.state] -= 1
        lanes[Int(entry.lane)][.leased] += 1
        entry.state = .leased
        setAttempts(entry.attempts == .max ? .max : entry.attempts + 1, of: &entry)
        entries[Int(slot)] = entry
        leases.set(slot, token: lease.token, worker: worker, expires: expires)
        expect(slot, lease.token, expires)
    }

    /// A lease was made longer.
    package func extend(_ lease: Lease.ID, until expires: Duration) {
        guard let slot = slot(of: lease.job), leases.token(of: slot) == lease.token else { return }
        leases.extend(slot, to: expires)
        entries[Int(slot)].flags.remove(.isOffered)
        expect(slot, lease.token, expires)
    }

    /// Notes a lease that is under way.
    func hold(_ slot: Slot, _ term: LeaseTerm) {
        leases.set(slot, token: term.token, worker: term.worker, expires: term.expires)
        expect(slot, term.token, term.expires)
    }

    private func expect(_ slot: Slot, _ token: UInt64, _ expires: Duration) {
        expiries.push(Expiry(expires: expires, token: token, slot: slot))
        expiries.compact(live: leases.count) { stands($0) }
    }

    func stands(_ expiry: Expiry) -> Bool {
        leases.expiry(of: expiry.slot, expiry.token) == expiry.expires
            && !entries[Int(expiry.slot)].flags.contains(.isOffered)
    }

    /// A job's details changed, and perhaps where it stands.
    package func apply(_ change: JobChange, hint: Slot? = nil) {
        guard let slot = slot(of: change.job, hint: hint) else { return }
        marks.toldCount += 1
        var entry = entries[Int(slot)]
        marks.liveBytes -= entry.liveBytes
        entry.segment = change.segment
        entry.offset = change.offset
        entry.length = change.length
        let ownFlags = entry.flags.subtracting(.stored)
        entry.flags = change.flags.intersection(.stored)
        entry.keyHash = change.keyHash
        entry.expires = change.expires
        setAttempts(change.attempts, of: &entry)
        entry.lostAttempts = change.lostAttempts
        let old = entry.state
        switch change.next {
        case .same: entry.flags.formUnion(ownFlags)
        case .waiting(let due):
            marks.lastSequence += 1
            entry.sequence = marks.lastSequence
            entry.time = due
            entry.state = due > change.time ? .scheduled : .ready
            leases.remove(slot)
        case .settled(let state, let keyUntil):
            entry.sequence = UInt64(max(0, keyUntil))
            entry.time = change.time
            entry.state = state
            leases.remove(slot)
        }
        if entry.state != old {
            lanes[Int(entry.lane)][old] -= 1
            lanes[Int(entry.lane)][entry.state] += 1
        }
        entries[Int(slot)] = entry
        marks.liveBytes += entry.liveBytes
        if case .waiting = change.next { stand(slot, entry) }
    }

    /// A job's record was removed.
    package func remove(_ id: JobID) {
        guard let slot = slot(of: id) else { return }
        var entry = entries[Int(slot)]
        marks.liveBytes -= entry.liveBytes
        lanes[Int(entry.lane)][entry.state] -= 1
        setAttempts(0, of: &entry)
        leases.remove(slot)
        entry.flags = .isRemoved
        entries[Int(slot)] = entry
        marks.removedCount += 1
    }

    /// The machine that the queue lives on was started anew. What an earlier restart has said of a job stands.
    package func noteRestart(at time: Date) {
        restart = Restart(sequence: marks.lastSequence, time: max(restart.time, time.milliseconds))
    }

    /// The latest moment that jobs tell of, in milliseconds: the clock had come to it when they came in, became due or
    /// were settled. Looks at all of them.
    package var latestTime: Int64 {
        var latest = restart.time
        for index in 0..<entries.count {
            let entry = entries[index]
            if entry.state != .scheduled, !entry.isRemoved { latest = max(latest, entry.time) }
        }
        return latest
    }

    /// A job's details, and its content with them, were moved within the store.
    package func move(_ id: JobID, to segment: UInt32, _ offset: UInt32, length: UInt32, contentLength: UInt32) {
        guard let slot = slot(of: id) else { return }
        marks.liveBytes -= entries[Int(slot)].liveBytes
        entries[Int(slot)].segment = segment
        entries[Int(slot)].offset = offset
        entries[Int(slot)].length = length
        entries[Int(slot)].contentLength = contentLength
        marks.liveBytes += entries[Int(slot)].liveBytes
    }

    /// A job as it stands, of which nothing was told before: what told it was dropped.
    package func restore(_ restored: JobEntry, to queue: QueueName, under term: LeaseTerm?) {
        guard slot(of: restored.id) == nil else { return }
        var entry = restored
        entry.lane = lane(queue)
        entry.attempts = 0
        setAttempts(restored.attempts, of: &entry)
        if entry.state == .leased, term == nil {
            // Who held it is not known any more.
            entry.state = .ready
            entry.flags.insert(.mayHaveBeenSent)
        }
        let slot = Slot(entries.count)
        marks.lastSequence = max(marks.lastSequence, entry.state.isSettled ? 0 : entry.sequence)
        add(entry)
        lanes[Int(entry.lane)][entry.state] += 1
        if let term, entry.state == .leased {
            marks.lastToken = max(marks.lastToken, term.token)
            hold(slot, term)
        } else if !entry.state.isSettled {
            stand(slot, entry)
        }
    }

    /// Tokens and places in line were counted up to these by whoever wrote before.
    package func count(from token: UInt64, _ sequence: UInt64) {
        marks.lastToken = max(marks.lastToken, token)
        marks.lastSequence = max(marks.lastSequence, sequence)
    }

    /// Keeps count of the jobs that needed more than one attempt.
    private func setAttempts(_ attempts: UInt16, of entry: inout JobEntry) {
        if (entry.attempts > 1) != (attempts > 1) { lanes[Int(entry.lane)].retried += attempts > 1 ? 1 : -1 }
        entry.attempts = attempts
    }

    // MARK: In line

    /// Puts a job in line.
    func stand(_ slot: Slot, _ entry: JobEntry) {
        let place = Line.Place(due: entry.time, sequence: entry.sequence, slot: slot)
        let lane = Int(entry.lane)
        if entry.state == .scheduled {
            lanes[lane].scheduled.push(place)
            lanes[lane].scheduled.compact(live: lanes[lane][.scheduled]) { isScheduled($0) }
        } else {
            lanes[lane].ready.push(place)
            lanes[lane].ready.compact(live: lanes[lane][.ready] + lanes[lane][.leased]) { isInLine($0) }
        }
    }

    func isScheduled(_ place: Line.Place) -> Bool {
        let entry = entries[Int(place.slot)]
        return entry.state == .scheduled && entry.sequence == place.sequence && !entry.isRemoved
    }

    func isInLine(_ place: Line.Place) -> Bool {
        let entry = entries[Int(place.slot)]
        return entry.sequence == place.sequence && !entry.isRemoved
            && (entry.state == .ready || entry.state == .leased && entry.flags.contains(.isOffered))
    }
}
