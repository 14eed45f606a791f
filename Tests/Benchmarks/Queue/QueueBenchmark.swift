import Foundation
import Mailroom
import MailroomFileBroker

/// The file broker by itself: durable submits against plain writes and syncs, draining by one process and by four, what a
/// full queue costs, and how soon another process starts a job.
///
/// `MAILROOM_QUEUE_PARTS` names the parts to measure (submit, drain, wake, redis, full), `MAILROOM_QUEUE_JOBS` how many jobs a
/// full queue has.
func queueFigures() async throws -> [Figure] {
    let folder = FileManager.default.temporaryDirectory.path + "/mailroom-benchmark-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let bench = QueueBench(folder: folder)
    let environment = ProcessInfo.processInfo.environment
    let parts = environment["MAILROOM_QUEUE_PARTS"].map { $0.split(separator: ",").map(String.init) }
    let jobs = environment["MAILROOM_QUEUE_JOBS"].flatMap { Int($0) } ?? 1_000_000
    var figures: [Figure] = []
    func add(_ part: String, _ measure: () async throws -> [Figure]) async throws {
        if parts?.contains(part) ?? true { figures += try await measure() }
    }
    try await add("submit") { try await bench.submitFigures() }
    try await add("drain") { try await bench.drainFigures() }
    try await add("wake") { try await bench.wakeFigures() }
    try await add("redis") { try await bench.redisFigures() }
    try await add("full") { try await bench.fullQueueFigures(jobs: jobs) }
    return figures
}

/// Measures queues in a folder.
struct QueueBench {
    let folder: String

    func broker(_ name: String = UUID().uuidString) -> FileBroker { .file(folder + "/" + name) }

    // MARK: Coming in

    func submitFigures() async throws -> [Figure] {
        let disk = RawDisk(folder: folder)
        var figures: [Figure] = []
        func measure(_ name: String, limit: Double, submitters: Int, each: Int, group: Int) async throws -> Double {
            let broker = broker()
            _ = try await submitRate(broker, submitters: submitters, each: each / 2)
            let result = try await compared(rounds: 9) {
                try disk.rate(writes: submitters * each, of: 2048, group: group)
            } ours: {
                try await submitRate(broker, submitters: submitters, each: each)
            }
            await broker.shutdown()
            figures.append(Figure(name: "raw: " + name, unit: "records/s", value: result.ground))
            figures.append(
                Figure(name: "submit, " + name, unit: "jobs/s", value: result.ours, limit: limit, ratio: result.ratio))
            return result.ours
        }
        let one = try await measure("one at a time", limit: 1.0, submitters: 1, each: 3_000, group: 1)
        let many = try await measure("64 at once", limit: 1.2, submitters: 64, each: 500, group: 64)
        if let huey = try Peers.rate("huey", line: "huey-submit", sinkPort: 0) {
            figures.append(Figure(name: "Huey on SQLite with fsync, submit", unit: "jobs/s", value: huey))
            figures.append(
                Figure(name: "one at a time against Huey", unit: "jobs/s", value: one, limit: 1.5, ratio: one / huey))
            figures.append(
                Figure(name: "64 at once against Huey", unit: "jobs/s", value: many, limit: 25, ratio: many / huey))
        }
        return figures
    }

    /// Jobs a second of this many tasks that each submit one after the other.
    func submitRate(_ broker: some Broker, submitters: Int, each: Int) async throws -> Double {
        let jobs = (0..<submitters).map { _ in (0..<each).map { _ in QueueJob.submission() } }
        let start = ContinuousClock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for jobs in jobs {
                group.addTask { for job in jobs { _ = try await broker.enqueue([job]) } }
            }
            try await group.waitForAll()
        }
        return Double(submitters * each) / (ContinuousClock.now - start).inSeconds
    }

    // MARK: Going out

    func drainFigures() async throws -> [Figure] {
        func figure(_ name: String, processes: Int, workers: Int, limit: Double?) async throws -> Figure {
            var rates: [Double] = []
            for _ in 0..<5 {
                rates.append(
                    try await drainRate(filled(200_000), processes: processes, workers: workers, jobs: 160_000))
            }
            return Figure(name: "lease and settle, " + name, unit: "jobs/s", value: median(rates), limit: limit)
        }
        return [
            try await figure("one worker", processes: 1, workers: 1, limit: nil),
            try await figure("one process of 16 workers", processes: 1, workers: 16, limit: 200_000),
            try await figure("four processes of one worker", processes: 4, workers: 1, limit: nil),
            try await figure("four processes of 8 workers", processes: 4, workers: 8, limit: 150_000),
        ]
    }

    /// A queue with so many jobs.
    func filled(_ jobs: Int) async throws -> String {
        let path = folder + "/" + UUID().uuidString
        let broker = FileBroker.file(path)
        for _ in 0..<jobs / 500 { _ = try await broker.enqueue((0..<500).map { _ in QueueJob.submission() }) }
        await broker.shutdown()
        return path
    }

    /// Jobs a second that processes drain, all together, from the moment the last one is ready.
    func drainRate(_ path: String, processes: Int, workers: Int, jobs: Int) async throws -> Double {
        let children = try (0..<processes).map { _ in
            try QueueChild(["drain", path, "\(jobs / processes)", "\(workers)"])
        }
        for child in children { try child.awaitLine("ready") }
        for child in children { try child.go() }
        let spans = try children.map { try $0.numbers() }
        for child in children { child.end() }
        guard let start = spans.map({ $0[0] }).min(), let end = spans.map({ $0[1] }).max() else { return 0 }
        return spans.map { $0[2] }.reduce(0, +) / (end - start)
    }

    // MARK: Between processes

    func wakeFigures() async throws -> [Figure] {
        let path = folder + "/" + UUID().uuidString
        let count = 1_000
        let child = try QueueChild(["wait", path, "\(count)"])
        let broker = FileBroker.file(path)
        for _ in 0..<count {
            // The worker has settled, and has gone back to sleep.
            try child.awaitLine("asks")
            child.awaitSleep()
            _ = try await broker.enqueue([QueueJob.submission(payload: QueueJob.now())])
        }
        let latencies = try child.numbers().sorted()
        child.end()
        let idle = try QueueChild(["idle", path])
        let used = try idle.numbers()[0]
        idle.end()
        await broker.shutdown()
        return [
            Figure(
                name: "start in another process, median", unit: "µs", value: latencies[latencies.count / 2] * 1e6,
                limit: 1_000, isCeiling: true),
            Figure(
                name: "start in another process, 99th", unit: "µs",
                value: latencies[latencies.count * 99 / 100] * 1e6, limit: 5_000, isCeiling: true),
            Figure(
                name: "an idle worker's share of a core, per mille", unit: "‰", value: used * 1000, limit: 5,
                isCeiling: true),
        ]
    }
}
