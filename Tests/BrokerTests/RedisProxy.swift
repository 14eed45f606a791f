import Foundation
import MailroomSockets

/// Stands between brokers and their server, and does what a test wants with the server's answers.
final class RedisProxy: Sendable {
    /// Sees each piece of what the server says on one connection, may change it, and answers whether the connection goes
    /// on after it.
    typealias Look = (inout [UInt8]) -> Bool

    let port: Int
    private let interruption = SocketInterruption()

    /// `look` makes what sees the answers of a connection, counted from 0.
    init(to server: Int, look: @escaping @Sendable (_ connection: Int) -> Look) throws {
        let listener = try TCPListener()
        port = listener.port
        try startThread { [interruption] in
            for number in 0... {
                guard
                    let client = try? listener.accept(
                        deadline: .now + .seconds(60), interruption: interruption, streamInterruption: interruption),
                    let upstream = try? TCPStream.connect(
                        host: "127.0.0.1", port: server, timeout: .seconds(10), interruption: interruption)
                else { return }
                // Two threads may use one stream as long as one writes and the other reads.
                try? startThread { RedisProxy.pass(client, upstream) { _ in true } }
                try? startThread { RedisProxy.pass(upstream, client, look(number)) }
            }
        }
    }

    func stop() { interruption.interrupt() }

    private static func pass(_ from: TCPStream, _ to: TCPStream, _ look: Look) {
        var bytes: [UInt8] = []
        while let count = try? from.read(appendingTo: &bytes, deadline: .now + .seconds(60)), count > 0 {
            let goesOn = look(&bytes)
            guard (try? to.write(bytes, deadline: .now + .seconds(10))) != nil, goesOn else { break }
            bytes = []
        }
        to.finishWriting()
    }
}

extension RedisProxy {
    /// Cuts the first connections, in order, after so many octets of what the server says once logged in. Later ones pass
    /// whole.
    convenience init(to server: Int, cuttingAfter limits: [Int]) throws {
        try self.init(to: server) { connection in
            // The answer to PING is not part of what is cut.
            var left = connection < limits.count ? limits[connection] + "+PONG\r\n".utf8.count : .max
            return { bytes in
                bytes = Array(bytes.prefix(left))
                left -= bytes.count
                return left > 0
            }
        }
    }

    /// Ends each connection in place of one of the server's answers: `count` says which, those to PING and those that tell
    /// of an unknown script not counted.
    convenience init(to server: Int, keepingBack count: Int) throws {
        try self.init(to: server) { _ in
            var answers = 0
            return { bytes in
                let text = String(decoding: bytes, as: UTF8.self)
                if !text.hasPrefix("+PONG"), !text.hasPrefix("-NOSCRIPT") { answers += 1 }
                if answers == count { bytes = [] }
                return answers < count
            }
        }
    }

    /// Holds back what the server says on the first connection, from the first answer after the login on, until a gate
    /// opens. `held` is called when something is held back.
    convenience init(to server: Int, gate: DispatchSemaphore, held: @escaping @Sendable () -> Void) throws {
        try self.init(to: server) { connection in
            var answers = 0
            return { _ in
                answers += 1
                if connection == 0, answers == 2 {
                    held()
                    gate.wait()
                }
                return true
            }
        }
    }
}
