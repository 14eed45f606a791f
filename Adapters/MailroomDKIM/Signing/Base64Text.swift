import MailroomMIME

/// Base64 on one line (RFC 4648 §4).
func base64(_ bytes: [UInt8]) -> String {
    var lines: [UInt8] = []
    bytes.withUnsafeBufferPointer { Base64.encode($0, into: &lines) }
    return String(decoding: lines.filter { $0 > 32 }, as: UTF8.self)
}
