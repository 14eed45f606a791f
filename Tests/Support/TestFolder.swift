import Foundation
import Synchronization

/// A folder of a test's own: made when its path is first asked for, since a process makes an instance of every test
/// case and runs one test of them, and removed when it is released or ``remove()`` is called.
///
/// A test case that keeps one in a property removes it in `tearDown`: test cases are never released.
package final class TestFolder: Sendable {
    private enum State { case planned, made, removed }

    private let place: String
    private let state = Mutex(State.planned)

    /// Its name is short, because the paths of sockets are.
    package init() { place = FileManager.default.temporaryDirectory.path + "/mailroom-\(UUID().uuidString.prefix(13))" }

    deinit { remove() }

    package var path: String {
        state.withLock { state in
            if state == .planned {
                // A test that could not have its folder finds out at its first use.
                try? FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
                state = .made
            }
        }
        return place
    }

    /// Removes it with all that is in it; it is not made again.
    package func remove() {
        let wasMade = state.withLock { state in
            defer { state = .removed }
            return state == .made
        }
        if wasMade { try? FileManager.default.removeItem(atPath: place) }
    }

    // MARK: What is in it

    /// A file's content; empty where there is none.
    package func bytes(_ name: String) -> [UInt8] {
        FileManager.default.contents(atPath: "\(path)/\(name)").map { [UInt8]($0) } ?? []
    }

    /// A file's content; `nil` where there is none.
    package func text(_ name: String) -> String? {
        FileManager.default.contents(atPath: "\(path)/\(name)").map { String(decoding: $0, as: UTF8.self) }
    }

    /// The files and folders in one of its folders, in the order of their names.
    package func names(_ folder: String = "") -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: "\(path)/\(folder)")) ?? []).sorted()
    }

    /// Everything below it, in the order of the paths.
    package var contents: [String] {
        (FileManager.default.enumerator(atPath: path)?.allObjects as? [String] ?? []).sorted()
    }

    /// Writes a file and gives its path.
    package func file(_ name: String, _ bytes: some Sequence<UInt8>) throws -> String {
        let file = "\(path)/\(name)"
        try Data(bytes).write(to: URL(filePath: file))
        return file
    }

    /// Writes a file and gives its path.
    package func file(_ name: String, _ text: String) throws -> String { try file(name, text.utf8) }

    /// Writes a shell script that can be run, and has this folder's path in `$d`; gives its path.
    package func program(_ script: String, name: String = "sendmail") throws -> String {
        let program = try file(name, "#!/bin/sh\nd='\(path)'\n\(script)\n")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program)
        return program
    }

    /// Returns once the file is there and not empty; false when it does not come.
    package func reaches(_ name: String) async -> Bool {
        let deadline = ContinuousClock.now + .seconds(20)
        while text(name)?.isEmpty ?? true {
            guard .now < deadline else { return false }
            await Task.yield()
        }
        return true
    }
}
