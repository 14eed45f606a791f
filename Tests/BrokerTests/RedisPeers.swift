import Foundation
import MailroomSockets
import Synchronization

@testable import MailroomRedisBroker

/// A server that answers as a test says, on a thread for each connection.
final class ScriptedRedis: Sendable {
    enum Action {
        case answer(String)
        /// Closes the connection after these octets.
        case cut(after: String)
    }

    /// A command as it came: its words, and which read of its connection brought its last octet.
    struct Heard: Sendable {
        var words: [String]
        var read: Int
        var connection: Int
    }

    let port: Int
    private let heard = Mutex<[Heard]>([])
    private let interruption = SocketInterruption()
    private let streams = SocketInterruption()

    /// `respond` is called on the connection's thread for each command but PING, AUTH and SELECT.
    init(respond: @escaping @Sendable (Heard) -> Action) throws {
        let listener = try TCPListener()
        port = listener.port
        try startThread { [self] in
            for number in 0... {
                guard
                    let stream = try? listener.accept(
                        deadline: .now + .seconds(60), interruption: interruption, streamInterruption: streams)
                else { return }
                try? startThread { [self] in serve(stream, number, respond) }
            }
        }
    }

    var commands: [Heard] { heard.withLock { $0 } }

    func stop() {
        interruption.interrupt()
        streams.interrupt()
    }

    private func serve(_ stream: TCPStream, _ connection: Int, _ respond: (Heard) -> Action) {
        var parser = RESPParser()
        for read in 0... {
            var bytes: [UInt8] = []
            guard let count = try? stream.read(appendingTo: &bytes, limit: 1 << 20, deadline: .now + .seconds(60)),
                count > 0
            else { return }
            parser.receive(bytes)
            while let command = try? parser.next() {
                let words = command.array?.compactMap(\.string) ?? []
                var action = Action.answer("+PONG\r\n")
                if !["PING", "AUTH", "SELECT"].contains(words[0]) {
                    let one = Heard(words: words, read: read, connection: connection)
                    heard.withLock { $0.append(one) }
                    action = respond(one)
                }
                switch action {
                case .answer(let text): try? stream.write(Array(text.utf8), deadline: .now + .seconds(10))
                case .cut(let text):
                    try? stream.write(Array(text.utf8), deadline: .now + .seconds(10))
                    stream.close()
                    return
                }
            }
        }
    }
}

/// Stands between a broker and its server, and cuts the first connection after so many octets of what the server says
/// once logged in. Later connections pass whole.
final class CuttingProxy: Sendable {
    let port: Int
    /// How many octets the server said on the connection that was not cut.
    var passed: Int { passedOctets.load(ordering: .relaxed) }
    private let passedOctets = Atomic<Int>(0)
    private let interruption = SocketInterruption()
    private let streams = SocketInterruption()

    /// `limits`: of the first connections, in order; -1 passes all.
    init(to server: Int, limits: [Int]) throws {
        let listener = try TCPListener()
        port = listener.port
        try startThread { [self] in
            for number in 0... {
                guard
                    let client = try? listener.accept(
                        deadline: .now + .seconds(60), interruption: interruption, streamInterruption: streams),
                    let upstream = try? TCPStream.connect(
                        host: "127.0.0.1", port: server, timeout: .seconds(10), interruption: streams)
                else { return }
                let limit = number < limits.count ? limits[number] : -1
                // Two threads may use one stream as long as one writes and the other reads.
                try? startThread { Self.pass(client, upstream) }
                try? startThread { [self] in pass(upstream, client, limit: limit) }
            }
        }
    }

    func stop() {
        interruption.interrupt()
        streams.interrupt()
    }

    static func pass(_ from: TCPStream, _ to: TCPStream) {
        var bytes: [UInt8] = []
        while let count = try? from.read(appendingTo: &bytes, deadline: .now + .seconds(60)), count > 0 {
            guard (try? to.write(bytes, deadline: .now + .seconds(10))) != nil else { break }
            bytes = []
        }
        to.finishWriting()
    }

    private func pass(_ from: TCPStream, _ to: TCPStream, limit: Int) {
        var bytes: [UInt8] = []
        // The answer to PING is not part of what is cut.
        var left = limit < 0 ? Int.max : limit + "+PONG\r\n".utf8.count
        while left > 0, let count = try? from.read(appendingTo: &bytes, deadline: .now + .seconds(60)), count > 0 {
            let part = Array(bytes.prefix(left))
            left -= part.count
            passedOctets.add(part.count, ordering: .relaxed)
            guard (try? to.write(part, deadline: .now + .seconds(10))) != nil else { break }
            bytes = []
        }
        to.finishWriting()
    }
}

/// Stands between a broker and its server, and holds back what the server says, from the first answer after the login on,
/// until a gate opens.
final class HoldingProxy: Sendable {
    let port: Int
    private let interruption = SocketInterruption()

    /// `held` is called when something is held back.
    init(to server: Int, gate: DispatchSemaphore, held: @escaping @Sendable () -> Void) throws {
        let listener = try TCPListener()
        port = listener.port
        try startThread { [interruption] in
            while let client = try? listener.accept(
                deadline: .now + .seconds(60), interruption: interruption, streamInterruption: interruption),
                let upstream = try? TCPStream.connect(
                    host: "127.0.0.1", port: server, timeout: .seconds(10), interruption: interruption)
            {
                try? startThread { CuttingProxy.pass(client, upstream) }
                try? startThread {
                    var bytes: [UInt8] = []
                    var answers = 0
                    while let count = try? upstream.read(appendingTo: &bytes, deadline: .now + .seconds(60)), count > 0
                    {
                        answers += 1
                        if answers == 2 {
                            held()
                            gate.wait()
                        }
                        guard (try? client.write(bytes, deadline: .now + .seconds(10))) != nil else { break }
                        bytes = []
                    }
                }
            }
        }
    }

    func stop() { interruption.interrupt() }
}
