import Dispatch
import MailroomFiles
import MailroomSockets
import TestSupport
import XCTest

@testable import MailroomCapture

/// What the store's limits hold of.
final class StoreLimitsTests: XCTestCase {
    private func store(
        indexing: Indexing = Indexing(), _ change: (inout MessageStore.Limits) -> Void
    ) -> MessageStore {
        var limits = MessageStore.Limits()
        change(&limits)
        return MessageStore(limits: limits, indexing: indexing)
    }

    private func message(_ number: Int, size: Int = 10) -> CapturedMessage {
        Samples.captured(MailContent([UInt8](repeating: 65, count: size)), from: "\(number)@x.example")
    }

    func testEnvelopesCountAsMemory() throws {
        let store = store { $0.memoryBytes = 10 << 20 }
        let recipients = (0..<1000).map { "\($0)" + String(repeating: "r", count: 240) + "@y.example" }
        let parameter = "ORCPT=rfc822;" + String(repeating: "p", count: 100)
        var octets = 0
        for _ in 0..<150 {
            var envelope = CapturedMessage.Envelope(
                helo: "c", remoteAddress: "r", reversePath: nil, recipients: recipients)
            envelope.recipientParameters = recipients.map { _ in [parameter] }
            octets = recipients.reduce(0) { $0 + $1.utf8.count + parameter.utf8.count }
            try store.add(
                CapturedMessage(
                    id: MessageID.random(hostname: "h"), receivedAt: .zero, envelope: envelope, content: MailContent([])
                ))
        }
        XCTAssertLessThanOrEqual(store.memoryBytes, 10 << 20)
        XCTAssertLessThanOrEqual(store.count * octets, 10 << 20)
        XCTAssertGreaterThan(store.count, 10)
    }

    func testAMailThatWasDroppedIsGoneThoughItWaitsToBeIndexed() throws {
        let queue = DispatchQueue(label: "test")
        queue.suspend()
        defer { queue.resume() }
        let indexing = Indexing(queue: queue)
        let store = store(indexing: indexing) { $0.count = 2 }
        weak var first: MailContent?
        do {
            let message = message(1)
            first = message.content
            try store.add(message)
        }
        XCTAssertNotNil(first)
        try store.add(message(2))
        try store.add(message(3))
        XCTAssertNil(first)
        for number in 0..<20_000 { try store.add(message(number)) }
        XCTAssertLessThanOrEqual(indexing.count, Indexing.limit)
    }

    func testMailsAreIndexedOnceTheyArrived() throws {
        let indexing = Indexing()
        let store = store(indexing: indexing) { _ in }
        for round in 0..<3 {
            for number in 0..<20 { try store.add(message(number)) }
            indexing.finish()
            XCTAssertEqual(store.entries.count(where: \.isIndexed), (round + 1) * 20)
        }
    }

    func testMailsThatAreBeingReceivedShareTheirMemory() throws {
        let store = store { $0.memoryBytes = 24 << 20 }
        let bytes = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 7 >> 3) }
        // Half of them said how much would come.
        let writers = (0..<100).map { store.writer(expecting: $0 % 2 == 0 ? bytes.count : 0) }
        for start in stride(from: 0, to: bytes.count, by: 50_000) {
            for writer in writers { bytes[start..<start + 50_000].withUnsafeBytes { writer.append($0) } }
            XCTAssertLessThanOrEqual(store.room.memory, 6 << 20)
        }
        XCTAssertGreaterThan(store.room.memory, 5 << 20)
        XCTAssertGreaterThan(store.room.disk, 70 * 190_000)
        let contents = try writers.map { try $0.finish() }
        XCTAssertTrue(try contents.allSatisfy { try $0.read() == bytes })
        XCTAssertEqual(store.room.memory, 0)
        XCTAssertEqual(store.room.disk, 0)
        let later = store.writer(expecting: 0)
        bytes.withUnsafeBytes { later.append($0) }
        XCTAssertEqual(try later.finish().diskCount, 0)
    }

    func testMailsThatAreBeingReceivedShareTheDiskWithThoseThatAreKept() throws {
        let store = store {
            $0.diskBytes = 100_000
            $0.spillThreshold = 4096
        }
        func give(_ writer: ContentWriter, _ count: Int) {
            [UInt8](repeating: 65, count: count).withUnsafeBytes { writer.append($0) }
        }
        for _ in 0..<3 {
            let writer = store.writer(expecting: 0)
            give(writer, 30_000)
            try store.add(Samples.captured(try writer.finish()))
        }
        XCTAssertEqual(store.count, 3)
        let first = store.writer(expecting: 0)
        give(first, 60_000)
        XCTAssertEqual(store.count, 1)
        let second = store.writer(expecting: 0)
        give(second, 60_000)
        XCTAssertEqual(second.failure?.code, ENOSPC)
        XCTAssertThrowsError(try second.finish())
        give(first, 20_000)
        XCTAssertNil(first.failure)
        XCTAssertEqual(try first.finish().count, 80_000)
        let alone = store.writer(expecting: 0)
        give(alone, 150_000)
        XCTAssertNil(alone.failure)
    }

    func testAClientIsToldToComeAgainWhereMailsThatAreBeingReceivedHaveTheDisk() throws {
        let store = store {
            $0.diskBytes = 100_000
            $0.spillThreshold = 4096
        }
        let destination = StoreDestination(store: store, hostname: "mx.example", onMessage: nil)
        func client() -> (String) -> String {
            var session = SMTPSession(
                SMTPSettings(hostname: "mx.example"), remoteAddress: "192.0.2.1:1", destination: destination)
            return { text in
                var output = ConnectionOutput()
                Array(text.utf8).withUnsafeBytes { session.receive($0, &output) }
                return String(decoding: output.bytes, as: UTF8.self)
            }
        }
        let text = String(repeating: String(repeating: "x", count: 98) + "\r\n", count: 800)
        let (one, two) = (client(), client())
        let begin = "EHLO c\r\nMAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\nDATA\r\n"
        _ = one(begin + text)
        XCTAssertTrue(two(begin + text + ".\r\n").contains("\r\n452 4.3.1 "))
        XCTAssertTrue(one(".\r\n").hasPrefix("250 2.0.0 "))
        XCTAssertTrue(
            two("MAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\nDATA\r\n" + text + ".\r\n").contains("\r\n250 2.0.0 Ok: q"))
        XCTAssertEqual(store.entries.map(\.message.size), [80_000])
    }
}
