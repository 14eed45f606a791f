/// Finds requests in octets as they arrive, however they are split (RFC 9112).
///
/// Give it octets, then ask for requests until there is none; it holds no more than the limits allow plus what was
/// given last. After a failure it is of no further use.
struct HTTPRequestParser {
    private enum State {
        case head
        case body(HTTPRequestHead, length: Int)
        case chunkSize(HTTPRequestHead)
        case chunk(HTTPRequestHead, length: Int)
        case trailer(HTTPRequestHead)
    }

    private let limits: HTTPLimits
    private var state = State.head
    private var buffer: [UInt8] = []
    private var start = 0
    /// Up to where the end of the head has been looked for.
    private var searched = 0
    private var chunks: [UInt8] = []
    private var trailerBytes = 0
    /// Whether the client waits to be told to send the body; to be reset by whoever tells it.
    var owesContinue = false

    init(limits: HTTPLimits) { self.limits = limits }

    /// Whether a part of a request has arrived.
    var isInsideRequest: Bool {
        if case .head = state { return start < buffer.count }
        return true
    }

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        if start == buffer.count {
            buffer.removeAll(keepingCapacity: buffer.capacity <= 64 * 1024)
            (start, searched) = (0, 0)
        } else if start > 64 * 1024 {
            buffer.removeFirst(start)
            searched -= start
            start = 0
        }
        buffer.append(contentsOf: bytes)
    }

    /// What has arrived behind the last request, when it is no longer HTTP.
    mutating func takeRest() -> [UInt8] {
        defer { start = buffer.count }
        return Array(buffer[start...])
    }

    /// The next request that has arrived whole.
    mutating func next() throws(HTTPFailure) -> HTTPRequest? {
        while true {
            switch state {
            case .head:
                guard let head = try takeHead() else { return nil }
                owesContinue = head.expectsContinue
                switch head.body {
                case .none: return try request(head, body: [])
                case .length(let length): state = .body(head, length: length)
                case .chunked: state = .chunkSize(head)
                }
            case .body(let head, let length):
                guard buffer.count - start >= length else { return nil }
                let body = Array(buffer[start..<start + length])
                start += length
                return try request(head, body: body)
            case .chunkSize(let head):
                guard let line = try takeLine() else { return nil }
                let length = try chunkLength(line)
                guard chunks.count + length <= limits.bodyBytes else {
                    throw HTTPFailure(413, "The body may have \(limits.bodyBytes) octets at most.")
                }
                state = length == 0 ? .trailer(head) : .chunk(head, length: length)
            case .chunk(let head, let length):
                guard buffer.count - start >= length + 2 else { return nil }
                guard buffer[start + length] == 13, buffer[start + length + 1] == 10 else {
                    throw HTTPFailure(400, "A chunk does not end in CRLF.")
                }
                chunks.append(contentsOf: buffer[start..<start + length])
                start += length + 2
                state = .chunkSize(head)
            case .trailer(let head):
                guard let line = try takeLine() else { return nil }
                trailerBytes += line.count
                guard trailerBytes <= limits.headerBytes else { throw HTTPFailure(431, "The trailer is too long.") }
                guard line.isEmpty else { continue }
                defer { chunks = [] }
                return try request(head, body: chunks)
            }
        }
    }

    /// The request whose body is awaited, without it; nil where none is, or where the target is malformed.
    var awaited: HTTPRequest? {
        switch state {
        case .head: nil
        case .body(let head, _), .chunkSize(let head), .chunk(let head, _), .trailer(let head):
            HTTPRequest(
                method: head.method, target: head.target, headers: head.headers, body: [],
                speaksVersion11: head.speaksVersion11)
        }
    }

    private mutating func request(_ head: HTTPRequestHead, body: [UInt8]) throws(HTTPFailure) -> HTTPRequest {
        state = .head
        searched = start
        trailerBytes = 0
        owesContinue = false
        guard
            let request = HTTPRequest(
                method: head.method, target: head.target, headers: head.headers, body: body,
                speaksVersion11: head.speaksVersion11)
        else { throw HTTPFailure(400, "The request target is malformed.") }
        return request
    }

    private mutating func takeHead() throws(HTTPFailure) -> HTTPRequestHead? {
        // An empty line before a request is to be overlooked (RFC 9112, 2.2).
        while buffer.count - start >= 2, buffer[start] == 13, buffer[start + 1] == 10 { start += 2 }
        var index = max(start, searched)
        let end: Int? = buffer.withUnsafeBufferPointer { bytes in
            while index + 3 < bytes.count {
                if bytes[index] == 13, bytes[index + 1] == 10, bytes[index + 2] == 13, bytes[index + 3] == 10 {
                    return index
                }
                index += 1
            }
            return nil
        }
        searched = index
        guard let end, end - start <= limits.headerBytes else {
            guard end != nil || buffer.count - start > limits.headerBytes else {
                // A request that can never become one, such as TLS or another protocol, is refused at its first line.
                if let newline = buffer[start...].firstIndex(of: 10), newline == start || buffer[newline - 1] != 13 {
                    throw HTTPFailure(400, "Lines end in CRLF.")
                }
                return nil
            }
            let longLine = !buffer[start..<min(buffer.count, start + limits.headerBytes)].contains(10)
            throw longLine
                ? HTTPFailure(414, "The request line is too long.") : HTTPFailure(431, "The header is too long.")
        }
        let head = try HTTPRequestHead(buffer[start..<end], limits: limits)
        start = end + 4
        return head
    }

    /// The next line of a chunked body, without its CRLF.
    private mutating func takeLine() throws(HTTPFailure) -> ArraySlice<UInt8>? {
        guard let newline = buffer[start...].firstIndex(of: 10) else {
            if buffer.count - start > 4096 { throw HTTPFailure(400, "A line of the chunked body is too long.") }
            return nil
        }
        guard newline > start, buffer[newline - 1] == 13 else { throw HTTPFailure(400, "Lines end in CRLF.") }
        // A CR alone is a line's end to some readers, and so a means of request smuggling.
        guard !buffer[start..<newline - 1].contains(13) else { throw HTTPFailure(400, "Lines end in CRLF.") }
        defer { start = newline + 1 }
        return buffer[start..<newline - 1]
    }

    private func chunkLength(_ line: ArraySlice<UInt8>) throws(HTTPFailure) -> Int {
        let digits = line.prefix { hexValue($0) != nil }
        let rest = line.dropFirst(digits.count).drop { $0 == 32 || $0 == 9 }
        guard (1...8).contains(digits.count), rest.isEmpty || rest.first == UInt8(ascii: ";") else {
            throw HTTPFailure(400, "A chunk's length is malformed.")
        }
        return digits.reduce(0) { $0 << 4 | Int(hexValue($1) ?? 0) }
    }
}
