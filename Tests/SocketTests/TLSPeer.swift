import Foundation
import MailroomLibraries
import MailroomScriptedServer
import MailroomSockets
import Synchronization
import XCTest

/// A TLS server of our own that takes connections one by one on a thread and does with each what a test says.
final class TLSPeer: Sendable {
    private let server: LoopbackServer
    private let record: Record

    private final class Record: Sendable {
        let outcomes = Mutex<[SocketError.Code?]>([])
        let facts = Mutex<[TLSFacts]>([])
        let served = DispatchSemaphore(value: 0)
    }

    /// `serve` gets each connection after its handshake; the connection is closed afterwards.
    init(_ context: TLSContext, _ serve: @escaping @Sendable (TLSStream) throws -> Void = { _ in }) throws {
        let record = Record()
        self.record = record
        server = try LoopbackServer { stream in
            var outcome: SocketError.Code?
            do {
                let secured = try TLSStream.server(over: stream, context: context, deadline: soon)
                record.facts.withLock { $0.append(secured.facts) }
                try serve(secured)
                secured.close()
            } catch {
                outcome = (error as? SocketError)?.code ?? .other
            }
            record.outcomes.withLock { $0.append(outcome) }
            record.served.signal()
        }
    }

    var port: Int { server.port }

    /// Waits for the next connection to be over and tells how it failed, if it did.
    func outcome() -> SocketError.Code? {
        XCTAssertEqual(record.served.wait(timeout: .now() + 20), .success)
        return record.outcomes.withLock { $0.removeFirst() }
    }

    var facts: [TLSFacts] { record.facts.withLock { $0 } }

    func connect(_ context: TLSContext, name: String = "mail.example.org") throws -> TLSStream {
        try TLSStream.client(
            over: TCPStream.connect(host: "127.0.0.1", port: port, deadline: soon), context: context, serverName: name,
            deadline: soon)
    }
}

/// Long enough for anything that does not hang.
var soon: ContinuousClock.Instant { .now + .seconds(20) }

extension TLSStream {
    func write(_ text: String) throws {
        try write(Array(text.utf8))
    }

    func write(_ octets: [UInt8]) throws {
        var taken = 0
        try octets.withUnsafeBytes { try write($0, taken: &taken, deadline: soon) }
        XCTAssertEqual(taken, octets.count)
    }

    /// Reads so many octets, or to the end.
    func read(_ count: Int = .max) throws -> [UInt8] {
        var octets: [UInt8] = []
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 1)
        defer { buffer.deallocate() }
        while octets.count < count {
            let space = UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(count - octets.count))
            let got = try read(into: space, deadline: soon)
            if got == 0 { break }
            octets.append(contentsOf: space[..<got])
        }
        return octets
    }

    func text(_ count: Int = .max) throws -> String { String(decoding: try read(count), as: UTF8.self) }
}
