extension JobRecord {
    /// Why the job failed, without what differs from job to job: addresses, ids, and numbers of more than five digits
    /// stand as `…`. Failures with one cause have one text.
    public var cause: String? {
        let text = error ?? recipients.lazy.compactMap(\.error).first
        return text.map(JobRecord.cause)
    }

    private static func cause(_ text: String) -> String {
        text.split(separator: " ", omittingEmptySubsequences: true)
            .map { word in isParticular(word) ? "…" : String(word) }
            .joined(separator: " ")
    }

    /// Whether a word says which job it was, not what went wrong.
    private static func isParticular(_ word: Substring) -> Bool {
        if word.utf8.contains(UInt8(ascii: "@")) { return true }
        var digits = 0
        var run = 0
        for byte in word.utf8 {
            run = byte >= 0x30 && byte <= 0x39 ? run + 1 : 0
            if run > 5 { return true }
            if run > 0 { digits += 1 }
        }
        // Queue ids, such as 4XyZ12abCD or a job's own.
        return word.utf8.count >= 10 && digits >= 3 && word.utf8.allSatisfy(isIdentifying)
    }

    private static func isIdentifying(_ byte: UInt8) -> Bool {
        byte >= 0x30 && byte <= 0x39 || byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A || byte == UInt8(ascii: "-")
            || byte == UInt8(ascii: ".") || byte == UInt8(ascii: ":")
    }
}
