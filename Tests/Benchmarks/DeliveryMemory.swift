import Foundation
import Mailroom
import MailroomFileBroker
import MailroomMIME
import MailroomMemoryBroker
import MailroomSMTP

/// The memory that one delivery takes at its peak, over what a tiny one takes, as a multiple of the file sent along. Each
/// runs in a process of its own, which submits and works.
func memoryFigures() async throws -> [Figure] {
    guard let sink = try SMTPSink() else {
        throw BenchmarkError("smtp-sink is not installed: apt-get install postfix")
    }
    defer { sink.stop() }
    guard let program = Bundle.main.executablePath else { throw BenchmarkError("this program has no path") }
    func peak(_ broker: String, of size: Int) throws -> Double {
        let output = try Peers.output(of: program, [DeliveryMemory.word, broker, "\(size)", "\(sink.port)"])
        guard let kibibytes = Double(output.trimmingCharacters(in: .whitespacesAndNewlines)) else {
            throw BenchmarkError("the delivery's process said \(output)")
        }
        return kibibytes * 1024
    }
    var figures: [Figure] = []
    for broker in ["memory", "file"] {
        let ground = try peak(broker, of: 1024)
        for mebibytes in [20, 50] {
            let growth = try peak(broker, of: mebibytes << 20) - ground
            figures.append(
                Figure(
                    name: "memory of \(mebibytes) MiB by the \(broker) broker", unit: "MiB", value: growth / 1_048_576,
                    limit: 3, ratio: growth / Double(mebibytes << 20), isCeiling: true))
        }
    }
    return figures
}

/// The process that delivers one mail and says how much memory it took.
enum DeliveryMemory {
    /// The word by which this program is told to be that process.
    static let word = "deliver-one"

    /// Answers the peak in KiB; words are the broker, the size of the file and the sink's port.
    static func run(_ words: [String]) async throws -> Int {
        guard words.count == 3, let size = Int(words[1]), let port = Int(words[2]) else {
            throw BenchmarkError("\(word) takes memory or file, a size and a port")
        }
        let folder = FileManager.default.temporaryDirectory.path + "/mailroom-benchmark-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let builder = PipelineBuilder().transport(.smtp("127.0.0.1", port: port))
        let pipeline =
            words[0] == "file" ? try builder.broker(.file(folder)).build() : try builder.broker(.memory()).build()
        try await submit(size, to: pipeline)
        var options = WorkerOptions()
        options.maximumJobs = 1
        let summary = try await pipeline.run(options)
        await pipeline.shutdown()
        guard summary.settled[.finished] == 1 else { throw BenchmarkError("the mail was not delivered") }
        return try peak()
    }

    private static func submit(_ size: Int, to pipeline: Pipeline) async throws {
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            for index in 0..<size { buffer[index] = UInt8(truncatingIfNeeded: index &* 2_654_435_761 >> 13) }
            count = size
        }
        try await pipeline.submit(
            Message(
                from: "a@example.org", to: [.to("b@example.org")], subject: "A file", text: "See the file.\n",
                attachments: [Attachment(fileName: "file.bin", mediaType: .octetStream, bytes: bytes)]))
    }

    private static func peak() throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        for line in status.split(separator: "\n") where line.hasPrefix("VmHWM:") {
            if let number = line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap({
                Int($0)
            }) {
                return number
            }
        }
        throw BenchmarkError("this system does not say how much memory a process took")
    }
}
