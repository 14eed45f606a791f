/// A server's connection seen from outside its thread: to be written to or closed by anyone at any time.
public final class ServerConnection: Sendable {
    /// The peer's numeric address and port.
    public let remoteAddress: String
    let id: UInt64
    private let mailbox: ServerMailbox

    init(id: UInt64, remoteAddress: String, mailbox: ServerMailbox) {
        self.id = id
        self.remoteAddress = remoteAddress
        self.mailbox = mailbox
    }

    /// Adds octets to what leaves; in order when sent by one thread. A peer so slow that more waits than
    /// ``SocketServer/Configuration/maximumPendingOutput`` is dropped. Without effect once the connection is gone.
    public func send(_ bytes: [UInt8]) { mailbox.post(.send(id, bytes)) }

    /// Has the server's thread call ``ConnectionHandler/receive(_:_:)`` without octets.
    public func wake() { mailbox.post(.wake(id)) }

    /// Closes the connection once what was sent before has left.
    public func close() { mailbox.post(.close(id)) }
}
