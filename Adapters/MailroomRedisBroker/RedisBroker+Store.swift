import Foundation
import Mailroom

extension RedisBroker {
    /// Stores submissions in one step.
    func store(_ submissions: ArraySlice<Submission>) async throws(BrokerError) -> [Admission] {
        var contents: [SHA256Digest: Attachment.Content] = [:]
        for submission in submissions {
            for content in submission.attachments { contents[content.digest] = content }
        }
        let jobs = jobArguments(submissions)
        // What the server is known to have had is not sent again, unless it says that it lacks it by now.
        var given = contents.values.filter { !attachments.isStored($0.digest) }
        for _ in 0..<8 {
            var arguments = jobs
            for content in given {
                arguments.write(content.digest.octets)
                arguments.write(content.bytes)
            }
            let answer = try await call(Scripts.enqueue, arguments)
            if answer.integer == 0 {
                attachments.wereStored(contents.keys)
                return submissions.map { .queued($0.id) }
            }
            guard let parts = answer.array, parts.count >= 2 else { throw unexpected }
            switch parts[0].string {
            case "known":
                attachments.wereStored(contents.keys)
                let holders = parts[1].array ?? []
                guard holders.count == submissions.count else { throw unexpected }
                return zip(submissions, holders).map { submission, holder in
                    guard let octets = holder.bytes, let id = JobID(octets: octets[...]) else {
                        return .queued(submission.id)
                    }
                    return .duplicate(of: id)
                }
            case "missing":
                let missing = Set(parts[1].array?.compactMap(\.bytes) ?? [])
                attachments.forget()
                given += contents.values.filter { missing.contains($0.digest.octets) }
            default: throw conflict(parts, among: submissions)
            }
        }
        throw BrokerError(
            .unavailable, "\(configuration): attachments vanish as fast as they are stored: is somebody deleting keys?",
            mayHaveStored: false)
    }

    private func jobArguments(_ submissions: ArraySlice<Submission>) -> RESPWriter {
        var arguments = arguments(reserving: submissions.reduce(128) { $0 + $1.payload.count + 640 })
        arguments.write(submissions.count)
        for submission in submissions {
            let job = StoredJob(submission)
            arguments.write(EventEntry.encoded(.submitted, submission.id, at: submission.createdAt))
            arguments.write(job.queue)
            arguments.write(job.due)
            arguments.write(job.createdAt)
            arguments.write(job.encoded(isNew: true))
            arguments.write(submission.payload)
            arguments.write(further(job))
        }
        return arguments
    }

    /// What only some jobs have, for the script to read.
    private func further(_ job: StoredJob) -> [UInt8] {
        if job.key == nil, job.tags.isEmpty, job.digests.isEmpty { return [] }
        var writer = MessagePackWriter()
        writer.write(arrayOf: 4)
        writer.write(orFalse: job.key)
        writer.write(job.keyFingerprint)
        writer.write(arrayOf: job.tags.count)
        for tag in job.tags { writer.write(tag) }
        writer.write(arrayOf: job.digests.count)
        for digest in job.digests { writer.write(digest) }
        return writer.bytes
    }

    private func conflict(_ parts: [RESPValue], among submissions: ArraySlice<Submission>) -> BrokerError {
        guard parts[0].string == "conflict", parts.count == 3, let index = parts[1].integer,
            submissions.indices.contains(submissions.startIndex + Int(index)),
            let holder = parts[2].bytes.flatMap({ JobID(octets: $0[...]) })
        else { return unexpected }
        let key = submissions[submissions.startIndex + Int(index)].idempotency?.key ?? ""
        return BrokerError(
            .conflict,
            "the idempotency key \"\(key)\" belongs to job \(holder), which says something else: give another message "
                + "another key",
            mayHaveStored: false)
    }
}
