import Synchronization

/// What other threads want of a server's thread, and the means to wake it.
final class ServerMailbox: Sendable {
    enum Request: Sendable {
        case send(UInt64, [UInt8])
        case wake(UInt64)
        case close(UInt64)
        case stop(grace: Duration)
    }

    private struct Contents {
        var requests: [Request] = []
        var isClosed = false
    }

    /// Readable when requests wait.
    let waker: Int32
    private let knocker: Int32
    private let contents = Mutex(Contents())

    init() throws(SocketError) { (waker, knocker) = try openPipe() }

    deinit {
        _ = systemClose(waker)
        _ = systemClose(knocker)
    }

    func post(_ request: Request) {
        let wakes = contents.withLock { contents in
            if contents.isClosed { return false }
            contents.requests.append(request)
            return contents.requests.count == 1
        }
        var byte: UInt8 = 1
        if wakes { _ = systemWrite(knocker, &byte, 1) }
    }

    /// Takes all requests; for the server's thread.
    func take() -> [Request] {
        withUnsafeTemporaryAllocation(byteCount: 64, alignment: 1) { buffer in
            while systemRead(waker, buffer) == buffer.count {}
        }
        return contents.withLock { contents in
            defer { contents.requests = [] }
            return contents.requests
        }
    }

    /// Drops what waits and all that comes.
    func close() {
        contents.withLock { contents in
            contents.isClosed = true
            contents.requests = []
        }
    }
}
