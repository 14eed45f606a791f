import Foundation
import Mailroom

/// The submissions of one call, on their way to the server.
struct Offer: Sendable {
    let submissions: ArraySlice<Submission>
    /// The script's arguments for them.
    let jobs: RESPWriter
    let contents: [SHA256Digest: Attachment.Content]

    init(_ submissions: ArraySlice<Submission>) {
        self.submissions = submissions
        var contents: [SHA256Digest: Attachment.Content] = [:]
        var jobs = RESPWriter(reserving: submissions.reduce(0) { $0 + $1.payload.count + 640 })
        for submission in submissions {
            for content in submission.attachments { contents[content.digest] = content }
            let job = StoredJob(submission)
            jobs.write(EventEntry.encoded(.submitted, submission.id, at: submission.createdAt))
            jobs.write(job.queue)
            jobs.write(job.due)
            jobs.write(job.createdAt)
            jobs.write(job.encoded(isNew: true))
            jobs.write(submission.payload)
            jobs.write(job.further)
        }
        self.contents = contents
        self.jobs = jobs
    }
}

extension RedisBroker {
    /// Stores submissions in one step, together with those of other calls.
    func store(_ submissions: ArraySlice<Submission>) async throws(BrokerError) -> [Admission] {
        let offer = Offer(submissions)
        return try await offers.run(offer, size: offer.jobs.bytes.count) { await self.store($0) }
    }

    /// Stores what several calls offer. Each is stored wholly or not at all: where one is refused, each goes by itself.
    private func store(_ offers: [Offer]) async -> [Result<[Admission], BrokerError>] {
        do throws(BrokerError) {
            var rest = try await storeInOneStep(offers)[...]
            return offers.map { offer in
                defer { rest = rest.dropFirst(offer.submissions.count) }
                return .success(Array(rest.prefix(offer.submissions.count)))
            }
        } catch {
            guard offers.count > 1, error.code == .conflict else { return offers.map { _ in .failure(error) } }
        }
        var outcomes: [Result<[Admission], BrokerError>] = []
        for offer in offers { outcomes += await store([offer]) }
        return outcomes
    }

    private func storeInOneStep(_ offers: [Offer]) async throws(BrokerError) -> [Admission] {
        let submissions = offers.flatMap(\.submissions)
        var jobs = arguments(reserving: offers.reduce(256) { $0 + $1.jobs.bytes.count })
        jobs.write(submissions.count)
        var contents: [SHA256Digest: Attachment.Content] = [:]
        for offer in offers {
            jobs.write(contentsOf: offer.jobs)
            contents.merge(offer.contents) { $1 }
        }
        // What the server is known to have had is not sent again, unless it says that it lacks it by now.
        var given = contents.values.filter { !attachments.isStored($0.digest) }
        for _ in 0..<8 {
            var arguments = jobs
            for content in given {
                arguments.write(content.digest.octets)
                arguments.write(content.bytes)
            }
            let call = Call(script: Scripts.enqueue, arguments: arguments, deadline: deadline(for: arguments))
            let answer = try await call.wait(line.add).get()
            if answer.integer == 0 {
                attachments.wereStored(contents.keys)
                return submissions.map { .queued($0.id) }
            }
            guard let parts = answer.array, parts.count >= 2 else { throw unexpected }
            switch parts[0].string {
            case "known":
                attachments.wereStored(contents.keys)
                return try admissions(parts[1], of: submissions, wasRepeated: call.wasRepeated)
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

    private func admissions(
        _ answer: RESPValue, of submissions: [Submission], wasRepeated: Bool
    ) throws(BrokerError) -> [Admission] {
        guard let holders = answer.array, holders.count == submissions.count else { throw unexpected }
        return zip(submissions, holders).map { submission, holder in
            guard let octets = holder.bytes, let id = JobID(octets: octets[...]) else { return .queued(submission.id) }
            // What a call stored whose answer was lost is this very job.
            return id == submission.id && wasRepeated ? .queued(id) : .duplicate(of: id)
        }
    }

    private func conflict(_ parts: [RESPValue], among submissions: [Submission]) -> BrokerError {
        guard parts[0].string == "conflict", parts.count == 3, let index = parts[1].integer,
            submissions.indices.contains(Int(index)), let holder = parts[2].bytes.flatMap({ JobID(octets: $0[...]) })
        else { return unexpected }
        let key = submissions[Int(index)].idempotency?.key ?? ""
        return BrokerError(
            .conflict,
            "the idempotency key \"\(key)\" belongs to job \(holder), which says something else: give another message "
                + "another key",
            mayHaveStored: false)
    }

    /// Settles what several calls say, in one step.
    func settle(_ calls: [RESPWriter]) async -> [Result<[SettleResult], BrokerError>] {
        var arguments = arguments(reserving: calls.reduce(256) { $0 + $1.bytes.count })
        for call in calls { arguments.write(contentsOf: call) }
        do throws(BrokerError) {
            var codes = (try await call(Scripts.settle, arguments).array ?? [])[...]
            guard codes.count == calls.reduce(0, { $0 + $1.count }) else { throw unexpected }
            return calls.map { call in
                defer { codes = codes.dropFirst(call.count) }
                return .success(codes.prefix(call.count).map { SettleResult(code: $0.integer ?? -1) })
            }
        } catch {
            return calls.map { _ in .failure(error) }
        }
    }
}

extension StoredJob {
    /// What only some jobs have, for the script to read.
    fileprivate var further: [UInt8] {
        if key == nil, tags.isEmpty, digests.isEmpty { return [] }
        var writer = MessagePackWriter()
        writer.write(arrayOf: 4)
        writer.write(orFalse: key)
        writer.write(keyFingerprint)
        writer.write(arrayOf: tags.count)
        for tag in tags { writer.write(tag) }
        writer.write(arrayOf: digests.count)
        for digest in digests { writer.write(digest) }
        return writer.bytes
    }
}
