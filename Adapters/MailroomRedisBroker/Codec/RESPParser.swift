/// Turns the bytes of a server into replies, however they are split. Holds what is incomplete.
///
/// Once it has thrown, nothing that follows can be understood: the connection is to be closed.
struct RESPParser {
    /// Bytes that are no RESP2, or that ask for more memory than allowed.
    struct Malformed: Error, Hashable {
        let reason: String
    }

    /// What a server may make this side keep.
    struct Limits {
        /// The octets of one string; the protocol's own limit.
        var bytes = 512 << 20
        /// The elements of one array.
        var elements = 1 << 20
        /// How deep arrays may lie in each other.
        var depth = 16
        /// The octets of a line: a number, a text or an error.
        var line = 64 << 10
    }

    /// An array of which elements are missing.
    private struct Open {
        var left: Int
        var elements: [RESPValue]
    }

    private let limits: Limits
    private var input: [UInt8] = []
    private var position = 0
    /// Up to where the input was searched for the end of a line.
    private var searched = 0
    private var open: [Open] = []
    /// The length of a string whose octets are awaited.
    private var awaited: Int?

    init(limits: Limits = Limits()) { self.limits = limits }

    /// Whether a reply has begun and not ended.
    var isWithinReply: Bool { position < input.count || awaited != nil || !open.isEmpty }

    mutating func receive(_ bytes: UnsafeRawBufferPointer) {
        if position == input.count {
            input.removeAll(keepingCapacity: input.capacity <= 1 << 20)
            (position, searched) = (0, 0)
        } else if position > 1 << 16, position > input.count / 2 {
            input.removeSubrange(..<position)
            searched -= position
            position = 0
        }
        input.append(contentsOf: bytes)
    }

    mutating func receive(_ bytes: [UInt8]) { bytes.withUnsafeBytes { receive($0) } }

    /// The next complete reply.
    mutating func next() throws(Malformed) -> RESPValue? {
        while true {
            guard var value = try element() else { return nil }
            while true {
                guard !open.isEmpty else { return value }
                open[open.count - 1].elements.append(value)
                open[open.count - 1].left -= 1
                guard open[open.count - 1].left == 0, let whole = open.popLast() else { break }
                value = .array(whole.elements)
            }
        }
    }

    /// The next value that is no array with elements; opens those.
    private mutating func element() throws(Malformed) -> RESPValue? {
        while true {
            if let length = awaited { return try string(length) }
            guard let line = try line() else { return nil }
            let kind = input[line.lowerBound]
            let rest = line.dropFirst()
            switch kind {
            case UInt8(ascii: "+"): return .text(String(decoding: input[rest], as: UTF8.self))
            case UInt8(ascii: "-"): return .error(String(decoding: input[rest], as: UTF8.self))
            case UInt8(ascii: ":"): return .integer(try number(rest))
            case UInt8(ascii: "$"):
                let length = try number(rest)
                if length == -1 { return .null }
                guard (0...Int64(limits.bytes)).contains(length) else {
                    throw Malformed(reason: "a string of \(length) octets")
                }
                awaited = Int(length)
            case UInt8(ascii: "*"):
                let count = try number(rest)
                if count == -1 { return .null }
                if count == 0 { return .array([]) }
                guard (1...Int64(limits.elements)).contains(count), open.count < limits.depth else {
                    throw Malformed(reason: "an array of \(count) elements in \(open.count) others")
                }
                var elements: [RESPValue] = []
                // The count is only the server's word: memory follows what comes.
                elements.reserveCapacity(min(Int(count), 1024))
                open.append(Open(left: Int(count), elements: elements))
            default: throw Malformed(reason: "a reply that begins with octet \(kind)")
            }
        }
    }

    private mutating func string(_ length: Int) throws(Malformed) -> RESPValue? {
        guard input.count - position >= length + 2 else { return nil }
        let end = position + length
        guard input[end] == 13, input[end + 1] == 10 else {
            throw Malformed(reason: "a string that does not end where it said")
        }
        let bytes = Array(input[position..<end])
        position = end + 2
        searched = position
        awaited = nil
        return .bytes(bytes)
    }

    /// The next line without its end.
    private mutating func line() throws(Malformed) -> Range<Int>? {
        var index = max(searched, position)
        while index < input.count, input[index] != 10 { index += 1 }
        searched = index
        guard index - position <= limits.line else { throw Malformed(reason: "a line that does not end") }
        guard index < input.count else { return nil }
        guard index >= position + 2, input[index - 1] == 13 else { throw Malformed(reason: "an empty line") }
        defer { position = index + 1 }
        return position..<index - 1
    }

    private func number(_ digits: Range<Int>.SubSequence) throws(Malformed) -> Int64 {
        var rest = digits
        let isNegative = rest.first.map { input[$0] == UInt8(ascii: "-") } ?? false
        if isNegative { rest = rest.dropFirst() }
        guard (1...18).contains(rest.count) else { throw Malformed(reason: "a number that is none") }
        var value: Int64 = 0
        for index in rest {
            guard (0x30...0x39).contains(input[index]) else { throw Malformed(reason: "a number that is none") }
            value = value * 10 + Int64(input[index] - 0x30)
        }
        return isNegative ? -value : value
    }
}
