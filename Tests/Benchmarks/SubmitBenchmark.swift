import Foundation
import Mailroom
import MailroomFileBroker

/// How fast jobs of 2 KiB come into a queue on this disk, against plain writes and syncs of as many bytes.
func submitFigures() async throws -> [Figure] {
    let folder = FileManager.default.temporaryDirectory.path + "/mailroom-benchmark-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let disk = RawDisk(folder: folder)
    var figures: [Figure] = []
    func measure(
        _ name: String, limit: Double, ground: () throws -> Double, ours: (FileBroker) async throws -> Double
    ) async throws {
        let broker = FileBroker(folder: folder + "/" + UUID().uuidString)
        _ = try await ours(broker)
        let result = try await compared(rounds: 9, ground: ground) { try await ours(broker) }
        await broker.shutdown()
        figures.append(Figure(name: "raw: " + name, unit: "records/s", value: result.ground))
        figures.append(
            Figure(name: name, unit: "records/s", value: result.ours, limit: limit, ratio: result.ratio))
    }
    try await measure("submit, one at a time", limit: 0.7) {
        try disk.rate(writes: 2_000, of: 2048, group: 1)
    } ours: { broker in
        try await submitRate(broker, submitters: 1, each: 2_000)
    }
    try await measure("submit, 64 at once", limit: 0.6) {
        try disk.rate(writes: 64 * 400, of: 2048, group: 64)
    } ours: { broker in
        try await submitRate(broker, submitters: 64, each: 400)
    }
    try await measure("submit, 1,000 in a call", limit: 0.6) {
        try disk.rate(writes: 20, of: 2048 * 1000, group: 1) * 1000
    } ours: { broker in
        try await callRate(broker, calls: 20, each: 1000)
    }
    return figures
}

/// Submissions a second of this many tasks that each submit one after the other.
func submitRate(_ broker: some Broker, submitters: Int, each: Int) async throws -> Double {
    let submissions = (0..<submitters).map { _ in (0..<each).map { _ in submission(ofSize: 1800) } }
    let clock = ContinuousClock()
    let start = clock.now
    try await withThrowingTaskGroup(of: Void.self) { group in
        for own in submissions {
            group.addTask { for submission in own { _ = try await broker.enqueue([submission]) } }
        }
        try await group.waitForAll()
    }
    return Double(submitters * each) / (clock.now - start).inSeconds
}

/// Submissions a second in calls of many.
func callRate(_ broker: some Broker, calls: Int, each: Int) async throws -> Double {
    let batches = (0..<calls).map { _ in (0..<each).map { _ in submission(ofSize: 1800) } }
    let clock = ContinuousClock()
    let start = clock.now
    for batch in batches { _ = try await broker.enqueue(batch) }
    return Double(calls * each) / (clock.now - start).inSeconds
}

/// A job whose record takes about 2 KiB with a payload of 1,800 bytes.
func submission(ofSize size: Int) -> Submission {
    let now = SystemTimeSource().now()
    return Submission(
        id: JobID(at: now, random: .system), messageID: "17.4f3a9c@club.example",
        recipients: [.to("member@club.example", name: "A Member")], createdAt: now,
        expiresAt: now.addingTimeInterval(432_000), payload: [UInt8](repeating: 0x61, count: size))
}
