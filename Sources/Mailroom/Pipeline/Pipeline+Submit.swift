import Foundation
import MailroomMIME

extension Pipeline {
    /// Submits a message: returns once the broker keeps it, or says what happened instead.
    @discardableResult
    public func submit(_ message: Message) async throws(SubmissionError) -> Receipt {
        try await submit([message])[0]
    }

    /// Submits messages, all or none of them, in one call to the broker. Answers in the order of the messages.
    ///
    /// Throws where a message cannot be sent as it is, naming message and field, or where the broker stored nothing
    /// and the pipeline does not fall back: then nothing was stored or sent.
    @discardableResult
    public func submit(_ messages: [Message]) async throws(SubmissionError) -> [Receipt] {
        var prepared: [[Submission]] = []
        prepared.reserveCapacity(messages.count)
        let now = time.now()
        for (index, message) in messages.enumerated() {
            prepared.append(submissions(of: try checked(message, index), now: now))
        }
        return try await offer(prepared, isFirst: true)
    }

    /// Says whether a message can be submitted as it is, and why not. Stores nothing and asks nobody.
    public func check(_ message: Message) throws(SubmissionError) {
        _ = try checked(message, 0)
    }

    /// The message as it will be stored.
    package func checked(_ message: Message, _ index: Int = 0) throws(SubmissionError) -> Message {
        var check = check
        check.index = index
        return try check.checked(message)
    }

    /// Asks the broker again about receipts that are unconfirmed, under the same job ids; others come back as they
    /// are. Throws only where the broker now says that an idempotency key belongs to other content.
    public func confirm(_ receipt: Receipt) async throws(SubmissionError) -> Receipt {
        guard case .unconfirmed = receipt.outcome else { return receipt }
        return try await offer([receipt.submissions], isFirst: false)[0]
    }

    /// How often a submission whose storing is in doubt is offered again before the receipt says `unconfirmed`.
    private static let furtherOffers = 3

    private func offer(_ prepared: [[Submission]], isFirst: Bool) async throws(SubmissionError) -> [Receipt] {
        let flat = prepared.count == 1 ? prepared[0] : prepared.flatMap { $0 }
        var isInDoubt = !isFirst
        for round in 0...Pipeline.furtherOffers {
            do throws(BrokerError) {
                let admissions = try await broker.enqueue(flat)
                return receipts(for: prepared, admissions)
            } catch {
                if error.code == .conflict {
                    throw SubmissionError(.conflict, field: "options.idempotencyKey", reason: error.reason)
                }
                // The broker is there; what it is asked at once is more than it can take.
                if error.code == .tooLarge, !error.mayHaveStored, !isInDoubt {
                    throw SubmissionError(.brokerFailed, field: "", reason: error.reason)
                }
                emit(.brokerFailed(error.reason), job: nil)
                isInDoubt = isInDoubt || error.mayHaveStored
                // Certain that nothing was stored, now and before: another way is safe.
                if !isInDoubt { return try await withoutBroker(prepared, error) }
                if error.code == .cancelled || round == Pipeline.furtherOffers { break }
                do {
                    try await time.sleep(until: time.uptime() + .milliseconds(50 << round))
                } catch { break }
            }
        }
        return prepared.map { Receipt(jobs: $0.map(\.id), outcome: .unconfirmed, submissions: $0) }
    }

    private func receipts(for prepared: [[Submission]], _ admissions: [Admission]) -> [Receipt] {
        var next = admissions.makeIterator()
        return prepared.map { submissions in
            let answers = submissions.compactMap { _ in next.next() }
            var isDuplicate = true
            for (submission, answer) in zip(submissions, answers) {
                // A duplicate of itself: an earlier offer of this call was stored, and its answer lost.
                guard answer.jobID == submission.id else { continue }
                isDuplicate = false
                emit(.submitted(recipients: submission.recipients.map(\.address)), job: submission.id)
            }
            return Receipt(jobs: answers.map(\.jobID), outcome: isDuplicate ? .duplicate : .queued)
        }
    }

    // MARK: Falling back

    private func withoutBroker(
        _ prepared: [[Submission]], _ error: BrokerError
    ) async throws(SubmissionError) -> [Receipt] {
        guard fallback == .sendNow else {
            throw SubmissionError(.brokerFailed, field: "", reason: error.reason)
        }
        var receipts: [Receipt] = []
        for submissions in prepared {
            let jobs = submissions.map(\.id)
            receipts.append(Receipt(jobs: jobs, outcome: await sendNow(submissions)))
        }
        return receipts
    }

    private func sendNow(_ submissions: [Submission]) async -> Receipt.Outcome {
        let soon = time.now().advanced(by: .seconds(60))
        guard submissions.allSatisfy({ $0.idempotency == nil }) else {
            return .notSent(
                error: "the broker is down, and only it knows whether this idempotency key was used before",
                canResend: true)
        }
        guard submissions.allSatisfy({ $0.notBefore <= soon }) else {
            return .notSent(error: "the broker is down, and it is too early to send the message", canResend: true)
        }
        var outcomes: [RecipientOutcome] = []
        func fail(_ submission: Submission, _ reason: String, isTransient: Bool) {
            outcomes += submission.recipients.map {
                RecipientOutcome(
                    recipient: $0.address, status: isTransient ? .refusedForNow : .refused,
                    reply: Reply(code: 0, text: reason))
            }
        }
        for submission in submissions {
            let lease = Lease(
                id: Lease.ID(job: submission.id, token: 0), submission: submission, attempt: 1,
                recipients: submission.recipients.map { RecipientRecord($0, at: submission.createdAt) })
            switch await Attempt(lease, in: self).run() {
            case .delivered(let report, _): outcomes += report.outcomes
            case .transportFailed(let error, _): fail(submission, error.description, isTransient: error.isTransient)
            case .renderingFailed(let error): fail(submission, error.reason, isTransient: false)
            case .unfit(let reason): fail(submission, reason, isTransient: false)
            }
        }
        if outcomes.contains(where: { $0.status == .accepted || $0.status == .unknown }) {
            return .sentNow(DeliveryReport(outcomes))
        }
        return .notSent(
            error: outcomes.first?.reply?.description ?? "nobody was reached",
            canResend: outcomes.contains { $0.status == .refusedForNow })
    }

    // MARK: Making jobs

    private func submissions(of message: Message, now: Date) -> [Submission] {
        var channels: [Channel] = []
        for recipient in message.recipients where !channels.contains(recipient.channel) {
            channels.append(recipient.channel)
        }
        let payload = message.encodedContent()
        let options = message.options
        return channels.map { channel in
            let id = JobID(at: now, random: random)
            let recipients =
                channels.count == 1 ? message.recipients : message.recipients.filter { $0.channel == channel }
            var submission = Submission(
                id: id, queue: options.queue, channel: channel,
                messageID: message.messageID ?? "\(id)@\(message.domain)", recipients: recipients, createdAt: now,
                utcOffsetMinutes: utcOffsetMinutes, notBefore: now.advanced(by: options.delay),
                expiresAt: now.advanced(by: options.expiresAfter), retryPolicy: options.retryPolicy ?? "",
                tags: options.tags, payload: payload, attachments: message.attachments.map(\.content))
            if let key = options.idempotencyKey {
                var content = ByteWriter(appendingTo: payload)
                content.write(recipients) { writer, recipient in
                    writer.write(recipient.address)
                    writer.write(recipient.role.rawValue)
                }
                submission.idempotency = Submission.Idempotency(
                    key: "\(channel)/\(key)", lifetime: options.keyLifetime,
                    fingerprint: Fingerprint(of: content.bytes))
            }
            return submission
        }
    }
}

extension Message {
    /// The right-hand side of Message-IDs: the author's domain.
    fileprivate var domain: String {
        guard let from, let at = from.utf8.lastIndex(of: UInt8(ascii: "@")) else { return "mailroom.invalid" }
        let rest = from[from.index(after: at)...].prefix { $0 != ">" && $0 != " " }
        return rest.utf8.allSatisfy { $0 < 0x80 } && !rest.hasPrefix("[") && !rest.isEmpty
            ? String(rest) : "mailroom.invalid"
    }
}
