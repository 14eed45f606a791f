import Synchronization
import TestSupport
import XCTest

@testable import MailroomCapture

private func mail(_ text: String) -> CapturedMessage { Samples.captured(MailContent(Array(text.utf8))) }

/// Waiting for mails in Swift.
final class StoreWaitingTests: XCTestCase {
    func testWhoWaitsMayAskTheServer() async throws {
        let server = CaptureServer()
        try server.store.add(mail("early"))
        async let found = server.message(within: .seconds(30)) { message in
            !server.messages(matching: "is:unread").isEmpty && server.messages.count == 2 && message.text == "wanted"
        }
        try server.store.add(mail("wanted"))
        let text = try await found.text
        XCTAssertEqual(text, "wanted")
    }

    func testTheFirstThatArrivedIsFoundAndEachIsLookedAtOnce() async throws {
        let server = CaptureServer()
        for number in 0..<5 { try server.store.add(mail("\(number)")) }
        let asked = Mutex<[String]>([])
        let found = try await server.message(within: .seconds(30)) { message in
            asked.withLock { $0.append(message.text) }
            // What is asked for arrives while it is looked for.
            if message.text == "4" { for number in 5..<9 { try? server.store.add(mail("\(number)")) } }
            return message.text >= "6"
        }
        XCTAssertEqual(found.text, "6")
        XCTAssertEqual(asked.withLock { $0 }, (0...6).map { "\($0)" })
    }

    func testManyWaitForOneOfManyEach() async throws {
        let server = CaptureServer()
        let started = Bell()
        let found = try await withThrowingTaskGroup(of: String.self) { group in
            for waiter in 0..<50 {
                group.addTask {
                    try await server.message(within: .seconds(60)) { message in
                        if message.text == "first" { started.ring() }
                        return message.text == "\(waiter * 20 + 19)"
                    }.text
                }
            }
            try server.store.add(mail("first"))
            for number in 0..<1000 { try server.store.add(mail("\(number)")) }
            var found: [String] = []
            for try await text in group { found.append(text) }
            return found
        }
        XCTAssertEqual(Set(found), Set((0..<50).map { "\($0 * 20 + 19)" }))
        XCTAssertEqual(started.rings, 50)
    }

    func testAMailIsFoundThoughItWasDroppedAtOnce() async throws {
        var configuration = CaptureServer.Configuration()
        configuration.maximumCount = 1
        let server = CaptureServer(configuration)
        let isWaiting = Gate()
        try server.store.add(mail("first"))
        async let found = server.message(within: .seconds(30)) { message in
            if message.text == "first" { isWaiting.open() }
            return message.text == "wanted"
        }
        await isWaiting.wait()
        try server.store.add(mail("wanted"))
        try server.store.add(mail("another"))
        server.removeAll()
        let text = try await found.text
        XCTAssertEqual(text, "wanted")
    }

    func testWaitingForANumberGivesAllOnce() async throws {
        let server = CaptureServer()
        let none = try await server.messages(atLeast: 0, within: .seconds(1))
        XCTAssertEqual(none.count, 0)
        async let found = server.messages(atLeast: 3, within: .seconds(30))
        for number in 0..<3 { try server.store.add(mail("\(number)")) }
        let texts = try await found.map(\.text)
        XCTAssertEqual(texts, ["0", "1", "2"])
        let again = try await server.messages(atLeast: 3, within: .zero)
        XCTAssertEqual(again.count, 3)
    }

    func testWaitingEndsWithItsTime() async throws {
        let server = CaptureServer()
        try server.store.add(mail("other"))
        do {
            _ = try await server.message(within: .milliseconds(10)) { $0.text == "wanted" }
            XCTFail("There is none.")
        } catch {
            XCTAssertEqual(error.code, .missing)
        }
    }

    func testWaitingEndsWithItsTask() async throws {
        let server = CaptureServer()
        try server.store.add(mail("other"))
        let isWaiting = Gate()
        let task = Task { () -> CaptureError.Code? in
            do {
                _ = try await server.message(within: .seconds(600)) { _ in
                    isWaiting.open()
                    return false
                }
            } catch {
                return (error as? CaptureError)?.code
            }
            return nil
        }
        await isWaiting.wait()
        task.cancel()
        let late = await task.value
        XCTAssertEqual(late, .cancelled)
        let early = await cancelledBeforehand { () -> CaptureError.Code? in
            do { _ = try await server.messages(atLeast: 9, within: .seconds(600)) } catch {
                return (error as? CaptureError)?.code
            }
            return nil
        }
        XCTAssertEqual(early, .cancelled)
    }

    /// An actor of the test's own.
    private actor Caller {
        func find(_ server: CaptureServer) async throws -> String {
            try await server.message(within: .seconds(30)) { message in
                self.preconditionIsolated()
                return message.text.hasPrefix("wanted")
            }.text
        }
    }

    func testWhatIsWantedIsAskedWhereTheCallerRuns() async throws {
        let server = try TestServer()
        let capture = server.server
        async let found = Caller().find(capture)
        try server.send(["other", "wanted"])
        let text = try await found
        XCTAssertEqual(text, "wanted\r\n")
    }
}
