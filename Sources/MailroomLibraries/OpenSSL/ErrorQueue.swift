/// One entry of the calling thread's error queue.
struct OpenSSLError {
    let library: Int
    let reason: Int
    /// OpenSSL's words for the reason, without file names or other particulars.
    let text: String
}

extension CryptoFunctions {
    /// Empties the calling thread's error queue, the oldest entry first. What OpenSSL attaches to entries is left out,
    /// since it may quote input.
    func takeErrors() -> [OpenSSLError] {
        var errors: [OpenSSLError] = []
        while true {
            let code = takeError()
            guard code != 0 else { return errors }
            let isSystem = code & 0x8000_0000 != 0
            let text = isSystem ? nil : reasonText(code).map { String(cString: $0) }
            errors.append(
                OpenSSLError(
                    library: isSystem ? 2 : Int(code >> 23 & 0xFF), reason: Int(code & 0x7F_FFFF),
                    text: text ?? "reason \(code & 0x7F_FFFF)"))
        }
    }

    /// OpenSSL's words for what failed last, and an empty queue.
    func takeErrorText() -> String { takeErrors().last?.text ?? "unknown reason" }
}
