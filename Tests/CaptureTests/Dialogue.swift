import MailroomFiles
import Synchronization
import XCTest

@testable import MailroomCapture
@testable import MailroomSockets

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
    /// What has left.
    private var sent: [UInt8] = []
    /// How long what has left was held back.
    private(set) var pauses = Duration.zero
    /// How often the session waited until all had left.
    private(set) var waits = 0

    init(
        _ limits: SMTPLimits = SMTPLimits(), rules: [CaptureRule] = [],
        _ adjust: (inout SMTPSettings) -> Void = { _ in }
    ) {
        var settings = SMTPSettings(hostname: "mx.example", limits: limits, rules: RuleBook(rules, seed: 1))
        adjust(&settings)
        session = SMTPSession(settings, remoteAddress: "192.0.2.1:1", destination: mailbag)
    }

    /// With rules as they are written; greeted if it begins.
    init(_ rules: [String], begins: Bool = false) throws {
        self.init(rules: try rules.map { try CaptureRule(parsing: $0) })
        if begins { session.begin(&output) }
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
                while output.waitsForRoom { goOn() }
                rest = rest[piece.endIndex...]
            }
        }
    }

    /// Whether the session waits until everything has left.
    var isWaiting: Bool { output.waitsForRoom }

    /// Sends octets, and lets nothing leave.
    mutating func push(_ text: String) {
        Array(text.utf8).withUnsafeBytes { session.receive($0, &output) }
    }

    /// Lets everything leave, and the session go on if it waits for that.
    mutating func goOn() {
        var octets: [UInt8] = []
        while !output.isEmpty {
            output.drain {
                octets += $0
                return $0.count
            }
            if case .pause(let time)? = output.takeMark() { pauses += time }
        }
        sent += octets
        guard output.waitsForRoom else { return }
        waits += 1
        output.roomIsBack()
        session.receive(UnsafeRawBufferPointer(start: nil, count: 0), &output)
    }

    /// All replies so far.
    var text: String { String(decoding: sent + output.bytes, as: UTF8.self) }

    /// The code of each reply's last line.
    var codes: [String] {
        text.components(separatedBy: "\r\n").filter { $0.count >= 4 && $0.dropFirst(3).first == " " }
            .map { String($0.prefix(3)) }
    }
}

extension SMTPSession {
    /// Whether what arrives is not looked at any more.
    var isOver: Bool { ending != nil }
}
