/// Why a TLS session did not come about or broke off.
public struct TLSError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind of failure. More kinds may be added; treat one you do not know as ``failed``.
    public struct Code: Hashable, Sendable, RawRepresentable {
        /// The kind's name, stable across releases.
        public let rawValue: String

        /// A kind of your own needs a name of its own.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// A certificate was not accepted: the peer's by this side, or this side's by the peer.
        public static let certificateRefused = Code(rawValue: "certificateRefused")
        /// Anything else: the peer speaks no TLS or none in common, or what came is no proper TLS.
        public static let failed = Code(rawValue: "failed")
    }

    /// The kind of failure.
    public let code: Code
    /// What went wrong and what to do about it; never holds key material.
    public let description: String

    /// An error from its parts.
    public init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
