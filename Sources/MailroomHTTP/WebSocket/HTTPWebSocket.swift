/// An answer that turns the connection into a WebSocket (RFC 6455): its limits, and who uses it.
public struct HTTPWebSocket: Sendable {
    /// Octets of a message from the client; a longer one ends the connection with code 1009.
    public var maximumMessageBytes = 1 << 20
    /// A client for which more octets wait than this when there is another message is given up.
    public var maximumPendingBytes = 8 << 20
    /// How often the client is asked whether it is still there.
    /// One that takes what is sent, but slowly, is not asked meanwhile.
    public var pingInterval = Duration.seconds(54)
    /// A client from which no pong came for so long is given up; longer than ``pingInterval``.
    public var pongWait = Duration.seconds(60)
    /// How long the client's answer to a close is awaited.
    public var closeWait = Duration.seconds(5)
    /// Called on the server's thread for each message of the client; so brief.
    public var onMessage: @Sendable (HTTPWebSocketStream, HTTPWebSocketStream.Message) -> Void
    /// Called on the server's thread once the connection is open: keep the stream and send to it.
    public var begin: @Sendable (HTTPWebSocketStream) -> Void

    /// A WebSocket that `begin` takes into use. What the client says is overlooked unless `onMessage` is given.
    public init(
        onMessage: @escaping @Sendable (HTTPWebSocketStream, HTTPWebSocketStream.Message) -> Void = { _, _ in },
        begin: @escaping @Sendable (HTTPWebSocketStream) -> Void
    ) {
        self.onMessage = onMessage
        self.begin = begin
    }
}
