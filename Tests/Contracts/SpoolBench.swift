import Dispatch
import Foundation
import Mailroom
import MailroomTesting
import TestSupport

@testable import MailroomSpool

/// The spool transport and the files that it leaves.
enum SpoolBench {
    static func make(_ behaviour: NextHopBehaviour, _ format: SpoolFormat) throws -> TransportBench? {
        let files = FileManager.default
        let folder = TestFolder()
        var path = folder.path + "/spool"
        let place = format == .maildir ? "spool/new" : "spool"
        switch behaviour {
        case .accepts, .neverAnswers: break
        case .isUnreachable:
            // Where a folder ought to be there is a file.
            try Data().write(to: URL(filePath: folder.path + "/file"))
            path = folder.path + "/file/spool"
        case .refusesMail(forGood: false):
            try files.createDirectory(atPath: path, withIntermediateDirectories: false)
            try Data().write(to: URL(filePath: path + "/tmp"))
        case .takesAndHangsUp:
            // A folder that can be written and not read: the file gets its name, which cannot be brought to the disk.
            // Nothing keeps root from reading it.
            guard geteuid() != 0 else { return nil }
            for made in [path + "/tmp", "\(folder.path)/\(place)"] {
                try files.createDirectory(atPath: made, withIntermediateDirectories: true)
            }
            try files.setAttributes([.posixPermissions: 0o300], ofItemAtPath: "\(folder.path)/\(place)")
        default: return nil
        }
        let transport = SpoolTransport(folder: path, format: format)
        let gate = Gate(folder, transport.queue)
        // The disk holds up the thread that writes, over what came before.
        if behaviour == .neverAnswers { transport.queue.async { [opening = gate.opening] in opening.wait() } }
        var bench = TransportBench(transport) {
            withExtendedLifetime(gate) {}
            if behaviour == .takesAndHangsUp {
                try? FileManager.default.setAttributes(
                    [.posixPermissions: 0o700], ofItemAtPath: "\(folder.path)/\(place)")
            }
            return folder.names(place).filter { $0 != "tmp" }.map { arrival(folder.bytes("\(place)/\($0)")) }
        }
        if format == .maildir { bench.content = { $0.withoutCarriageReturns } }
        return bench
    }

    /// Lets what waits go on when nobody needs it to wait any more, and keeps the folder until it has.
    private final class Gate: Sendable {
        let opening = DispatchSemaphore(value: 0)
        private let folder: TestFolder
        private let queue: DispatchQueue

        init(_ folder: TestFolder, _ queue: DispatchQueue) {
            self.folder = folder
            self.queue = queue
        }

        deinit {
            opening.signal()
            queue.sync {}
        }
    }

    /// Reads a file back: the envelope stands in its first lines.
    private static func arrival(_ file: [UInt8]) -> TransportBench.Arrival {
        var arrival = TransportBench.Arrival(reversePath: "no Return-Path", recipients: [], content: [])
        var rest = file[...]
        while let end = rest.firstIndex(of: 10) {
            var line = rest[..<end]
            if line.last == 13 { line.removeLast() }
            let text = String(decoding: line, as: UTF8.self)
            if text.hasPrefix("Return-Path: <") {
                let path = text.dropFirst(14).dropLast()
                arrival.reversePath = path.isEmpty ? nil : String(path)
            } else if text.hasPrefix("Envelope-To: ") {
                arrival.recipients.append(String(text.dropFirst(13)))
            } else {
                break
            }
            rest = rest[rest.index(after: end)...]
        }
        arrival.content = Array(rest)
        return arrival
    }
}
