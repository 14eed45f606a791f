import Foundation
import Mailroom
import Synchronization

/// The workers that asked for jobs.
final class WorkerBook: Sendable {
    private let workers = Mutex<[String: WorkerRecord]>([:])
    private static let memory = 86_400.0

    func note(_ request: LeaseRequest, at time: Date) {
        workers.withLock { workers in
            workers[request.worker] = WorkerRecord(
                name: request.worker, queues: request.queues, jobs: 0, lastSeen: time)
        }
    }

    /// A worker was heard of otherwise than by asking for jobs.
    func touch(_ name: String, at time: Date) {
        workers.withLock { $0[name]?.lastSeen = time }
    }

    /// Those of the last day, with the jobs they hold.
    func records(of jobs: [LeasedJob], now: Date) -> [WorkerRecord] {
        var held: [String: Int] = [:]
        for job in jobs { held[job.worker, default: 0] += 1 }
        return workers.withLock { workers in
            workers = workers.filter {
                held[$0.key] != nil || now.timeIntervalSince($0.value.lastSeen) < WorkerBook.memory
            }
            return workers.values.map { worker in
                var worker = worker
                worker.jobs = held[worker.name] ?? 0
                return worker
            }
            .sorted { $0.name < $1.name }
        }
    }
}
