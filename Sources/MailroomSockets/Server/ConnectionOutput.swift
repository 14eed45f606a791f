public import MailroomLibraries

/// What a ``ConnectionHandler`` wants done: octets to write, pauses, TLS, a time limit, the end.
///
/// All but the time limit happens in the order asked for: what is written after a pause leaves after it.
public struct ConnectionOutput {
    enum Timer {
        case unchanged
        case restart(Duration)
        case off
    }

    /// What is done between two octets.
    enum Mark {
        case pause(Duration)
        case secure(TLSContext)
    }

    private var buffer: [UInt8] = []
    private var left = 0
    /// The marks that have not been come to, each with the place in the buffer that it stands before.
    private var marks: [(place: Int, mark: Mark)] = []
    private var marksPassed = 0
    private(set) var waitsForRoom = false
    var timer = Timer.unchanged
    /// Whether ``close()`` or ``reset()`` was called; nothing is received any more.
    public private(set) var closes = false
    /// Whether the end is a reset.
    private(set) var resets = false
    /// Whether TLS is to begin.
    package private(set) var beginsTLS = false

    /// An output with nothing in it.
    public init() {}

    /// The octets that have not left yet, in order.
    public var bytes: ArraySlice<UInt8> { buffer[left...] }

    /// How many octets have not left yet.
    public var count: Int { buffer.count - left }

    /// Whether so much waits (256 KiB, or 4096 pauses) that a handler should stop answering and ``waitForRoom()``.
    public var isFull: Bool { count >= 256 * 1024 || marks.count - marksPassed >= 4096 }

    /// Whether some of what was asked for comes after a pause, or after TLS has begun.
    package var holdsBack: Bool { marksPassed < marks.count }

    /// Adds octets to what leaves.
    public mutating func write(_ bytes: some Sequence<UInt8>) { buffer.append(contentsOf: bytes) }

    /// Adds octets to what leaves.
    public mutating func write(_ bytes: UnsafeRawBufferPointer) { buffer.append(contentsOf: bytes) }

    /// Adds a text as UTF-8 to what leaves.
    public mutating func write(_ text: String) { buffer.append(contentsOf: text.utf8) }

    /// Asks for a call of ``ConnectionHandler/receive(_:_:)`` without octets once everything has left; until then
    /// nothing is read from the peer.
    public mutating func waitForRoom() { waitsForRoom = true }

    /// Holds back what is written from here on until `time` has passed since what was written before has left. In that
    /// time nothing is read from the peer, and the handler's time limit stands still.
    ///
    /// Kept to some milliseconds. A pause of no length makes what comes before and after it leave separately.
    public mutating func pause(for time: Duration) { marks.append((buffer.count, .pause(time))) }

    /// Makes the connection TLS, as its server, once what was written before has left. What is written from here on
    /// leaves encrypted.
    ///
    /// Octets that the peer sent before it was told are dropped, since anybody may have slipped them in (RFC 3207,
    /// section 6): the handler must forget those it was given together with the request. The handshake runs against the
    /// handler's time limit; ``ConnectionHandler/secured(_:_:)`` is called when it is complete, and if it fails the
    /// connection ends.
    public mutating func startTLS(_ context: TLSContext) {
        beginsTLS = true
        marks.append((buffer.count, .secure(context)))
    }

    /// Whether nothing is read from the peer, because what it sent must be answered first. What arrives waits in the
    /// system, so that a peer that goes on sending is slowed down; one that resets the connection ends it.
    public var pausesReading = false

    /// Ends the connection once everything has left.
    public mutating func close() { closes = true }

    /// Breaks the connection off once everything has left: the peer sees a reset instead of an orderly end.
    public mutating func reset() {
        closes = true
        resets = true
    }

    /// Calls ``ConnectionHandler/expire(_:)`` after `limit` unless restarted before.
    public mutating func restartTimer(_ limit: Duration) { timer = .restart(limit) }

    /// Takes the time limit away.
    public mutating func stopTimer() { timer = .off }

    mutating func roomIsBack() { waitsForRoom = false }

    /// Whether nothing waits, neither octets nor marks.
    var isEmpty: Bool { left == buffer.count && marksPassed == marks.count }

    /// How many octets come before the next mark.
    var run: Int { (marksPassed < marks.count ? marks[marksPassed].place : buffer.count) - left }

    /// Takes the mark that is next, if no octet comes before it.
    mutating func takeMark() -> Mark? {
        guard marksPassed < marks.count, marks[marksPassed].place == left else { return nil }
        defer {
            marksPassed += 1
            if marksPassed == marks.count { forgetMarks() }
        }
        if case .secure = marks[marksPassed].mark { beginsTLS = false }
        return marks[marksPassed].mark
    }

    /// Forgets everything that was to leave.
    mutating func clear() {
        forgetMarks()
        left = 0
        buffer = []
        beginsTLS = false
    }

    /// Lets `send` take octets from the front, up to the next mark, until it takes none.
    mutating func drain(_ send: (UnsafeRawBufferPointer) -> Int) {
        let end = left + run
        while left < end {
            let taken = buffer.withUnsafeBytes { send(UnsafeRawBufferPointer(rebasing: $0[left..<end])) }
            if taken <= 0 { break }
            left += taken
        }
        guard marks.isEmpty else { return }
        if left == buffer.count {
            left = 0
            buffer.removeAll(keepingCapacity: buffer.capacity <= 64 * 1024)
        } else if left > 1 << 20 {
            buffer.removeFirst(left)
            left = 0
        }
    }

    private mutating func forgetMarks() {
        marks.removeAll(keepingCapacity: marks.capacity <= 64)
        marksPassed = 0
    }
}
