#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What must never be shown although a server may repeat it at any time, and not only while one logs in.
struct SMTPSecrets {
    /// The longest first: one may be a part of another.
    private let secrets: [[UInt8]]

    init(_ secrets: [String] = []) {
        self.secrets = secrets.filter { !$0.isEmpty }.map { Array($0.utf8) }.sorted { $0.count > $1.count }
    }

    /// The words with asterisks in place of secrets; `nil` where they hold none.
    func masking(_ words: ArraySlice<UInt8>) -> [UInt8]? {
        var masked: [UInt8]?
        for secret in secrets {
            var rest = masked?[...] ?? words
            guard var found = Self.find(secret, in: rest) else { continue }
            var clean: [UInt8] = []
            while true {
                clean += rest[..<found]
                clean += [42, 42, 42]
                rest = rest[(found + secret.count)...]
                guard let next = Self.find(secret, in: rest) else { break }
                found = next
            }
            masked = clean + rest
        }
        return masked
    }

    private static func find(_ secret: [UInt8], in words: ArraySlice<UInt8>) -> Int? {
        words.withUnsafeBytes { all -> Int? in
            guard let begin = all.baseAddress else { return nil }
            var at = 0
            while all.count - at >= secret.count,
                let found = memchr(begin + at, Int32(secret[0]), all.count - at - secret.count + 1)
            {
                if memcmp(found, secret, secret.count) == 0 { return begin.distance(to: UnsafeRawPointer(found)) }
                at = begin.distance(to: UnsafeRawPointer(found)) + 1
            }
            return nil
        }.map { words.startIndex + $0 }
    }
}
