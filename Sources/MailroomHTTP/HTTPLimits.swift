/// How much a request may bring before it is refused.
public struct HTTPLimits: Sendable {
    /// Octets of request line and header fields (431 beyond, or 414 where the line alone is longer).
    public var headerBytes = 32 * 1024
    /// Header fields (431 beyond).
    public var fieldCount = 100
    /// Octets of the body (413 beyond).
    public var bodyBytes = 1 << 20
    /// How long a request may take to arrive (408 beyond).
    public var requestTime = Duration.seconds(30)
    /// How long a connection is kept between requests.
    public var idleTime = Duration.seconds(75)

    /// The usual limits.
    public init() {}
}

/// A request that cannot be answered as it stands; the connection closes after the answer.
struct HTTPFailure: Error, Equatable {
    let status: Int
    let text: String

    init(_ status: Int, _ text: String) {
        self.status = status
        self.text = text
    }
}
