/// What a ``ConnectionHandler`` wants done: octets to write, a time limit, the end.
public struct ConnectionOutput {
    enum Timer {
        case unchanged
        case restart(Duration)
        case off
    }

    private var buffer: [UInt8] = []
    private var left = 0
    private(set) var waitsForRoom = false
    var timer = Timer.unchanged
    /// Whether ``close()`` was called; nothing is received any more.
    public private(set) var closes = false

    /// An output with nothing in it.
    public init() {}

    /// The octets that have not left yet, in order.
    public var bytes: ArraySlice<UInt8> { buffer[left...] }

    /// How many octets have not left yet.
    public var count: Int { buffer.count - left }

    /// Whether so much waits (256 KiB) that a handler should stop answering and ``waitForRoom()``.
    public var isFull: Bool { count >= 256 * 1024 }

    /// Adds octets to what leaves.
    public mutating func write(_ bytes: some Sequence<UInt8>) { buffer.append(contentsOf: bytes) }

    /// Adds octets to what leaves.
    public mutating func write(_ bytes: UnsafeRawBufferPointer) { buffer.append(contentsOf: bytes) }

    /// Adds a text as UTF-8 to what leaves.
    public mutating func write(_ text: String) { buffer.append(contentsOf: text.utf8) }

    /// Asks for a call of ``ConnectionHandler/receive(_:_:)`` without octets once everything has left; until then
    /// nothing is read from the peer.
    public mutating func waitForRoom() { waitsForRoom = true }

    /// Whether nothing is read from the peer, because what it sent must be answered first. What arrives waits in the
    /// system, so that a peer that goes on sending is slowed down; one that resets the connection ends it.
    public var pausesReading = false

    /// Ends the connection once everything has left.
    public mutating func close() { closes = true }

    /// Calls ``ConnectionHandler/expire(_:)`` after `limit` unless restarted before.
    public mutating func restartTimer(_ limit: Duration) { timer = .restart(limit) }

    /// Takes the time limit away.
    public mutating func stopTimer() { timer = .off }

    mutating func roomIsBack() { waitsForRoom = false }

    /// Lets `send` take octets from the front until it takes none.
    mutating func drain(_ send: (UnsafeRawBufferPointer) -> Int) {
        while left < buffer.count {
            let taken = buffer.withUnsafeBytes { send(UnsafeRawBufferPointer(rebasing: $0[left...])) }
            if taken <= 0 { break }
            left += taken
        }
        if left == buffer.count {
            left = 0
            buffer.removeAll(keepingCapacity: buffer.capacity <= 64 * 1024)
        } else if left > 1 << 20 {
            buffer.removeFirst(left)
            left = 0
        }
    }
}
