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
