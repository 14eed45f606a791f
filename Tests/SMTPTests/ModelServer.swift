import Foundation
import MailroomSockets
import MailroomTesting
import Synchronization

/// An SMTP server that keeps books: honest, or with answers and accidents that a seed decides.
final class ModelServer: Sendable {
    struct Books {
        /// How often each recipient's mail was accepted.
        var accepted: [String: Int] = [:]
        /// Whose mail came so far that its end may have been on the way.
        var begun: Set<String> = []
        /// What was accepted last for a recipient, where bodies are kept.
        var bodies: [String: [UInt8]] = [:]
        var active = 0
        var connections = 0
        var mostOnOneConnection = 0
        /// What an honest server should never have seen.
        var problems: [String] = []
    }

    let port: Int
    let seed: UInt64?
    let extensions: [String]
    private let books = Mutex(Books())
    private let interruption = SocketInterruption()

    /// Without a seed it is honest and keeps the bodies.
    init(seed: UInt64?, extensions: [String]) throws {
        let listener = try TCPListener(receiveBuffer: 32 << 10)
        port = listener.port
        self.seed = seed
        self.extensions = extensions
        Thread.detachNewThread { [interruption, self] in
            while let stream = try? listener.accept(
                deadline: .now + .seconds(600), interruption: interruption, streamInterruption: interruption)
            {
                let number = books.withLock { books in
                    books.active += 1
                    books.connections += 1
                    return books.connections
                }
                Thread.detachNewThread { [self] in
                    let random = SeededRandom(seed: (seed ?? 0) &* 1000 &+ UInt64(number))
                    var connection = ModelConnection(stream, server: self, random: random)
                    connection.play()
                    stream.close()
                    books.withLock { books in
                        books.active -= 1
                        books.mostOnOneConnection = max(books.mostOnOneConnection, connection.mails)
                    }
                }
            }
        }
    }

    deinit { stop() }

    func stop() { interruption.interrupt() }

    func write<Result: Sendable>(_ body: @Sendable (inout Books) -> Result) -> Result {
        books.withLock { body(&$0) }
    }

    /// The books, once every connection is over.
    func closedBooks() async -> Books {
        while write({ $0.active }) > 0 { await Task.yield() }
        return books.withLock { $0 }
    }
}
