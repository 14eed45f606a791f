import Foundation
import Mailroom
import MailroomCommands
import MailroomFileBroker
import MailroomTesting
import Synchronization
import TestSupport
import XCTest

/// A file queue that test and processes share.
final class SharedQueue: Sendable {
    let folder = TestFolder()
    let broker: FileBroker
    let pipeline: Pipeline

    init() throws {
        broker = FileBroker(folder: folder.path + "/queue")
        pipeline = try PipelineBuilder().broker(broker).transport(CaptureTransport()).build()
    }

    var url: String { "file:\(folder.path)/queue" }

    var variables: [String: String] { ["MAILROOM_BROKER": url] }

    /// Submits mails to people of a queue. Answers their jobs.
    func submit(_ count: Int, to queue: QueueName = .default, delay: Duration = .zero) async throws -> [JobID] {
        let messages = (0..<count).map { index in
            var message = Message(
                from: "club@example.org", to: [.to("\(queue)\(index)@example.org")], subject: "Hello", text: "Hello")
            message.options.queue = queue
            message.options.delay = delay
            return message
        }
        return try await pipeline.submit(messages).map(\.id)
    }

    func state(of job: JobID) async throws -> JobState? { try await broker.records(of: [job])[0]?.state }

    func count(_ state: JobState) async throws -> Int {
        try await broker.counts().reduce(0) { $0 + $1[state] }
    }

    /// Runs a command on the queue to its end.
    func run(_ words: String...) async throws -> (status: Int32, output: String, errors: String) {
        let process = try MailroomProcess(words, environment: variables)
        let status = try await process.status()
        return (status, process.output.text, process.errors.text)
    }

    /// Runs a command on a terminal and answers its question.
    func run(_ words: String..., answering answer: String) async throws -> (status: Int32, output: String) {
        let terminal = try Terminal()
        let process = try MailroomProcess(words, environment: variables, on: terminal)
        try await process.wait { process.output.text.contains("[y/N]") }
        terminal.type(answer + "\n")
        let status = try await process.status()
        return (status, process.output.text)
    }
}

/// Runs commands in this process.
struct InProcess {
    let commands: MailroomCommands
    var answer: String?

    init(_ pipeline: Pipeline, answer: String? = nil) {
        commands = MailroomCommands(pipeline)
        self.answer = answer
    }

    func callAsFunction(_ words: String...) async -> (status: Int32, output: String, errors: String) {
        let (output, errors) = (Text(), Text())
        var reader: (@Sendable () async -> String?)?
        if let answer { reader = { answer } }
        let console = Console(
            write: { output.add($0) }, writeError: { errors.add($0) },
            readAnswer: reader)
        let status = await commands.run(words, on: console, variables: [:])
        return (status, output.text, errors.text)
    }

    private final class Text: Sendable {
        private let value = Mutex("")
        var text: String { value.withLock { $0 } }
        func add(_ part: String) { value.withLock { $0 += part } }
    }
}
