/// An answer that goes on: who begins to send events, and what keeps the connection alive.
public struct HTTPEvents: Sendable {
    /// How often ``keepAliveLine`` is sent, whether or not events are.
    public var keepAlive: Duration
    /// A line that clients overlook; a comment unless set otherwise.
    public var keepAliveLine: String
    /// A client for which more octets wait than this when there is another event is given up.
    public var maximumPendingBytes = 8 << 20
    /// Called on the server's thread when the client listens: keep the stream and send to it.
    public var begin: @Sendable (HTTPEventStream) -> Void

    /// Events that `begin` arranges for.
    public init(
        keepAlive: Duration = .seconds(30), keepAliveLine: String = ":",
        begin: @escaping @Sendable (HTTPEventStream) -> Void
    ) {
        self.keepAlive = keepAlive
        self.keepAliveLine = keepAliveLine
        self.begin = begin
    }
}

/// A server-sent event in the form that travels: made once, it can be sent to many streams, which share its octets.
public struct HTTPEvent: Sendable, Hashable {
    let bytes: [UInt8]

    /// An event whose data are `lines`, which end in LF, CRLF or CR. Line breaks in the event's name become blanks.
    public init(_ name: String? = nil, lines: [UInt8]) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(lines.count + lines.count / 16 + 32)
        if let name {
            bytes.append(contentsOf: "event: ".utf8)
            bytes.append(contentsOf: name.utf8.map { $0 == 10 || $0 == 13 ? 32 : $0 })
            bytes.append(10)
        }
        lines.withUnsafeBufferPointer { lines in
            var start = 0
            while true {
                var end = start
                while end < lines.count, lines[end] != 10, lines[end] != 13 { end += 1 }
                bytes.append(contentsOf: "data: ".utf8)
                bytes.append(contentsOf: UnsafeBufferPointer(rebasing: lines[start..<end]))
                bytes.append(10)
                if end == lines.count { break }
                start = lines[end] == 13 && end + 1 < lines.count && lines[end + 1] == 10 ? end + 2 : end + 1
            }
        }
        bytes.append(10)
        self.bytes = bytes
    }
}
