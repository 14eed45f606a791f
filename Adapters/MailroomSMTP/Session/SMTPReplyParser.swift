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

    var isPositive: Bool { code / 100 == 2 }
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

    private var bytes: [UInt8] = []
    /// Where the reply begins that is being read.
    private var start = 0
    /// Where its next line begins.
    private var position = 0
    private var lines = 0
    private var emptyLines = 0
    private var code = 0

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
        bytes[reply.range].split(separator: 10).compactMap { line in
            let line = line.last == 13 ? line.dropLast() : line
            return line.isEmpty ? nil : text(line.dropFirst(4))
        }
    }

    /// The reply as outcomes tell it.
    func reply(_ reply: SMTPReply) -> Reply {
        var lines = lines(of: reply)
        let status = lines.first.flatMap { Self.enhancedStatus(in: $0, class: reply.code / 100) }
        if let status {
            lines = lines.map { line in
                guard line.hasPrefix(status) else { return line }
                let rest = line.utf8.dropFirst(status.utf8.count)
                return rest.first == 32 ? String(Substring(rest.dropFirst())) : rest.isEmpty ? "" : line
            }
        }
        return Reply(code: reply.code, enhancedStatus: status, text: lines.joined(separator: "\n"))
    }

    /// A status code at the start of a line, of the reply's own class (RFC 3463 §2, RFC 2034 §4).
    private static func enhancedStatus(in line: String, class expected: Int) -> String? {
        let word = line.utf8.prefix { $0 != 32 }
        let parts = word.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].elementsEqual(String(expected).utf8) else { return nil }
        let isStatus = parts.dropFirst().allSatisfy { part in
            (1...3).contains(part.count) && part.allSatisfy { $0 >= 48 && $0 <= 57 }
        }
        return isStatus ? String(Substring(word)) : nil
    }

    private func excerpt(_ line: Range<Int>) -> String { text(bytes[line].prefix(60)) }

    /// What a server wrote, as text that is safe to log: controls become blanks, and what is not UTF-8 is marked.
    private func text(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes.map { $0 < 32 || $0 == 127 ? 32 : $0 }, as: UTF8.self)
    }
}
