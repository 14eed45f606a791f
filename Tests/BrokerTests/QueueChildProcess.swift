import Foundation
import TestSupport
import XCTest

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A process of the benchmark's program that works on a queue until it is killed.
final class QueueChildProcess {
    private let process = Process()
    private let input = Pipe()

    /// `queue` is a folder, or `redis:` and a port; `words` are what such a process takes beyond that.
    init(
        _ word: String, _ queue: String, _ journal: ChildJournal, _ words: [String] = [], under wrapper: [String] = []
    ) throws {
        let program = try Programs.built("mailroom-benchmarks", for: QueueChildProcess.self)
        let line =
            wrapper + [program.path(percentEncoded: false), "durability-child", word, queue, journal.path] + words
        process.executableURL = URL(filePath: line[0])
        process.arguments = Array(line.dropFirst())
        process.standardInput = input
        try process.run()
    }

    deinit { kill() }

    var isRunning: Bool { process.isRunning }
    var identifier: Int32 { process.processIdentifier }

    func signal(_ number: Int32) { Foundation.kill(process.processIdentifier, number) }

    func kill() {
        guard process.isRunning else { return }
        signal(SIGKILL)
        process.waitUntilExit()
    }

    func go() throws { try input.fileHandleForWriting.write(contentsOf: Data([10])) }

    func wait() { process.waitUntilExit() }
}

/// What the processes on a queue put down, read on as it grows.
struct ChildJournal {
    let path: String
    private(set) var lines: [[Substring]] = []
    private var offset: UInt64 = 0

    init(_ path: String) throws {
        self.path = path
        try Data().write(to: URL(filePath: path))
    }

    mutating func read() throws {
        let file = try FileHandle(forReadingFrom: URL(filePath: path))
        defer { try? file.close() }
        try file.seek(toOffset: offset)
        let bytes = try file.readToEnd() ?? Data()
        guard let end = bytes.lastIndex(of: 10) else { return }
        let whole = bytes[...end]
        offset += UInt64(whole.count)
        lines += String(decoding: whole, as: UTF8.self).split(separator: "\n").map { $0.split(separator: " ") }
    }

    /// Reads until this many lines are there.
    mutating func wait(for count: Int) async throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while lines.count < count {
            guard .now < deadline else { throw Overdue() }
            await Task.yield()
            try read()
        }
    }

    /// Puts lines down as the processes do.
    func append(_ lines: [String]) throws {
        let file = try FileHandle(forWritingTo: URL(filePath: path))
        defer { try? file.close() }
        try file.seekToEnd()
        try file.write(contentsOf: Data(lines.map { $0 + "\n" }.joined().utf8))
    }

    func remove() { try? FileManager.default.removeItem(atPath: path) }

    struct Overdue: Error {}
}
