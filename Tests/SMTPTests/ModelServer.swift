import Foundation
import MailroomScriptedServer
import MailroomSockets
import MailroomTesting
import Synchronization
import XCTest

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

    /// What the connections know of the server: they must not keep it from being released.
    final class Record: Sendable {
        let seed: UInt64?
        let extensions: [String]
        private let books = Mutex(Books())

        init(seed: UInt64?, extensions: [String]) {
            self.seed = seed
            self.extensions = extensions
        }

        @discardableResult
        func write<Result: Sendable>(_ body: @Sendable (inout Books) -> Result) -> Result {
            books.withLock { body(&$0) }
        }
    }

    private let server: LoopbackServer
    private let record: Record

    /// Without a seed it is honest and keeps the bodies.
    init(seed: UInt64?, extensions: [String]) throws {
        let record = Record(seed: seed, extensions: extensions)
        self.record = record
        server = try LoopbackServer(receiveBuffer: 32 << 10) { stream in
            let number = record.write { books in
                books.active += 1
                books.connections += 1
                return books.connections
            }
            Thread.detachNewThread {
                let random = SeededRandom(seed: (seed ?? 0) &* 1000 &+ UInt64(number))
                var connection = ModelConnection(stream, record: record, random: random)
                connection.play()
                stream.close()
                let mails = connection.mails
                record.write { books in
                    books.active -= 1
                    books.mostOnOneConnection = max(books.mostOnOneConnection, mails)
                }
            }
        }
    }

    var port: Int { server.port }

    /// The books, once every connection is over; fails where one goes on.
    func closedBooks() async -> Books {
        let limit = ContinuousClock.now + .seconds(60)
        while record.write({ $0.active }) > 0 {
            guard .now < limit else {
                XCTFail("a connection is not over")
                break
            }
            await Task.yield()
        }
        return record.write { $0 }
    }
}
