/// The ids of captured mails: 32 random octets in URL-safe base64, an at sign, the host's name; MailHog's form.
enum MessageID {
    static func random(hostname: String) -> String {
        var generator = SystemRandomNumberGenerator()
        var bytes: [UInt8] = []
        bytes.reserveCapacity(32)
        for _ in 0..<4 { withUnsafeBytes(of: generator.next()) { bytes.append(contentsOf: $0) } }
        let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(45 + hostname.utf8.count)
        var pool: UInt32 = 0
        var bits = 0
        for byte in bytes {
            pool = pool << 8 | UInt32(byte)
            bits += 8
            while bits >= 6 {
                bits -= 6
                text.append(digits[Int(pool >> UInt32(bits)) & 63])
            }
        }
        text.append(digits[Int(pool << UInt32(6 - bits)) & 63])
        text.append(UInt8(ascii: "="))
        text.append(UInt8(ascii: "@"))
        text.append(contentsOf: hostname.utf8)
        return String(decoding: text, as: UTF8.self)
    }
}
