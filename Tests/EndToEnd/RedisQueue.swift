import Foundation
import Mailroom
import MailroomCapture
import MailroomRedisBroker
import TestSupport
import XCTest

/// A server of Redis that processes share, and a server that takes their mail.
final class RedisQueue {
    let server: RedisServer
    let broker: RedisBroker
    let capture = CaptureServer(.onFreePorts)
    private let ports: CaptureServer.Ports
    private let folder = TestFolder()

    init(_ settings: [String] = []) throws {
        server = try RedisServer(settings)
        ports = try capture.start()
        broker = .redis("127.0.0.1", port: server.port)
    }

    var url: String { "redis://127.0.0.1:\(server.port)" }

    var variables: [String: String] {
        ["MAILROOM_BROKER": url, "MAILROOM_TRANSPORT": "smtp://127.0.0.1:\(ports.smtp)"]
    }

    /// To whom mail came, as often as it came.
    var recipients: [String] { capture.messages.flatMap(\.recipients) }

    func process(_ words: String...) throws -> MailroomProcess {
        try MailroomProcess(words, environment: variables)
    }

    /// Runs a command to its end.
    func run(_ words: String...) async throws -> (status: Int32, output: String, errors: String) {
        let process = try MailroomProcess(words, environment: variables)
        let status = try await process.status()
        return (status, process.output.text, process.errors.text)
    }

    func submit(_ count: Int, file: StaticString = #filePath, line: UInt = #line) async throws {
        let list = try folder.file("list.csv", People.csv(count))
        let letters = try await run(
            "letters", "--recipients", list, "--template", "volunteer-letter-fr", "--from", "club@example.org")
        XCTAssertEqual(letters.status, 0, letters.errors, file: file, line: line)
    }

    /// Waits until so many jobs are finished.
    func finished(_ count: Int) async throws {
        try await eventually("\(count) jobs are finished") {
            try await broker.counts().reduce(0) { $0 + $1[.finished] } == count
        }
    }

    func close() async {
        await broker.shutdown()
        capture.stop()
    }
}
