import MailroomLibraries
import MailroomScriptedServer
import TestSupport
import XCTest

final class TLSEngineTests: XCTestCase {
    /// Carries what one side has to say to the other, changed on the way.
    @discardableResult
    private func carry(
        from sender: TLSEngine, to receiver: TLSEngine, _ change: (inout [UInt8]) -> Void = { _ in }
    ) -> Int {
        var octets: [UInt8] = []
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 1)
        defer { buffer.deallocate() }
        while true {
            let count = sender.takeOutput(into: buffer)
            if count == 0 { break }
            octets.append(contentsOf: buffer[..<count])
        }
        change(&octets)
        octets.withUnsafeBytes { receiver.receive($0) }
        return octets.count
    }

    private func pair(_ fixture: TLSFixture) throws -> (client: TLSEngine, server: TLSEngine) {
        (
            try TLSEngine(fixture.client(), serverName: "mail.example.org"),
            try TLSEngine(server: fixture.server())
        )
    }

    private func connected(_ fixture: TLSFixture) throws -> (client: TLSEngine, server: TLSEngine) {
        let (client, server) = try pair(fixture)
        XCTAssertFalse(try client.handshake())
        carry(from: client, to: server)
        XCTAssertFalse(try server.handshake())
        carry(from: server, to: client)
        XCTAssertTrue(try client.handshake())
        carry(from: client, to: server)
        XCTAssertTrue(try server.handshake())
        return (client, server)
    }

    private func read(_ engine: TLSEngine) throws -> String? {
        try withUnsafeTemporaryAllocation(byteCount: 100, alignment: 1) { buffer in
            guard case .plaintext(let count) = try engine.read(into: buffer) else { return nil }
            return String(decoding: buffer[..<count], as: UTF8.self)
        }
    }

    func testSpeaksOctetByOctet() throws {
        let fixture = try TLSFixture()
        let (client, server) = try pair(fixture)
        var done = (client: false, server: false)
        for _ in 0..<10 where !done.client || !done.server {
            for (sender, receiver, isClient) in [(client, server, false), (server, client, true)] {
                if !isClient { done.client = try client.handshake() }
                carry(from: sender, to: receiver) { octets in
                    for octet in octets {
                        withUnsafeBytes(of: octet) { receiver.receive($0) }
                        if let isDone = try? receiver.handshake() {
                            if isClient { done.client = isDone } else { done.server = isDone }
                        } else {
                            XCTFail("the handshake failed")
                        }
                    }
                    octets = []
                }
            }
        }
        XCTAssertTrue(done.client && done.server)
        try Array("hello".utf8).withUnsafeBytes { try client.write($0) }
        carry(from: client, to: server)
        XCTAssertEqual(try read(server), "hello")
        XCTAssertNil(try read(server))
    }

    func testASessionEndsOnceThePeerSaysSo() throws {
        let (client, server) = try connected(TLSFixture())
        server.finishWriting()
        carry(from: server, to: client)
        XCTAssertTrue(client.hasPlaintext())
        try withUnsafeTemporaryAllocation(byteCount: 1, alignment: 1) {
            XCTAssertEqual(try client.read(into: $0), .end)
            XCTAssertEqual(try client.read(into: $0), .end)
        }
    }

    func testAChangedOctetIsNoticedAndThePeerTold() throws {
        let (client, server) = try connected(TLSFixture())
        carry(from: server, to: client)
        try Array("transfer 10".utf8).withUnsafeBytes { try client.write($0) }
        carry(from: client, to: server) { $0[12] ^= 1 }
        XCTAssertThrowsError(try read(server)) { XCTAssertEqual(($0 as? TLSError)?.code, .failed) }
        XCTAssertTrue(server.hasOutput)
        XCTAssertThrowsError(try read(server))
        carry(from: server, to: client)
        XCTAssertThrowsError(try read(client)) {
            XCTAssertTrue("\($0)".contains("bad record mac"), "\($0)")
        }
    }

    func testWritingBeforeTheHandshakeIsAnError() throws {
        let (client, _) = try pair(TLSFixture())
        XCTAssertThrowsError(try [1, 2, 3].withUnsafeBytes { try client.write($0) })
    }

    func testAContextIsForOneSideOnly() throws {
        let fixture = try TLSFixture()
        XCTAssertThrowsError(try TLSEngine(fixture.server(), serverName: "mail.example.org"))
        XCTAssertThrowsError(try TLSEngine(server: fixture.client()))
    }

    func testRandomOctetsNeverDoMoreThanFail() throws {
        let fixture = try TLSFixture()
        let (clients, servers) = (try fixture.client(), try fixture.server())
        var random = SeededGenerator(20)
        var failures = 0
        for round in 0..<2000 {
            let engine =
                round % 2 == 0
                ? try TLSEngine(clients, serverName: "mail.example.org") : try TLSEngine(server: servers)
            do {
                for _ in 0..<8 {
                    _ = try engine.handshake()
                    var octets = (0..<Int.random(in: 1...300, using: &random)).map { _ in
                        UInt8.random(in: 0...255, using: &random)
                    }
                    // Often a proper record header, so that more than the first check is reached.
                    if octets.count > 6, Bool.random(using: &random) {
                        octets.replaceSubrange(
                            0..<6,
                            with: [UInt8.random(in: 20...23, using: &random), 3, 3, 0, UInt8(octets.count % 200), 2])
                    }
                    octets.withUnsafeBytes { engine.receive($0) }
                    _ = engine.hasPlaintext()
                }
            } catch { failures += 1 }
        }
        XCTAssertGreaterThan(failures, 1000)
    }

    func testHandshakesWithAChangedOctetNeverDoMoreThanFail() throws {
        let fixture = try TLSFixture()
        let (clients, servers) = (try fixture.client(), try fixture.server())
        var random = SeededGenerator(30)
        var failures = 0
        for round in 0..<600 {
            let client = try TLSEngine(clients, serverName: "mail.example.org")
            let server = try TLSEngine(server: servers)
            let change: (inout [UInt8]) -> Void = { octets in
                guard !octets.isEmpty else { return }
                let place = Int.random(in: octets.indices, using: &random)
                switch round % 3 {
                case 0: octets[place] ^= 1 << UInt8.random(in: 0...7, using: &random)
                case 1: octets.removeSubrange(place...)
                default: octets.insert(UInt8.random(in: 0...255, using: &random), at: place)
                }
            }
            let spoilsServer = Bool.random(using: &random)
            do {
                _ = try client.handshake()
                carry(from: client, to: server) { if !spoilsServer { change(&$0) } }
                _ = try server.handshake()
                carry(from: server, to: client) { if spoilsServer { change(&$0) } }
                guard try client.handshake() else { continue }
                carry(from: client, to: server)
                _ = try server.handshake()
                _ = try read(server)
            } catch { failures += 1 }
        }
        XCTAssertGreaterThan(failures, 200)
    }
}
