package import Foundation

extension JobDetails {
    /// Ends a job that nobody holds.
    package mutating func end(reason: String, _ entry: JobEntry, flags: JobEntry.Flags, at time: Date) -> JobChange {
        var change = JobChange(entry, at: time.milliseconds, flags: flags)
        finish(reason: reason, &change, at: time)
        return change
    }

    /// Makes a dead or held job ready again, by a person's wish.
    package mutating func revive(_ entry: JobEntry, flags: JobEntry.Flags, at time: Date) -> JobChange {
        for index in recipients.indices {
            let status = recipients[index].status
            guard status == .failed || status == .unknown else { continue }
            recipients[index].isPossibleDuplicate = status == .unknown || recipients[index].isPossibleDuplicate
            recipients[index].status = .pending
            recipients[index].updatedAt = time
        }
        // Whoever retries a job that renders otherwise has decided that this is right.
        fingerprint = nil
        updatedAt = time
        let lifetime = header.expiresAt.timeIntervalSince(header.createdAt)
        header.expiresAt = max(header.expiresAt, time.addingTimeInterval(lifetime))
        var change = JobChange(entry, at: time.milliseconds, flags: flags.union(.isRevived))
        change.expires = header.expiresAt.milliseconds
        change.attempts = 0
        change.lostAttempts = 0
        change.next = .waiting(due: time.milliseconds)
        change.event = .revived
        return change
    }

    /// Takes a recipient and the content out of the record of a settled job.
    package mutating func erase(_ address: String, _ entry: JobEntry, flags: JobEntry.Flags, at time: Date) -> JobChange
    {
        var change = JobChange(entry, at: time.milliseconds, flags: flags.subtracting(.hasContent))
        content = .none
        header.recipients.removeAll { $0.hasAddress(address) }
        recipients.removeAll { $0.recipient.hasAddress(address) }
        header.tags = header.tags.filter { !$0.key.containsAddress(address) && !$0.value.containsAddress(address) }
        if error?.containsAddress(address) == true { error = JobDetails.erased }
        for index in recipients.indices {
            if recipients[index].error?.containsAddress(address) == true { recipients[index].error = JobDetails.erased }
            if recipients[index].remoteID?.containsAddress(address) == true { recipients[index].remoteID = nil }
        }
        if header.idempotency?.key.containsAddress(address) == true {
            header.idempotency = nil
            change.keyHash = 0
        }
        return change
    }

    private static let erased = "erased"

    /// What erasing a recipient means for a job that names it.
    package enum Erasing { case remove, redact, leave }

    /// What erasing a recipient would do; `nil` where the job does not name it.
    package func erasing(_ address: String, _ state: JobState) -> Erasing? {
        guard header.recipients.contains(where: { $0.hasAddress(address) }) else { return nil }
        if state == .leased { return .leave }
        if header.recipients.allSatisfy({ $0.hasAddress(address) }) { return .remove }
        return state.isSettled ? .redact : .leave
    }
}
