import Foundation
import Mailroom
import MailroomFileBroker
import MailroomLetters
import MailroomSMTP
import MailroomTemplates
import XCTest

final class ReadmeTests: XCTestCase {
    func testTheReadmesCompositionIsTheOneThatCompilesHere() throws {
        let here = try String(contentsOfFile: #filePath, encoding: .utf8)
        let lines = here.split(separator: "\n", omittingEmptySubsequences: false)
        let first = try XCTUnwrap(lines.firstIndex { $0.hasSuffix("// README begins") })
        let last = try XCTUnwrap(lines.firstIndex { $0.hasSuffix("// README ends") })
        let snippet = lines[(first + 1)..<last].map { $0.dropFirst(8) }.joined(separator: "\n")
        let readme = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../README.md")
        XCTAssert(try String(contentsOf: readme, encoding: .utf8).contains("```swift\n\(snippet)\n```"))
        XCTAssertLessThanOrEqual(last - first - 1, 10)
    }

    func compose() async throws {
        // README begins
        let pipeline = try PipelineBuilder()
            .broker(.file("queue"))
            .transport(.smtp("127.0.0.1", port: 1025))
            .renderer(.letters([Template(source: Shipped.volunteerLetter)]))
            .retry(.delays([.seconds(10), .seconds(30), .seconds(90)]))
            .build()
        let work = Task { try await pipeline.run() }
        let hello = Message(from: "club@example.org", to: [.to("zoe@example.org")], subject: "Hello", text: "Bonjour!")
        let receipt = try await pipeline.submit(hello)
        // README ends
        _ = (receipt, work)
    }
}
