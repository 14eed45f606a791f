import Foundation
import TestSupport
import XCTest

/// What operations do not understand, and queues that are not there.
final class OperationRefusalTests: XCTestCase {
    func testAStoreThatIsNotThereIsNamedAndNotMade() async throws {
        let folder = TestFolder()
        let broker = "file:\(folder.path)/mistyped"
        let commands = [
            ["monitor"], ["monitor", "--watch"], ["sends"], ["failed"], ["failed", "--group-by", "cause"],
            ["inspect", "active"], ["inspect", "scheduled"], ["inspect", "workers"], ["inspect", "stats"],
            ["retry", "00000000000000000000000000"], ["retry", "--all", "--yes"],
            ["cancel", "00000000000000000000000000"],
            ["forget", "00000000000000000000000000", "--yes"], ["flush", "--yes"], ["clear", "--all-queues", "--yes"],
            ["prune", "--older-than", "1d", "--yes"], ["erase", "--recipient", "a@example.org", "--yes"],
        ]
        for words in commands {
            let process = try MailroomProcess(words + ["--broker", broker])
            let status = try await process.status()
            XCTAssertEqual(status, 1, "\(words)")
            XCTAssert(process.errors.text.contains("there is no queue in \(folder.path)/mistyped"), process.errors.text)
        }
        XCTAssertEqual(folder.contents, [])
        try FileManager.default.createDirectory(atPath: folder.path + "/mistyped", withIntermediateDirectories: false)
        let empty = try await MailroomProcess.run("monitor", "--broker", broker)
        XCTAssertEqual(empty.status, 1)
        XCTAssert(empty.errors.contains("the folder is empty"), empty.errors)
        let registered = try await MailroomProcess.run("inspect", "registered", "--broker", broker)
        XCTAssertEqual(registered.status, 0, registered.errors)
        XCTAssertEqual(folder.contents, ["mistyped"])
    }

    func testEveryBadValueIsRefusedWithWhatWouldBeRight() async throws {
        let commands = try XCTUnwrap(try? SharedQueue())
        _ = try await commands.submit(1)
        let id = "00000000000000000000000000"
        let cases: [(words: [String], says: String)] = [
            (["monitor", "--every", "2s"], "--every goes with --watch"),
            (["monitor", "--watch", "--every", "2"], "a time with its unit, such as 2s"),
            (["monitor", "--watch", "--every", "0s"], "a time with its unit"),
            (["monitor", "--watch", "--format", "json"], "--watch shows tables"),
            (["monitor", "--watch=yes"], "--watch takes no value"),
            (["monitor", "--queue", "a,,b"], "names of queues separated by commas"),
            (["monitor", "--queue", ""], "names of queues separated by commas"),
            (["monitor", "--queue", "a,b,a"], "--queue names a twice"),
            (["work", "--queue", "a,"], "names of queues separated by commas"),
            (["failed", "--state", "ready"], "--state takes one of dead, held"),
            (["failed", "--group-by", "queue"], "--group-by takes one of cause"),
            (["failed", "--limit", "0"], "a whole number from 1"), (["failed", "x"], "\"x\" is no option"),
            (["failed", "--format", "xml"], "table, json, csv"),
            (["sends", "--recipient", ""], "--recipient is missing"),
            (["sends", "--count-by", "queue"], "--count-by takes status"),
            (["retry"], "say which jobs"), (["retry", "--all", id], "one of these only"),
            (["retry", "--all", "--cause", "x"], "one of these only"),
            (["retry", "--cause", ""], "--cause is missing"),
            (["retry", id, "--queue", "a"], "--queue goes with --all and --cause"), (["retry", "-x"], "is no option"),
            (["retry", "--al"], "did you mean --all?"), (["cancel"], "say which jobs"), (["forget"], "say which jobs"),
            (["cancel", "--yes", id], "there is no option --yes"), (["flush", "all"], "\"all\" is no option"),
            (["clear"], "say which queues"), (["clear", "--queue", "a", "--all-queues"], "say which queues"),
            (["clear", "default"], "say which queues"), (["prune"], "--older-than is missing"),
            (["prune", "--older-than", "30"], "a time with its unit"),
            (["prune", "--older-than", "d"], "a time with its unit"),
            (["prune", "--older-than", "-1d"], "a time with its unit"),
            (["prune", "--older-than", "1e9d"], "a time with its unit"), (["erase"], "--recipient is missing"),
            (["inspect"], "one of active, scheduled, workers, registered, stats"),
            (["inspect", "activ"], "did you mean active?"), (["inspect", "active", "stats"], "say what to look at"),
            (["inspect", "stats", "--limit", "x"], "a whole number from 1"),
            (["failed", "--broker", "memory:"], "in the memory of one process"),
        ]
        for (words, says) in cases {
            let process = try MailroomProcess(words, environment: commands.variables)
            let status = try await process.status()
            XCTAssertEqual(status, 2, "\(words)")
            XCTAssert(process.errors.text.contains(says), "\(words): \(process.errors.text)")
        }
    }
}
