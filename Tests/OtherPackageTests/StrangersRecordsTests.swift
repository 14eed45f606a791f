import Foundation
import Mailroom
import MailroomCommands
import MailroomTesting
import Synchronization
import XCTest

/// A broker of another package's that a person can look into and act on: this target sees public names only.
final class StrangersRecordsTests: XCTestCase {
    func testAStrangersBrokerHasEveryAbility() async throws {
        let summary = await BrokerContract.summary { clock in CardBroker(time: clock) }
        for clause in [
            "Counts follow a job through every state", "Sends are listed the latest first, one a recipient",
            "A feed begins before anything has happened",
        ] { XCTAssertFalse(summary.notApplicable.contains(clause), clause) }
        let violated = summary.violations.map(\.clause)
        XCTAssertFalse(violated.contains("A feed begins before anything has happened"), "\(summary.violations)")
    }

    func testACommandShowsAndRetriesWhatFailedInAStrangersBroker() async throws {
        let broker = CardBroker(time: SystemTimeSource())
        let refusing = CaptureTransport { mail throws(TransportError) in
            DeliveryReport(all: mail.envelope.recipients, .refused)
        }
        let pipeline = try PipelineBuilder().broker(broker).transport(refusing).build()
        let receipt = try await pipeline.submit(
            Message(from: "me@example.org", to: [.to("you@example.org")], text: "hello"))
        var once = WorkerOptions()
        once.stopsWhenEmpty = true
        try await pipeline.run(once)
        let output = Mutex("")
        let console = Console(write: { text in output.withLock { $0 += text } }, writeError: { _ in })
        let commands = MailroomCommands(pipeline)
        let listed = await commands.run(["failed"], on: console, variables: [:])
        XCTAssertEqual(listed, 0)
        XCTAssert(output.withLock { $0 }.contains(receipt.id.description), output.withLock { $0 })
        let retried = await commands.run(["retry", receipt.id.description], on: console, variables: [:])
        XCTAssertEqual(retried, 0)
        let record = try await pipeline.status(of: receipt.id)
        XCTAssertEqual(record?.state, .ready)
    }
}

/// Keeps a card for each job. It does not wait, and a job stays with its worker until it is settled.
final class CardBroker: BrokerAdministration, SendRecords, EventFeed {
    private struct Card {
        var submission: Submission
        var record: JobRecord
        var worker = ""
        var token: UInt64 = 0
    }

    private struct Box {
        var cards: [Card] = []
        var events: [JobEvent] = []
    }

    private let time: any TimeSource
    private let box = Mutex(Box())

    init(time: some TimeSource) { self.time = time }

    func enqueue(_ submissions: [Submission]) async throws(BrokerError) -> [Admission] {
        box.withLock { box in
            submissions.map { job in
                if box.cards.contains(where: { $0.record.id == job.id }) { return .duplicate(of: job.id) }
                let record = JobRecord(
                    id: job.id, queue: job.queue, channel: job.channel, messageID: job.messageID, tags: job.tags,
                    state: job.notBefore > time.now() ? .scheduled : .ready, attempts: 0, createdAt: job.createdAt,
                    updatedAt: job.createdAt, notBefore: job.notBefore, error: nil,
                    recipients: job.recipients.map { RecipientRecord($0, at: job.createdAt) })
                box.cards.append(Card(submission: job, record: record))
                box.events.append(JobEvent(job: job.id, kind: .submitted, time: job.createdAt))
                return .queued(job.id)
            }
        }
    }

    func lease(_ request: LeaseRequest) async throws(BrokerError) -> [Lease] {
        box.withLock { box in
            let now = time.now()
            let due = box.cards.indices.filter { index in
                let record = box.cards[index].record
                return request.queues.contains(record.queue)
                    && (record.state == .ready || record.state == .scheduled && record.notBefore <= now)
            }
            return due.prefix(request.limit).map { index in
                box.cards[index].record.state = .leased
                box.cards[index].record.attempts += 1
                box.cards[index].token += 1
                box.cards[index].worker = request.worker
                let card = box.cards[index]
                return Lease(
                    id: Lease.ID(job: card.record.id, token: card.token), submission: card.submission,
                    attempt: card.record.attempts, recipients: card.record.recipients)
            }
        }
    }

    func extend(_ leases: [Lease.ID], by time: Duration) async throws(BrokerError) -> [Lease.ID] { [] }

    func settle(_ settlements: [Settlement]) async throws(BrokerError) -> [SettleResult] {
        box.withLock { box in
            settlements.map { settlement in
                guard let index = box.cards.firstIndex(where: { $0.record.id == settlement.lease.job }) else {
                    return .unknownJob
                }
                guard box.cards[index].token == settlement.lease.token else { return .leaseLost }
                let now = time.now()
                for outcome in settlement.report?.outcomes ?? [] {
                    for place in box.cards[index].record.recipients.indices
                    where box.cards[index].record.recipients[place].recipient.address == outcome.recipient {
                        box.cards[index].record.recipients[place].status = outcome.status == .accepted ? .sent : .failed
                        box.cards[index].record.recipients[place].updatedAt = now
                    }
                }
                let (state, kind): (JobState, JobEvent.Kind) =
                    switch settlement.next {
                    case .finished: (.finished, .finished)
                    case .retry: (.scheduled, .retrying)
                    case .snooze: (.scheduled, .snoozed)
                    case .release: (.ready, .released)
                    case .dead: (.dead, .dead)
                    case .held: (.held, .held)
                    }
                switch settlement.next {
                case .retry(let due), .snooze(until: let due): box.cards[index].record.notBefore = due
                default: break
                }
                box.cards[index].record.state = state
                box.cards[index].record.error = settlement.reason
                box.cards[index].record.updatedAt = now
                box.events.append(JobEvent(job: settlement.lease.job, kind: kind, time: now))
                return .settled(state)
            }
        }
    }

    // MARK: Records

    private var all: [JobRecord] { box.withLock { $0.cards.map(\.record) } }

    func records(of jobs: [JobID]) async throws(BrokerError) -> [JobRecord?] {
        jobs.map { job in all.first { $0.id == job } }
    }

    func sends(matching query: SendQuery) async throws(BrokerError) -> [Send] {
        let sends = all.reversed().flatMap { job in job.recipients.map { Send(job: job, recipient: $0) } }
        return Array(sends.filter { query.status == nil || $0.recipient.status == query.status }.prefix(query.limit))
    }

    func sendCounts(matching query: SendQuery) async throws(BrokerError) -> [RecipientRecord.Status: Int] {
        all.flatMap(\.recipients).reduce(into: [:]) { $0[$1.status, default: 0] += 1 }
    }

    // MARK: Events

    func latestEvent() async throws(BrokerError) -> EventCursor {
        EventCursor(rawValue: box.withLock { String($0.events.count) })
    }

    func events(
        after cursor: EventCursor, limit: Int, wait: Duration
    ) async throws(BrokerError) -> EventBatch {
        guard let start = Int(cursor.rawValue) else {
            return EventBatch(events: [], next: EventCursor(rawValue: "0"), hasGap: true)
        }
        let events = box.withLock { Array($0.events.dropFirst(start).prefix(limit)) }
        return EventBatch(events: events, next: EventCursor(rawValue: String(start + events.count)))
    }

    // MARK: Administration

    func counts() async throws(BrokerError) -> [QueueCounts] {
        let queues = Dictionary(grouping: all) { $0.queue }
        return queues.keys.sorted { $0.rawValue < $1.rawValue }.map { queue in
            let jobs = queues[queue]?.reduce(into: [:]) { $0[$1.state, default: 0] += 1 } ?? [:]
            return QueueCounts(queue: queue, jobs: jobs)
        }
    }

    func jobs(matching query: JobQuery) async throws(BrokerError) -> JobPage {
        let start = query.after.flatMap { Int($0.rawValue) } ?? 0
        let matching = all.reversed().filter { job in
            (query.states.isEmpty || query.states.contains(job.state))
                && (query.queues.isEmpty || query.queues.contains(job.queue))
        }
        let end = min(start + query.limit, matching.count)
        return JobPage(
            jobs: Array(matching.dropFirst(start).prefix(query.limit)),
            next: end < matching.count ? JobPage.Cursor(rawValue: String(end)) : nil)
    }

    func leasedJobs() async throws(BrokerError) -> [LeasedJob] {
        box.withLock { box in
            box.cards.filter { $0.record.state == .leased }.map {
                LeasedJob(job: $0.record, worker: $0.worker, remaining: .seconds(30))
            }
        }
    }

    func workers() async throws(BrokerError) -> [WorkerRecord] {
        let hands = Dictionary(grouping: try await leasedJobs()) { $0.worker }
        return hands.keys.sorted().map {
            WorkerRecord(name: $0, queues: [.default], jobs: hands[$0]?.count ?? 0, lastSeen: time.now())
        }
    }

    /// Moves jobs from some states to one.
    private func move(_ jobs: [JobID], from states: Set<JobState>, to state: JobState, _ kind: JobEvent.Kind) -> [JobID]
    {
        box.withLock { box in
            jobs.filter { job in
                guard let index = box.cards.firstIndex(where: { $0.record.id == job }),
                    states.contains(box.cards[index].record.state)
                else { return false }
                box.cards[index].record.state = state
                box.events.append(JobEvent(job: job, kind: kind, time: time.now()))
                return true
            }
        }
    }

    func cancel(_ jobs: [JobID], reason: String) async throws(BrokerError) -> [JobID] {
        move(jobs, from: [.ready, .scheduled], to: .dead, .dead)
    }

    func retry(_ jobs: [JobID]) async throws(BrokerError) -> [JobID] {
        move(jobs, from: [.dead, .held], to: .ready, .revived)
    }

    func forget(_ jobs: [JobID], in states: Set<JobState>) async throws(BrokerError) -> [JobID] {
        box.withLock { box in
            let gone = box.cards.map(\.record).filter { jobs.contains($0.id) && states.contains($0.state) }.map(\.id)
            box.cards.removeAll { gone.contains($0.record.id) && $0.record.state != .leased }
            return gone
        }
    }

    func prune(settledBefore time: Date, states: Set<JobState>) async throws(BrokerError) -> Int {
        let old = all.filter { $0.state.isSettled && $0.updatedAt < time }.map(\.id)
        return try await forget(old, in: states.union([.finished])).count
    }

    func erase(recipient address: String) async throws(BrokerError) -> Erasure {
        throw BrokerError(.unsupported, "cards are written in ink: forget the jobs instead", mayHaveStored: false)
    }
}
