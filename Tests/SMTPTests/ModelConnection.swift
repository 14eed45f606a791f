import Foundation
import MailroomSockets
import MailroomTesting

/// One connection of a model server.
struct ModelConnection {
    private enum Accident: CaseIterable { case close, reset, leave, nonsense, silence }

    private let stream: TCPStream
    private let record: ModelServer.Record
    private let random: SeededRandom
    private var unread: [UInt8] = []
    private var position = 0
    private var hasSender = false
    private var recipients: [String] = []
    private var body: [UInt8] = []
    private(set) var mails = 0
    private var isOver = false

    init(_ stream: TCPStream, record: ModelServer.Record, random: SeededRandom) {
        self.stream = stream
        self.record = record
        self.random = random
    }

    private var isHonest: Bool { record.seed == nil }

    /// True once in so many times, never on an honest server.
    private func chance(_ one: UInt64) -> Bool { !isHonest && random.next() % one == 0 }

    private var anAccident: Accident {
        Accident.allCases[Int(random.next() % UInt64(Accident.allCases.count))]
    }

    mutating func play() {
        say(chance(40) ? "421 4.3.2 busy" : "220 model ESMTP")
        while !isOver, let line = line() { answer(line) }
    }

    private mutating func answer(_ line: String) {
        let words = line.split(separator: " ").map(String.init)
        if words.first != "BDAT", chance(90) { return happen(anAccident) }
        switch words.first {
        case "EHLO":
            let lines = ["model"] + record.extensions
            say(lines.enumerated().map { "250\($0 == lines.count - 1 ? " " : "-")\($1)" }.joined(separator: "\r\n"))
        case "RSET":
            forget()
            say("250 ok")
        case "MAIL":
            forget()
            if chance(16) { return say("450 4.7.1 later") }
            if chance(16) { return say("550 5.7.1 no") }
            hasSender = true
            say("250 ok")
        case "RCPT": takeRecipient(line)
        case "DATA": takeMessage()
        case "BDAT": takeChunk(Int(words[1]) ?? 0, isLast: words.count > 2)
        case "QUIT":
            say("221 bye")
            isOver = true
        default:
            record.write { [line] in $0.problems.append("a line that is no command: \(line.prefix(60))") }
            say("500 what?")
        }
    }

    private mutating func takeRecipient(_ line: String) {
        guard hasSender else { return say("503 5.5.1 no sender") }
        if chance(8) { return say("550 5.1.1 unknown") }
        if chance(8) { return say("451 4.2.0 busy") }
        let address = String(line.drop { $0 != "<" }.dropFirst().prefix { $0 != ">" })
        recipients.append(address)
        // A client that sends chunks may have sent the last one when the answer to this arrives.
        if record.extensions.contains("CHUNKING") { record.write { _ = $0.begun.insert(address) } }
        say("250 ok")
    }

    private mutating func takeMessage() {
        let crowd = recipients
        if crowd.isEmpty {
            guard chance(2) else { return say("554 5.5.1 nobody") }
            say("354 go")
            if readBody() != nil { say("554 5.5.1 nobody") }
            return
        }
        if chance(20) { return say("451 4.3.0 later") }
        if chance(20) { return say("554 5.3.0 no") }
        if chance(30) { return say("250 ok") }
        record.write { $0.begun.formUnion(crowd) }
        if chance(30) {
            say("354 go\r\n250 queued as nothing", inPieces: false)
        } else if chance(30) {
            return say("354 go\r\n552 5.3.4 too big", inPieces: false)
        } else {
            say("354 go")
        }
        if chance(30) { return happen(.close) }
        if chance(30) {
            say("552 5.3.4 too big")
            return happen(.silence)
        }
        guard let body = readBody() else { return }
        self.body = body
        end()
    }

    private mutating func takeChunk(_ count: Int, isLast: Bool) {
        guard let octets = octets(count) else { return isOver = true }
        if recipients.isEmpty { return say("503 5.5.1 nobody") }
        body += octets
        if isLast { return end() }
        if chance(5) {
            forget()
            return say("552 5.3.4 too big")
        }
        say("250 \(count) octets")
    }

    /// The message is complete: what becomes of it?
    private mutating func end() {
        mails += 1
        if chance(10) { return finish("554 5.7.1 spam") }
        if chance(10) { return finish("451 4.3.0 later") }
        if chance(20) {
            finish("421 4.3.2 bye")
            return isOver = true
        }
        if chance(20) { return happen(.close) }
        if chance(20) {
            finish("221 bye")
            return isOver = true
        }
        let (crowd, body) = (recipients, body)
        let keeps = isHonest
        record.write { books in
            for address in crowd {
                books.accepted[address, default: 0] += 1
                if keeps { books.bodies[address] = body }
            }
        }
        if chance(15), case let accident = anAccident, accident != .leave { return happen(accident) }
        if chance(20) {
            finish("221 bye")
            return isOver = true
        }
        // What comes unasked shifts all answers that follow, which only the 354 of DATA brings to light.
        finish(chance(25) && !record.extensions.contains("CHUNKING") ? "250 queued\r\n250 again" : "250 queued as x")
    }

    private mutating func finish(_ reply: String) {
        forget()
        say(reply)
    }

    private mutating func forget() {
        hasSender = false
        recipients = []
        body = []
    }

    private mutating func happen(_ accident: Accident) {
        switch accident {
        case .close: isOver = true
        case .reset:
            stream.reset()
            isOver = true
        case .leave:
            say("421 4.3.2 bye")
            isOver = true
        case .nonsense: say("nonsense")
        case .silence:
            while fill() { unread = [] }
            isOver = true
        }
    }

    // MARK: Octets

    private mutating func say(_ text: String, inPieces: Bool = true) {
        let bytes = Array("\(text)\r\n".utf8)
        let cut = inPieces && chance(4) ? Int(random.next() % UInt64(bytes.count)) : 0
        for part in [bytes[..<cut], bytes[cut...]] where !part.isEmpty {
            if (try? stream.write(Array(part), deadline: .now + .seconds(60))) == nil { isOver = true }
        }
    }

    private mutating func fill() -> Bool {
        if position > 0 {
            unread.removeSubrange(..<position)
            position = 0
        }
        let count = try? stream.read(appendingTo: &unread, limit: 256 << 10, deadline: .now + .seconds(60))
        return (count ?? 0) > 0
    }

    private mutating func rawLine() -> ArraySlice<UInt8>? {
        var from = position
        while true {
            let found = unread.withUnsafeBytes { bytes in
                memchr(bytes.baseAddress! + from, 10, bytes.count - from).map {
                    bytes.baseAddress!.distance(to: UnsafeRawPointer($0))
                }
            }
            if let found {
                defer { position = found + 1 }
                return unread[position...found]
            }
            from = unread.count - position
            guard fill() else { return nil }
        }
    }

    private mutating func line() -> String? {
        if position == unread.count, !fill() { return nil }
        return rawLine().map { String(decoding: $0.dropLast(2), as: UTF8.self) }
    }

    private mutating func octets(_ count: Int) -> [UInt8]? {
        while unread.count - position < count { guard fill() else { return nil } }
        defer { position += count }
        return Array(unread[position..<(position + count)])
    }

    private mutating func readBody() -> [UInt8]? {
        var body: [UInt8] = []
        while true {
            if position == unread.count, !fill() { return nil }
            guard let line = rawLine() else { return nil }
            if line.elementsEqual([46, 13, 10]) { return body }
            body += line.first == 46 ? line.dropFirst() : line
        }
    }
}
