import Foundation
import MailroomSockets

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Postfix's smtp-sink on a free port of loopback, and its smtp-source to measure it with.
final class SMTPSink {
    private let server: PeerServer

    /// `nil` where smtp-sink is not installed.
    init?() throws {
        guard let program = Peers.program("smtp-sink") else { return nil }
        server = try PeerServer(program) { port in
            (geteuid() == 0 ? ["-u", "postfix"] : []) + ["127.0.0.1:\(port)", "1000"]
        }
    }

    var port: Int { server.port }

    func stop() { server.stop() }

    /// Mails a second that smtp-source sends over connections that it keeps.
    func sourceRate(mails: Int, of size: Int, connections: Int) throws -> Double {
        let start = ContinuousClock.now
        try Peers.source(mails, of: size, connections: connections, to: port)
        return Double(mails) / (ContinuousClock.now - start).inSeconds
    }
}

/// A server of others on a free port of loopback, silent, from its start to ``stop()``.
final class PeerServer {
    let port: Int
    private let process = Process()
    /// Kept open: at the end of its input `openssl s_server` would spin.
    private let silence = Pipe()

    /// Starts it with the arguments for a port, and waits until it accepts connections.
    init(_ program: String, _ arguments: (_ port: Int) -> [String]) throws {
        // Taken and given back, so that it is free now.
        port = try TCPListener().port
        process.executableURL = URL(filePath: program)
        process.arguments = arguments(port)
        process.standardInput = silence
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        try Peers.awaitListener(on: port, of: program)
    }

    func stop() {
        // A child of a thread of the runtime's has SIGTERM blocked.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }
}

/// Programs that users run today, measured in the same run; they stay outside the project.
enum Peers {
    /// A rate that a peer prints, `nil` unless `MAILROOM_PEERS` names the folder of their scripts.
    static func rate(_ name: String, line: String, sinkPort: Int) throws -> Double? {
        guard let folder = ProcessInfo.processInfo.environment["MAILROOM_PEERS"] else { return nil }
        let output = try output(of: folder + "/run.sh", [name], adding: ["SINK_PORT": "\(sinkPort)"])
        for text in output.split(separator: "\n") {
            let words = text.split(separator: " ")
            if words.count >= 2, words[0] == line { return Double(words[1]) }
        }
        return nil
    }

    /// What a program prints. It is ended, with all that it started, where it takes longer than five minutes.
    static func output(of program: String, _ arguments: [String], adding variables: [String: String] = [:]) throws
        -> String
    {
        let process = Process()
        var words = [program] + arguments
        if let timer = Peers.program("timeout") { words = [timer, "--kill-after=5", "300"] + words }
        process.executableURL = URL(filePath: words[0])
        process.arguments = Array(words.dropFirst())
        process.environment = ProcessInfo.processInfo.environment.merging(variables) { $1 }
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        try start(process)
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw BenchmarkError("\(program) ended with status \(process.terminationStatus)")
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// Starts a program as a shell does, with no signal held back: else it inherits what this thread holds back, and so do
    /// the programs that it starts and means to end.
    private static func start(_ process: Process) throws {
        var none = sigset_t()
        var before = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        try process.run()
    }

    /// Sends mails by smtp-source over connections that it keeps.
    static func source(_ mails: Int, of size: Int, connections: Int, to port: Int) throws {
        guard let program = program("smtp-source") else { throw BenchmarkError("smtp-source is not installed") }
        _ = try output(
            of: program,
            [
                "-d", "-s", "\(connections)", "-m", "\(mails)", "-l", "\(size)", "-f", "a@example.org", "-t",
                "b@example.org", "127.0.0.1:\(port)",
            ])
    }

    static func program(_ name: String) -> String? {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        let folders = path.split(separator: ":").map(String.init) + ["/usr/sbin", "/sbin"]
        return folders.map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
    }

    /// Whether something accepts connections on a port of loopback.
    static func isTaken(port: Int) -> Bool {
        (try? TCPStream.connect(host: "127.0.0.1", port: port, deadline: .now + .seconds(5))) != nil
    }

    /// Waits until a program that has just been started accepts connections.
    static func awaitListener(on port: Int, of program: String) throws {
        let end = ContinuousClock.now + .seconds(10)
        while (try? TCPStream.connect(host: "127.0.0.1", port: port, deadline: end)) == nil {
            guard ContinuousClock.now < end else { throw BenchmarkError("\(program) does not accept connections") }
            sched_yield()
        }
    }

    /// A blocking socket connected to a port of loopback.
    static func connection(port: Int) throws -> Int32 {
        let file = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = loopback(port: port)
        let isConnected = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(file, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected else {
            close(file)
            throw BenchmarkError("nothing listens on port \(port)")
        }
        return file
    }

    private static func loopback(port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        return address
    }
}
