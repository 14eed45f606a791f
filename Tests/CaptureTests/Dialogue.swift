import MailroomFiles
import MailroomSockets
import Synchronization
import XCTest

@testable import MailroomCapture

/// Where a session's mails go in tests; the ids are `id1`, `id2` and so on.
final class Mailbag: MailDestination {
    struct Mail: Equatable {
        let envelope: CapturedMessage.Envelope
        let bytes: [UInt8]
        var text: String { String(decoding: bytes, as: UTF8.self) }
    }

    private let store = MessageStore()
    private let kept = Mutex<[Mail]>([])

    var mails: [Mail] { kept.withLock { $0 } }

    func writer(expecting count: Int) -> ContentWriter { store.writer(expecting: count) }

    func accept(_ envelope: CapturedMessage.Envelope, _ content: MailContent) throws(FileError) -> String {
        let mail = Mail(envelope: envelope, bytes: try content.read())
        return kept.withLock { kept in
            kept.append(mail)
            return "id\(kept.count)"
        }
    }
}

/// The session driven without a socket.
struct Dialogue {
    let mailbag = Mailbag()
    var session: SMTPSession
    var output = ConnectionOutput()

    init(
        _ limits: SMTPLimits = SMTPLimits(), rules: [CaptureRule] = [],
        _ adjust: (inout SMTPSettings) -> Void = { _ in }
    ) {
        var settings = SMTPSettings(hostname: "mx.example", limits: limits, rules: RuleBook(rules, seed: 1))
        adjust(&settings)
        session = SMTPSession(settings, remoteAddress: "192.0.2.1:1", destination: mailbag)
    }

    var received: [Mailbag.Mail] { mailbag.mails }

    /// Sends octets in pieces and returns all replies so far.
    @discardableResult
    mutating func say(_ bytes: [UInt8], every size: Int = .max) -> String {
        feed(bytes) { size }
        return text
    }

    @discardableResult
    mutating func say(_ text: String, every size: Int = .max) -> String { say(Array(text.utf8), every: size) }

    /// Sends octets in pieces of the sizes given.
    mutating func feed(_ bytes: [UInt8], by size: () -> Int) {
        bytes.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let piece = rest.prefix(size())
                session.receive(UnsafeRawBufferPointer(rebasing: piece), &output)
                rest = rest[piece.endIndex...]
            }
        }
    }

    /// All replies so far.
    var text: String { String(decoding: output.bytes, as: UTF8.self) }

    /// The code of each reply's last line.
    var codes: [String] {
        text.components(separatedBy: "\r\n").filter { $0.count >= 4 && $0.dropFirst(3).first == " " }
            .map { String($0.prefix(3)) }
    }
}
