import Foundation
import Mailroom
import MailroomFileBroker

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A process of this program that works on a queue, as the benchmark's parent sees it: it says `ready` where it waits for
/// a word to go, and ends with numbers.
final class QueueChild {
    /// The word by which this program is told to be one.
    static let word = "queue-child"

    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private var read: [UInt8] = []

    init(_ words: [String]) throws {
        guard let program = Bundle.main.executablePath else { throw BenchmarkError("this program has no path") }
        process.executableURL = URL(filePath: program)
        process.arguments = [QueueChild.word] + words
        process.standardInput = input
        process.standardOutput = output
        try process.run()
    }

    func go() throws { try input.fileHandleForWriting.write(contentsOf: Data([10])) }

    /// Waits for a line.
    func awaitLine(_ line: String) throws {
        guard try nextLine() == line else { throw BenchmarkError("the queue's process did not say \(line)") }
    }

    /// The numbers of the next line.
    func numbers() throws -> [Double] {
        let numbers = try nextLine().split(separator: " ").compactMap { Double($0) }
        guard !numbers.isEmpty else { throw BenchmarkError("the queue's process said no numbers") }
        return numbers
    }

    private func nextLine() throws -> String {
        while true {
            if let end = read.firstIndex(of: 10) {
                defer { read.removeFirst(end + 1) }
                return String(decoding: read[..<end], as: UTF8.self)
            }
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else { throw BenchmarkError("the queue's process ended early") }
            read += more
        }
    }

    /// Waits until it sleeps: in two looks at its threads, one after the other, all slept and none had run in between.
    /// Where the system does not tell, it returns at once.
    func awaitSleep() {
        var earlier: [Substring]?
        while true {
            let path = "/proc/\(process.processIdentifier)/task"
            guard let threads = try? FileManager.default.contentsOfDirectory(atPath: path) else { return }
            let status = threads.sorted().flatMap { thread in
                let lines = (try? String(contentsOfFile: "\(path)/\(thread)/status", encoding: .utf8)) ?? ""
                return lines.split(separator: "\n").filter { $0.hasPrefix("State:") || $0.contains("ctxt_switches:") }
            }
            let isAsleep = status.allSatisfy { !$0.hasPrefix("State:") || $0.contains("sleeping") }
            if isAsleep, status == earlier { return }
            earlier = status
        }
    }

    func end() {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }
}

/// What the child processes do.
enum QueueJob {
    static func run(_ words: [String]) async throws {
        guard words.count >= 2 else { throw BenchmarkError("\(QueueChild.word) takes what to do and a folder") }
        let broker = FileBroker.file(words[1])
        let count = words.count > 2 ? Int(words[2]) ?? 0 : 0
        switch words[0] {
        case "drain":
            _ = try await broker.counts()
            say("ready")
            _ = readLine()
            let start = uptime()
            let drained = try await drain(broker, count, workers: words.count > 3 ? Int(words[3]) ?? 1 : 1)
            say("\(start) \(uptime()) \(drained)")
        case "wait": say(try await latencies(broker, count))
        case "fill":
            for _ in 0..<count / 500 { _ = try await broker.enqueue((0..<500).map { _ in submission() }) }
        case "idle": say("\(try await idleShare(broker))")
        case "submit": _ = try await broker.enqueue([submission()])
        case "open": say(try await open(broker))
        case "submits": try await submit(count, to: broker)
        case "throughput": say(try await throughput(broker, count))
        default: throw BenchmarkError("there is nothing called \(words[0])")
        }
        await broker.shutdown()
    }

    /// Leases and settles so many jobs as workers do whose deliveries take no time.
    static func drain(_ broker: some Broker, _ count: Int, workers: Int = 8) async throws -> Int {
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<workers {
                group.addTask { try await WorkerLoops(broker, count: count / workers).run() }
            }
            return try await group.reduce(0, +)
        }
    }

    /// How long jobs took from just before their submission to their lease, in seconds.
    private static func latencies(_ broker: FileBroker, _ count: Int) async throws -> String {
        _ = try await broker.lease(LeaseRequest(worker: "w"))
        var latencies: [Double] = []
        while latencies.count < count {
            say("asks")
            let leases = try await broker.lease(LeaseRequest(limit: 8, wait: .seconds(10), worker: "w"))
            let now = uptime()
            for lease in leases {
                let sent = lease.submission.payload.withUnsafeBytes { $0.loadUnaligned(as: Double.self) }
                latencies.append(now - sent)
            }
            if leases.isEmpty { break }
            _ = try await broker.settle(leases.map { Settlement($0.id, next: .dead, reason: "measured") })
        }
        return latencies.map(\.description).joined(separator: " ")
    }

    /// The share of a core that waiting for jobs takes.
    private static func idleShare(_ broker: FileBroker) async throws -> Double {
        _ = try await broker.lease(LeaseRequest(worker: "w"))
        let (start, used) = (uptime(), processorTime())
        async let one = broker.lease(LeaseRequest(wait: .seconds(5), worker: "w"))
        async let other = broker.lease(LeaseRequest(wait: .seconds(5), worker: "v"))
        _ = try await (one, other)
        return (processorTime() - used) / (uptime() - start)
    }

    private static func open(_ broker: FileBroker) async throws -> String {
        let start = uptime()
        _ = try await broker.counts()
        let opened = uptime() - start
        let memory = anonymousMemory()
        func best(_ body: () async throws -> Void) async throws -> Double {
            var times: [Double] = []
            for _ in 0..<51 {
                let start = uptime()
                try await body()
                times.append(uptime() - start)
            }
            return median(times)
        }
        let counting = try await best { _ = try await broker.counts() }
        let leasing = try await best { _ = try await broker.lease(LeaseRequest(worker: "w")) }
        return "\(opened) \(memory) \(counting) \(leasing)"
    }

    /// Submits and drains so many; the rates, and the most memory it took.
    private static func throughput(_ broker: FileBroker, _ count: Int) async throws -> String {
        _ = try await broker.counts()
        var start = uptime()
        try await submit(count, to: broker)
        let submitted = Double(count) / (uptime() - start)
        var memory = anonymousMemory()
        start = uptime()
        let drained = Double(try await drain(broker, count)) / (uptime() - start)
        memory = max(memory, anonymousMemory())
        return "\(submitted) \(drained) \(memory)"
    }

    /// Submits so many jobs, 64 at once.
    private static func submit(_ count: Int, to broker: FileBroker) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<64 {
                group.addTask { for _ in 0..<count / 64 { _ = try await broker.enqueue([submission()]) } }
            }
            try await group.waitForAll()
        }
    }

    static func submission(payload: [UInt8] = filler, at now: Date = SystemTimeSource().now()) -> Submission {
        let id = JobID(at: now, random: .system)
        return Submission(
            id: id, messageID: "\(id)@example.org", recipients: [.to("member@example.org")], createdAt: now,
            expiresAt: now.addingTimeInterval(86_400), tags: ["club": "x"], payload: payload)
    }

    private static let filler = [UInt8](repeating: 0x5A, count: 2048)

    /// The present as a payload.
    static func now() -> [UInt8] { withUnsafeBytes(of: uptime()) { Array($0) } }

    /// Seconds on a clock that all processes share.
    private static func uptime() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private static func processorTime() -> Double {
        var usage = rusage()
        getrusage(0, &usage)
        return Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
            + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6
    }

    /// Bytes of this process that no file stands behind.
    private static func anonymousMemory() -> Double {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("RssAnon:") } ?? ""
        return line.split(separator: " ").compactMap { Double($0) }.first.map { $0 * 1024 } ?? .nan
    }

    private static func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }
}
