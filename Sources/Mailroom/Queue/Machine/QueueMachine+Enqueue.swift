package import Foundation

extension QueueMachine {
    /// What enqueueing answers, and which of the submissions, by position, are new. All or nothing: a conflict of one
    /// refuses all.
    package func admissions(
        for submissions: [Submission], now: Date
    ) throws(BrokerError) -> (answers: [Admission], new: [Int]) {
        var answers: [Admission] = []
        var new: [Int] = []
        answers.reserveCapacity(submissions.count)
        new.reserveCapacity(submissions.count)
        var ownIDs: Set<JobID> = []
        var ownKeys: [String: (JobID, Fingerprint)] = [:]
        for (index, submission) in submissions.enumerated() {
            if jobs[submission.id] != nil || submissions.count > 1 && !ownIDs.insert(submission.id).inserted {
                answers.append(.duplicate(of: submission.id))
                continue
            }
            if let guarded = submission.idempotency {
                let known =
                    ownKeys[guarded.key]
                    ?? liveJob(forKey: guarded.key, now: now).flatMap { job in
                        job.header.idempotency.map { (job.header.id, $0.fingerprint) }
                    }
                if let known {
                    guard known.1 == guarded.fingerprint else {
                        throw BrokerError(
                            .conflict,
                            "the idempotency key \"\(guarded.key)\" belongs to job \(known.0), which says something "
                                + "else: give another message another key",
                            mayHaveStored: false)
                    }
                    answers.append(.duplicate(of: known.0))
                    continue
                }
                ownKeys[guarded.key] = (submission.id, guarded.fingerprint)
            }
            answers.append(.queued(submission.id))
            new.append(index)
        }
        return (answers, new)
    }

    func admit(_ arrival: Arrival) {
        let header = arrival.header
        guard jobs[header.id] == nil else { return }
        let job = Job(arrival)
        jobs[header.id] = job
        lastNumber += 1
        job.number = lastNumber
        arrivals.append(job)
        if let guarded = header.idempotency { keys[guarded.key] = job }
        for digest in arrival.digests { references[digest, default: 0] += 1 }
        wait(job, until: job.due, now: header.createdAt, isNew: true)
        note(.submitted, header.id, at: header.createdAt)
    }

    /// The job that a key stands for, while the key lives: until settlement and its lifetime after that.
    func liveJob(forKey key: String, now: Date) -> Job? {
        guard let job = keys[key] else { return nil }
        return keyIsAlive(of: job, now: now) ? job : nil
    }

    func keyIsAlive(of job: Job, now: Date) -> Bool {
        guard let guarded = job.header.idempotency else { return false }
        return !job.state.isSettled || now < job.updatedAt.advanced(by: guarded.lifetime)
    }
}
