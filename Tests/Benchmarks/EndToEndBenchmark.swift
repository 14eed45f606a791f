import Foundation
import Mailroom
import MailroomFileBroker
import MailroomLetters
import MailroomMemoryBroker
import MailroomSMTP
import MailroomTemplates
import MailroomTesting
import Synchronization

/// Letters a second over the whole road: submit durably, lease, render the PDF, encode, deliver by SMTP to a sink that
/// runs on the same cores, settle durably. Beside it what a C program that only sends mails of that size reaches.
func endToEndFigures() async throws -> [Figure] {
    guard let sink = try SMTPSink() else {
        throw BenchmarkError("smtp-sink is not installed: apt-get install postfix")
    }
    defer { sink.stop() }
    let size = try await letterSize()
    let count = 4000
    var letters: [Double] = []
    var crowded: [Double] = []
    var sources: [Double] = []
    _ = try await letterRate(count: 500, workers: 2, sink)
    for _ in 0..<5 {
        letters.append(try await letterRate(count: count, workers: 2, sink))
        crowded.append(try await letterRate(count: count, workers: 8, sink))
        sources.append(try sink.sourceRate(mails: count, of: size, connections: 2))
    }
    var figures = [
        Figure(name: "size of a letter's mail", unit: "bytes", value: Double(size)),
        Figure(name: "smtp-source, 2 connections, same size", unit: "mails/s", value: median(sources)),
        Figure(
            name: "letters, 2 workers", unit: "letters/s", value: median(letters), limit: nil,
            ratio: median(zip(letters, sources).map { $0 / $1 })),
        Figure(
            name: "letters, 8 workers", unit: "letters/s", value: median(crowded), limit: nil,
            ratio: median(zip(crowded, sources).map { $0 / $1 })),
    ]
    if let celery = try Peers.rate("celery", line: "celery-letters-end-to-end", sinkPort: sink.port) {
        figures.append(Figure(name: "Celery, ReportLab, smtplib", unit: "letters/s", value: celery))
    }
    return figures
}

func letter(_ number: Int) -> Message {
    Message(
        from: "Comité directeur <benevolat@example.org>", to: [.to("teacher\(number)@example.org")],
        document: Document(
            template: "volunteer-letter-fr",
            values: [
                "email": .text("teacher\(number)@example.org"), "first_name": "Élodie",
                "last_name": .text("Bérenger-\(number)"),
                "club": .text("Poney-Club des Érables n° \(number % 50)"), "season": "2025-2026",
                "hours": .text("\(number % 300)"), "date": "2026-06-12",
            ]))
}

private func letterRate(count: Int, workers: Int, _ sink: SMTPSink) async throws -> Double {
    let folder = FileManager.default.temporaryDirectory.path + "/mailroom-benchmark-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let pipeline = try PipelineBuilder()
        .broker(.file(folder))
        .transport(.smtp("127.0.0.1", port: sink.port))
        .renderer(LetterRenderer(templates: [try Template(source: Shipped.volunteerLetter)]))
        .build()
    let messages = (0..<count).map(letter)
    var options = WorkerOptions()
    options.concurrency = workers
    options.maximumJobs = count
    let chosen = options
    let clock = ContinuousClock()
    let start = clock.now
    async let work = pipeline.run(chosen)
    for first in stride(from: 0, to: count, by: 100) {
        try await pipeline.submit(Array(messages[first..<min(first + 100, count)]))
    }
    let summary = try await work
    let rate = Double(count) / (clock.now - start).inSeconds
    await pipeline.shutdown()
    guard summary.settled[.finished] == count else {
        throw BenchmarkError("\(summary.settled[.finished] ?? 0) of \(count) letters were delivered")
    }
    return rate
}

private func letterSize() async throws -> Int {
    let size = Mutex(0)
    let pipeline = try PipelineBuilder()
        .broker(.memory())
        .transport(
            CaptureTransport { mail throws(TransportError) in
                size.withLock { $0 = mail.bytes.count }
                return DeliveryReport(all: mail.envelope.recipients, .accepted)
            }
        )
        .renderer(LetterRenderer(templates: [try Template(source: Shipped.volunteerLetter)]))
        .build()
    try await pipeline.submit(letter(1234))
    var options = WorkerOptions()
    options.stopsWhenEmpty = true
    try await pipeline.run(options)
    return size.withLock { $0 }
}

struct BenchmarkError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
