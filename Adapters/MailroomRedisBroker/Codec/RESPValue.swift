/// A reply of a server, as RESP2 has them.
enum RESPValue: Hashable, Sendable {
    /// A short text, such as `OK`.
    case text(String)
    /// An error reply: its first word says which.
    case error(String)
    case integer(Int64)
    case bytes([UInt8])
    case array([RESPValue])
    case null
}

extension RESPValue {
    var integer: Int64? { if case .integer(let value) = self { value } else { nil } }

    var bytes: [UInt8]? { if case .bytes(let value) = self { value } else { nil } }

    var array: [RESPValue]? { if case .array(let value) = self { value } else { nil } }

    /// Text, whichever way it was sent.
    var string: String? {
        switch self {
        case .text(let text): text
        case .bytes(let bytes): String(decoding: bytes, as: UTF8.self)
        default: nil
        }
    }

    /// A number, whichever way it was sent.
    var number: Int64? { integer ?? string.flatMap { Int64($0) ?? Double($0).map { Int64($0) } } }
}
