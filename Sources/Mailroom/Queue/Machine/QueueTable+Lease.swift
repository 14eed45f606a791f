package import Foundation

extension QueueTable {
    /// What a lease call would do: leases to grant, and jobs found past their expiry.
    package struct Picks: Sendable {
        package var leases: [Lease.ID] = []
        /// Where the jobs of the leases stand in the table.
        package var slots: [Slot] = []
        package var expired: [JobID] = []

        package init() {}
    }

    /// Takes due jobs out of line, the first queue preferred. The caller tells what it did with them, or puts them
    /// back.
    package func pick(_ request: LeaseRequest, now: Date, uptime: Duration) -> Picks {
        let now = now.milliseconds
        promote(now: now)
        offerWhatEnded(uptime)
        var picks = Picks()
        var token = lastToken
        var last: Line.Place?
        for queue in request.queues where picks.leases.count < request.limit {
            guard let number = laneNumbers[queue] else { continue }
            while picks.leases.count < request.limit, let place = nextInLine(of: number) {
                lanes[Int(number)].ready.drop(place)
                // What was offered and then given back stands in line twice.
                if place == last { continue }
                last = place
                let entry = entries[Int(place.slot)]
                if entry.expires <= now {
                    picks.expired.append(entry.id)
                } else {
                    token += 1
                    picks.leases.append(Lease.ID(job: entry.id, token: token))
                    picks.slots.append(place.slot)
                }
            }
        }
        return picks
    }

    private func nextInLine(of lane: UInt16) -> Line.Place? {
        lanes[Int(lane)].ready.first(in: entries) { isInLine($0) }
    }

    /// Puts picked jobs back in line, in their old places: what was picked could not be recorded.
    package func putBack(_ picks: Picks) {
        for id in picks.leases.map(\.job) + picks.expired {
            guard let slot = slot(of: id) else { continue }
            let entry = entries[Int(slot)]
            let place = Line.Place(due: entry.time, sequence: entry.sequence, slot: slot)
            if isInLine(place) { lanes[Int(entry.lane)].ready.push(place) }
        }
    }

    /// When the next job becomes due by itself, on the clock of leases.
    package func nextChange(in queues: [QueueName], now: Date, uptime: Duration) -> Duration? {
        var due: Int64?
        for queue in queues {
            guard let number = laneNumbers[queue] else { continue }
            let next = lanes[Int(number)].scheduled.first(in: entries) { isScheduled($0) }
            if let next { due = min(due ?? .max, next.due) }
        }
        while let next = expiries.top, !stands(next) { _ = expiries.pop() }
        let wait = due.map { uptime + .milliseconds($0 - now.milliseconds) }
        return [wait, expiries.top?.expires].compactMap(\.self).min()
    }

    /// Ends the leases of workers that are gone, at once.
    package func offerJobs(ofWorkers isGone: (String) -> Bool) {
        for (slot, term) in leases.all where isGone(term.worker) { offer(slot) }
    }

    /// Brings jobs into line whose lease has ended.
    private func offerWhatEnded(_ uptime: Duration) {
        while let next = expiries.top, next.expires <= uptime {
            let holds = stands(next)
            _ = expiries.pop()
            if holds { offer(next.slot) }
        }
    }

    /// A worker did not come back: its job stands in line again, where it stood.
    private func offer(_ slot: Slot) {
        var entry = entries[Int(slot)]
        guard entry.state == .leased, !entry.flags.contains(.isOffered) else { return }
        entry.flags.insert(.isOffered)
        entries[Int(slot)] = entry
        lanes[Int(entry.lane)].ready.push(Line.Place(due: entry.time, sequence: entry.sequence, slot: slot))
    }

    /// Brings what is due into line.
    package func promote(now: Int64) {
        for number in lanes.indices {
            while let next = lanes[number].scheduled.first(in: entries, stands: { isScheduled($0) }), next.due <= now {
                lanes[number].scheduled.drop(next)
                lanes[number][.scheduled] -= 1
                lanes[number][.ready] += 1
                entries[Int(next.slot)].state = .ready
                entries[Int(next.slot)].flags.remove(.isInOrder)
                lanes[number].ready.push(next)
            }
        }
    }
}
