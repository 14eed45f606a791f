import Foundation
import Mailroom
import XCTest

/// What the processes of a trial put down, held against what the server has in the end.
struct RedisKillAccount {
    /// A time that a job was handed out.
    struct Run: Hashable {
        let job: Substring
        let attempt: Int
    }

    private var acknowledged: Set<Substring> = []
    private var runs: [Substring: [Int]] = [:]
    private var worker: [Run: Substring] = [:]
    private var settled: [Substring: Int] = [:]
    /// The milliseconds that a settlement came after its job was asked for, where it was refused.
    private(set) var late: [Run: Double] = [:]

    init(_ lines: [[Substring]]) {
        for line in lines {
            let job = line[1]
            guard line.count >= 4, let attempt = Int(line[2]) else {
                acknowledged.insert(job)
                continue
            }
            let run = Run(job: job, attempt: attempt)
            switch line[0] {
            case "D":
                XCTAssertNil(worker.updateValue(line[3], forKey: run), "handed out twice as one attempt: \(run)")
                runs[job, default: []].append(attempt)
            case "S": XCTAssertNil(settled.updateValue(attempt, forKey: job), "settled twice: \(run)")
            default: late[run] = Double(line[4]) ?? 0
            }
        }
    }

    /// Answers how many deliveries were repeated.
    func check(against list: [JobRecord], stopped: Set<Substring>) -> Int {
        let records = Dictionary(list.map { ("\($0.id)"[...], $0) }, uniquingKeysWith: { $1 })
        XCTAssertEqual(records.count, list.count, "a job is there twice")
        let lost = acknowledged.subtracting(records.keys)
        XCTAssertEqual(lost, [], "acknowledged jobs are gone")
        for (job, record) in records {
            let low = record.id.low & 15
            XCTAssertEqual(record.state, low == 0 ? .dead : low == 1 ? .held : .finished, "\(job)")
            XCTAssertNotNil(runs[job], "\(job) is settled and was never delivered")
        }
        var repeated = 0
        for (job, attempts) in runs {
            guard let record = records[job] else {
                XCTFail("delivered a job that is not there: \(job)")
                continue
            }
            repeated += check(job, attempts.sorted(), record, stopped)
        }
        for (run, time) in late where !stopped.contains(worker[run] ?? "") {
            // A machine that is busy may keep a process waiting for longer than its lease; then it is as good as frozen.
            XCTAssertGreaterThanOrEqual(time, RedisKillTrial.lease / .milliseconds(1), "lost before its time: \(run)")
        }
        return repeated
    }

    private func check(_ job: Substring, _ attempts: [Int], _ record: JobRecord, _ stopped: Set<Substring>) -> Int {
        if let end = settled[job], let last = attempts.last {
            XCTAssertLessThanOrEqual(last, end, "delivered again after its settlement was answered: \(job)")
        }
        XCTAssertLessThanOrEqual(attempts.last ?? 0, record.attempts, "a delivery is not counted: \(job)")
        let isPlannedTwice = record.id.low & 15 == 2
        for attempt in attempts.dropLast() where !(isPlannedTwice && attempt == 1) {
            let run = Run(job: job, attempt: attempt)
            XCTAssert(
                stopped.contains(worker[run] ?? "") || late[run] != nil,
                "delivered again although its worker lived: \(run)")
        }
        let repeated = max(0, attempts.count - (isPlannedTwice ? 2 : 1))
        if repeated > 0, record.state == .finished {
            XCTAssert(record.recipients.allSatisfy(\.isPossibleDuplicate), "sent twice and not counted: \(job)")
        }
        return repeated
    }
}
