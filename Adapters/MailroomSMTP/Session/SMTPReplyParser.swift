import Mailroom

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A reply within the parser's bytes; good until more bytes are added.
struct SMTPReply {
    let code: Int
    fileprivate let range: Range<Int>

    /// A greeting or a farewell consents to nothing: where one comes in place of an answer, the two sides are out of step.
    var isPositive: Bool { code / 100 == 2 && code != 220 && code != 221 }
    var isRefusal: Bool { code / 100 == 4 || code / 100 == 5 }
}

/// What a server sent that is no reply.
struct SMTPViolation: Error {
    let reason: String
}

/// Cuts a stream of bytes into replies (RFC 5321 §4.2), however it arrives in pieces.
///
/// A bare line feed ends a line as CRLF does, and empty lines between replies are skipped: servers send both, and
/// neither can be mistaken for something else.
struct SMTPReplyParser {
    static let maximumLine = 2048
    static let maximumLines = 128
    static let maximumEmptyLines = 16

    /// What the words given out never hold.
    var secrets = SMTPSecrets()
    private var bytes: [UInt8] = []
    /// Where the reply begins that is being read.
    private var start = 0
    /// Where its next line begins.
    private var position = 0
    private var lines = 0
    private var emptyLines = 0
    private var code = 0

    /// Whether something has arrived that no reply was made of.
    var hasUnread: Bool { start < bytes.count }

    mutating func append(_ new: UnsafeRawBufferPointer) {
        if start == bytes.count {
            bytes.removeAll(keepingCapacity: true)
        } else if start > 0 {
            bytes.removeSubrange(..<start)
        }
        position -= start
        start = 0
        bytes.append(contentsOf: new)
    }

    /// Forgets whatever has arrived.
    mutating func discard() {
        bytes.removeAll(keepingCapacity: true)
        (start, position, lines, emptyLines) = (0, 0, 0, 0)
    }

    mutating func next() throws(SMTPViolation) -> SMTPReply? {
        while let line = try nextLine() {
            if line.isEmpty, lines == 0 {
                start = position
                emptyLines += 1
                if emptyLines > Self.maximumEmptyLines { throw SMTPViolation(reason: "nothing but empty lines") }
                continue
            }
            lines += 1
            if lines > Self.maximumLines {
                throw SMTPViolation(reason: "a reply of more than \(Self.maximumLines) lines")
            }
            guard let lineCode = Self.code(of: bytes[line]) else {
                throw SMTPViolation(reason: "a line that is no reply: “\(excerpt(line))”")
            }
            if lines == 1 { code = lineCode }
            guard code == lineCode else {
                throw SMTPViolation(reason: "a reply whose lines have different codes, \(code) and \(lineCode)")
            }
            if line.count == 3 || bytes[line.lowerBound + 3] != UInt8(ascii: "-") {
                defer { (start, lines, emptyLines) = (position, 0, 0) }
                return SMTPReply(code: code, range: start..<position)
            }
        }
        return nil
    }

    /// The next line without its ending.
    private mutating func nextLine() throws(SMTPViolation) -> Range<Int>? {
        let from = position
        guard from < bytes.count else { return nil }
        let end = bytes.withUnsafeBytes { bytes -> Int? in
            guard let begin = bytes.baseAddress, let found = memchr(begin + from, 10, bytes.count - from) else {
                return nil
            }
            return begin.distance(to: UnsafeRawPointer(found))
        }
        guard (end ?? bytes.count) - from <= Self.maximumLine else {
            throw SMTPViolation(reason: "a reply line of more than \(Self.maximumLine) octets")
        }
        guard let end else { return nil }
        position = end + 1
        return from..<(end > from && bytes[end - 1] == 13 ? end - 1 : end)
    }

    private static func code(of line: ArraySlice<UInt8>) -> Int? {
        guard line.count >= 3 else { return nil }
        let first = line.startIndex
        let digits = line[first..<first + 3].map { Int($0) - 48 }
        guard (2...5).contains(digits[0]), (0...9).contains(digits[1]), (0...9).contains(digits[2]) else { return nil }
        guard line.count == 3 || line[first + 3] == 32 || line[first + 3] == UInt8(ascii: "-") else { return nil }
        return digits[0] * 100 + digits[1] * 10 + digits[2]
    }
}

extension SMTPReplyParser {
    /// The words of a reply's lines, without their codes.
    func lines(of reply: SMTPReply) -> [String] {
        var lines: [String] = []
        forEachLine(of: reply) { lines.append(self.text(bytes[$0])) }
        return lines
    }

    /// The reply as outcomes tell it: the enhanced status of its first line apart, and taken off the others.
    func reply(_ reply: SMTPReply) -> Reply {
        var status: Range<Int>?
        var text: [UInt8] = []
        var isFirst = true
        forEachLine(of: reply) { line in
            if isFirst {
                status = enhancedStatus(at: line, class: reply.code / 100)
            } else {
                text.append(10)
            }
            isFirst = false
            var words = line
            if let status, bytes[line].starts(with: bytes[status]) {
                let rest = line.lowerBound + status.count
                if rest == line.upperBound {
                    words = rest..<rest
                } else if bytes[rest] == 32 {
                    words = rest + 1..<line.upperBound
                }
            }
            text.append(contentsOf: bytes[words])
        }
        return Reply(
            code: reply.code, enhancedStatus: status.map { String(decoding: bytes[$0], as: UTF8.self) },
            text: self.text(text[...]))
    }

    /// Where the words of each line are, behind code and hyphen or blank; empty lines are skipped.
    private func forEachLine(of reply: SMTPReply, _ body: (Range<Int>) -> Void) {
        var start = reply.range.lowerBound
        while start < reply.range.upperBound {
            let feed = bytes[start..<reply.range.upperBound].firstIndex(of: 10) ?? reply.range.upperBound
            let end = feed > start && bytes[feed - 1] == 13 ? feed - 1 : feed
            if end > start { body(min(start + 4, end)..<end) }
            start = feed + 1
        }
    }

    /// A status code at the start of a line, of the reply's own class (RFC 3463 §2, RFC 2034 §4).
    private func enhancedStatus(at line: Range<Int>, class expected: Int) -> Range<Int>? {
        var parts = 0
        var digits = 0
        var end = line.lowerBound
        while end < line.upperBound, bytes[end] != 32 {
            switch bytes[end] {
            case 48...57: digits += 1
            case UInt8(ascii: ".") where digits > 0:
                parts += 1
                digits = 0
            default: return nil
            }
            guard digits <= 3 else { return nil }
            end += 1
        }
        let start = line.lowerBound
        guard parts == 2, digits > 0, bytes[start] == UInt8(48 + expected), bytes[start + 1] == UInt8(ascii: ".") else {
            return nil
        }
        return start..<end
    }

    private func excerpt(_ line: Range<Int>) -> String { String(text(bytes[line]).prefix(60)) }

    /// What a server wrote, as text that is safe to log: controls become blanks, and what is not UTF-8 is marked. Line
    /// feeds are those between the lines.
    private func text(_ words: ArraySlice<UInt8>) -> String {
        let bytes = secrets.masking(words)?[...] ?? words
        let isClean = bytes.allSatisfy { $0 >= 32 && $0 != 127 || $0 == 10 }
        return isClean
            ? String(decoding: bytes, as: UTF8.self)
            : String(decoding: bytes.map { $0 < 32 && $0 != 10 || $0 == 127 ? 32 : $0 }, as: UTF8.self)
    }
}
