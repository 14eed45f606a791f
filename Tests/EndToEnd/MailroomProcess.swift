import Foundation
import Synchronization
import TestSupport
import XCTest

/// A process of the built `mailroom` executable.
final class MailroomProcess: Sendable {
    private let process: Mutex<Process>
    /// Rung whenever it writes something, and when it ends.
    private let bell: Bell
    let output: Collected
    let errors: Collected

    /// What a process has written to a pipe so far.
    final class Collected: Sendable {
        private let state = Mutex<(bytes: [UInt8], isComplete: Bool)>(([], false))
        private let bell: Bell

        fileprivate init(_ bell: Bell) { self.bell = bell }

        var text: String { String(decoding: state.withLock { $0.bytes }, as: UTF8.self) }

        fileprivate func read(from source: @escaping @Sendable () -> [UInt8]) {
            let thread = Thread { [self] in
                while case let bytes = source(), !bytes.isEmpty {
                    state.withLock { $0.bytes += bytes }
                    bell.ring()
                }
                end()
            }
            thread.start()
        }

        fileprivate func end() {
            state.withLock { $0.isComplete = true }
            bell.ring()
        }

        var isComplete: Bool { state.withLock { $0.isComplete } }
    }

    /// With a terminal, that is its standard input, output and error, and all it writes is `output`.
    init(
        _ arguments: [String], environment: [String: String] = [:], under wrapper: [String] = [],
        on terminal: Terminal? = nil
    ) throws {
        let bell = Bell()
        (self.bell, output, errors) = (bell, Collected(bell), Collected(bell))
        let words = wrapper + [try Self.executable.path(percentEncoded: false)] + arguments
        let process = Process()
        process.executableURL = URL(filePath: words[0])
        process.arguments = Array(words.dropFirst())
        process.environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("MAILROOM_") }
            .merging(environment) { $1 }
        process.terminationHandler = { _ in bell.ring() }
        if let terminal {
            process.standardInput = terminal.slave
            process.standardOutput = terminal.slave
            process.standardError = terminal.slave
            try process.run()
            try terminal.slave.close()
            output.read { terminal.read() }
            errors.end()
        } else {
            let (out, err) = (Pipe(), Pipe())
            process.standardOutput = out
            process.standardError = err
            process.standardInput = FileHandle.nullDevice
            try process.run()
            output.read { Array(out.fileHandleForReading.availableData) }
            errors.read { Array(err.fileHandleForReading.availableData) }
        }
        self.process = Mutex(process)
    }

    /// Ends it, where a test has not waited for its end.
    deinit {
        process.withLock { process in
            guard process.isRunning else { return }
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
    }

    var identifier: Int32 { process.withLock { $0.processIdentifier } }

    var isRunning: Bool { process.withLock { $0.isRunning } }

    func signal(_ number: Int32) { kill(identifier, number) }

    /// Waits until it has ended, and answers its exit status: negative for a signal.
    @discardableResult
    func status(within limit: Duration = .seconds(60)) async throws -> Int32 {
        try await wait(within: limit) { !self.isRunning && self.output.isComplete && self.errors.isComplete }
        return process.withLock { process in
            process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
        }
    }

    /// Waits until something is so that its output or its end tells.
    func wait(within limit: Duration = .seconds(60), until condition: () throws -> Bool) async throws {
        let end = ContinuousClock.now + limit
        while true {
            let heard = bell.rings
            if try condition() { return }
            guard .now < end else {
                signal(SIGKILL)
                throw Silent(output: output.text, errors: errors.text)
            }
            await bell.wait(after: heard, until: end)
        }
    }

    struct Silent: Error {
        let output: String
        let errors: String
    }

    /// Runs a command to its end.
    static func run(
        _ arguments: String..., environment: [String: String] = [:]
    ) async throws -> (status: Int32, output: String, errors: String) {
        let process = try MailroomProcess(arguments, environment: environment)
        let status = try await process.status()
        return (status, process.output.text, process.errors.text)
    }

    private static var executable: URL {
        get throws { try Programs.built("mailroom", for: MailroomProcess.self) }
    }
}

/// Lists of teachers, made to measure.
enum People {
    static func csv(_ count: Int) -> String {
        "email,first_name,last_name,club,season,hours,date\n"
            + (0..<count).map { "t\($0)@example.org,Élodie,Martin-\($0),Poney-Club,2025-2026,\($0),2026-06-12\n" }
            .joined()
    }
}
