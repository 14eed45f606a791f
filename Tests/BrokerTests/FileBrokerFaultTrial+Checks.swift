import Mailroom
import MailroomFileBroker
import TestSupport
import XCTest

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What must be there in the end.
extension FaultTrial {
    /// Opens the queue anew and looks at everything. No process may be alive that has it open.
    func check(file: StaticString = #filePath, line: UInt = #line) async throws {
        let member = member()
        var records = try await records(member.broker)
        for job in ledger.order { checkPresence(of: job, records[job], file: file, line: line) }
        for job in records.keys where ledger[job] == nil {
            XCTFail("there is a job that nobody submitted: \(job)", file: file, line: line)
        }
        try await checkCounts(member.broker, records, file: file, line: line)
        // Everything due is handed out whole, once.
        var seen: Set<JobID> = []
        while true {
            let queues: [QueueName] = [.default, "second"]
            let leases = try await member.broker.lease(
                LeaseRequest(queues: queues, limit: 7, duration: .seconds(3600), worker: "c"))
            if leases.isEmpty { break }
            for lease in leases {
                check(lease)
                XCTAssert(seen.insert(lease.submission.id).inserted, "handed out twice", file: file, line: line)
                records[lease.submission.id]?.state = .finished
            }
            let results = try await member.broker.settle(
                leases.map {
                    Settlement($0.id, report: DeliveryReport(all: $0.submission.recipients, .accepted), next: .finished)
                })
            XCTAssertEqual(results, leases.map { _ in .settled(.finished) }, file: file, line: line)
        }
        let after = try await self.records(member.broker)
        for (job, record) in after {
            XCTAssertEqual(record.state, records[job]?.state, "\(job)", file: file, line: line)
            guard seen.contains(job), let entry = ledger[job], !entry.isSent else { continue }
            let isFlagged = record.recipients.contains(where: \.isPossibleDuplicate)
            if entry.isHandedOut {
                XCTAssert(isFlagged, "handed out twice and not counted: \(record)", file: file, line: line)
            } else if !hasLostPower, !hasFailedToSync, !entry.mayBeHandedOut {
                XCTAssertFalse(isFlagged, "counted as handed out twice for nothing", file: file, line: line)
            }
        }
        await member.broker.shutdown()
        disk.killAll()
        let last = self.member()
        let reopened = try await self.records(last.broker)
        XCTAssertEqual(reopened.mapValues(\.state), after.mapValues(\.state), file: file, line: line)
        await last.broker.shutdown()
    }

    private func checkPresence(of job: JobID, _ record: JobRecord?, file: StaticString, line: UInt) {
        let entry = ledger[job]!
        guard let record else {
            let isMissing = entry.arrival == .yes && entry.removal == .no
            return XCTAssertFalse(isMissing, "an acknowledged job is gone: \(entry.states)", file: file, line: line)
        }
        XCTAssertNotEqual(entry.arrival, .no, "a job is there that was refused", file: file, line: line)
        XCTAssertNotEqual(entry.removal, .yes, "a job is there that was removed", file: file, line: line)
        var states = entry.states
        if states.contains(.ready) { states.insert(.leased) }
        XCTAssert(states.contains(record.state), "\(record.state), not \(states)", file: file, line: line)
        if entry.isSent {
            XCTAssert(record.recipients.allSatisfy { $0.status == .sent }, "a fact is lost", file: file, line: line)
        }
    }

    private func checkCounts(
        _ broker: FileBroker, _ records: [JobID: JobRecord], file: StaticString, line: UInt
    ) async throws {
        let counts = try await broker.counts()
        for state in JobState.allCases {
            let counted = counts.reduce(0) { $0 + $1[state] }
            let listed = records.values.count { $0.state == state }
            XCTAssertEqual(counted, listed, "jobs that are \(state)", file: file, line: line)
        }
    }

    private func records(_ broker: FileBroker) async throws -> [JobID: JobRecord] {
        let page = try await broker.jobs(matching: JobQuery(limit: 1_000_000))
        return Dictionary(page.jobs.map { ($0.id, $0) }, uniquingKeysWith: { $1 })
    }

    /// A descriptor whose sync has failed is neither synced nor written again: the system would say that all is well.
    func checkSyncs(file: StaticString = #filePath, line: UInt = #line) {
        var failed: Set<[Int]> = []
        for call in disk.calls where call.kind == .sync || call.kind == .write {
            let name = [call.process, Int(call.descriptor)]
            if failed.contains(name) {
                return XCTFail("after a sync that failed: \(call)", file: file, line: line)
            }
            if call.kind == .sync, let answer = call.answer, answer < 0, answer != -Int(EINTR) { failed.insert(name) }
        }
    }

    /// The disk works again: so do the brokers of the processes that live, by themselves.
    func checkRecovery(_ members: [Member], file: StaticString = #filePath, line: UInt = #line) async {
        disk.mend()
        for member in members where member.process.isAlive {
            // An open file may have one failure to tell that it has not told.
            var isDone = false
            for _ in 0..<3 where !isDone { isDone = await submit(member, [makeSubmission()]) }
            XCTAssert(isDone, "the broker takes nothing in although the disk works", file: file, line: line)
        }
    }
}
