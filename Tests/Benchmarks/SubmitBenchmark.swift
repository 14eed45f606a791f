import Foundation
import Mailroom
import MailroomFileBroker
import MailroomLetters
import MailroomTemplates
import MailroomTesting

/// How fast messages of 2 KiB come into a file queue on this disk, as an app submits them: through the pipeline, checked
/// and encoded. Against plain writes and syncs of as many bytes.
func submitFigures() async throws -> [Figure] {
    let folder = FileManager.default.temporaryDirectory.path + "/mailroom-benchmark-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let disk = RawDisk(folder: folder)
    var figures: [Figure] = []
    func measure(
        _ name: String, limit: Double, ground: () throws -> Double, ours: (Pipeline) async throws -> Double
    ) async throws {
        let pipeline = try PipelineBuilder()
            .broker(.file(folder + "/" + UUID().uuidString))
            .transport(CaptureTransport())
            .renderer(LetterRenderer(templates: [try Template(source: Shipped.volunteerLetter)]))
            .build()
        _ = try await ours(pipeline)
        let result = try await compared(rounds: 9, ground: ground) { try await ours(pipeline) }
        await pipeline.shutdown()
        figures.append(Figure(name: "raw: " + name, unit: "records/s", value: result.ground))
        figures.append(
            Figure(name: name, unit: "messages/s", value: result.ours, limit: limit, ratio: result.ratio))
    }
    try await measure("one at a time", limit: 0.7) {
        try disk.rate(writes: 2_000, of: 2048, group: 1)
    } ours: { pipeline in
        try await submitRate(pipeline, submitters: 1, each: 2_000)
    }
    try await measure("64 at once", limit: 0.6) {
        try disk.rate(writes: 64 * 400, of: 2048, group: 64)
    } ours: { pipeline in
        try await submitRate(pipeline, submitters: 64, each: 400)
    }
    try await measure("1,000 of 2 KiB in a call", limit: 1.0 / 3) {
        try disk.rate(writes: 20, of: 2048 * 1000, group: 1) * 1000
    } ours: { pipeline in
        try await callRate(pipeline, calls: 20, of: (0..<1000).map { _ in message() })
    }
    let letters = (0..<1000).map(letter)
    let size = letters.reduce(0) { $0 + $1.encodedContent().count } / letters.count + 256
    try await measure("1,000 letters in a call (\(size) bytes each)", limit: 1.0 / 3) {
        try disk.rate(writes: 20, of: size * 1000, group: 1) * 1000
    } ours: { pipeline in
        try await callRate(pipeline, calls: 20, of: letters)
    }
    return figures
}

/// Messages a second of this many tasks that each submit one after the other.
private func submitRate(_ pipeline: Pipeline, submitters: Int, each: Int) async throws -> Double {
    let message = message()
    let clock = ContinuousClock()
    let start = clock.now
    try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<submitters {
            group.addTask { for _ in 0..<each { try await pipeline.submit(message) } }
        }
        try await group.waitForAll()
    }
    return Double(submitters * each) / (clock.now - start).inSeconds
}

/// Messages a second in calls of many.
private func callRate(_ pipeline: Pipeline, calls: Int, of messages: [Message]) async throws -> Double {
    let clock = ContinuousClock()
    let start = clock.now
    for _ in 0..<calls { try await pipeline.submit(messages) }
    return Double(calls * messages.count) / (clock.now - start).inSeconds
}

/// A message whose record takes about 2 KiB.
private func message() -> Message {
    Message(
        from: "Club <club@example.org>", to: [.to("member@example.org", name: "A Member")], subject: "Invitation",
        text: String(repeating: "Madame, Monsieur, we invite you. ", count: 54))
}
