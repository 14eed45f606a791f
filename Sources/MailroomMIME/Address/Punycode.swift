/// Domain labels in ASCII (RFC 3492 with the parameters of its §5).
enum Punycode {
    /// The label as an A-label; `nil` on overflow.
    static func asciiLabel(_ label: some StringProtocol) -> String? {
        if label.utf8.allSatisfy({ $0 < 128 }) { return ASCII.lowercased(String(label)) }
        guard let encoded = encode(composed(label.lowercased()).unicodeScalars.map(\.value)) else { return nil }
        return "xn--" + encoded
    }

    /// Each label as an A-label; `nil` where one cannot be.
    static func asciiDomain(_ domain: String) -> String? {
        if domain.utf8.allSatisfy({ $0 < 128 }) { return domain }
        var result = ""
        for label in domain.split(separator: ".", omittingEmptySubsequences: false) {
            guard let ascii = asciiLabel(label) else { return nil }
            if !result.isEmpty { result += "." }
            result += ascii
        }
        return result
    }

    private static func encode(_ scalars: [UInt32]) -> String? {
        var output = scalars.filter { $0 < 128 }.map { UInt8($0) }
        let basicCount = output.count
        var written = basicCount
        if basicCount > 0 { output.append(UInt8(ascii: "-")) }
        var n: UInt32 = 128
        var delta: UInt32 = 0
        var bias: UInt32 = 72
        while written < scalars.count {
            guard let next = scalars.lazy.filter({ $0 >= n }).min() else { return nil }
            let (step, overflow) = (next - n).multipliedReportingOverflow(by: UInt32(written + 1))
            guard !overflow, delta <= .max - step else { return nil }
            delta += step
            n = next
            for scalar in scalars {
                if scalar < n { delta += 1 }
                guard scalar == n else { continue }
                var q = delta
                var k: UInt32 = 36
                while true {
                    let threshold = k <= bias ? 1 : (k >= bias + 26 ? 26 : k - bias)
                    if q < threshold { break }
                    output.append(digit(threshold + (q - threshold) % (36 - threshold)))
                    q = (q - threshold) / (36 - threshold)
                    k += 36
                }
                output.append(digit(q))
                bias = adapted(delta, count: UInt32(written + 1), first: written == basicCount)
                delta = 0
                written += 1
            }
            delta += 1
            n += 1
        }
        return String(decoding: output, as: UTF8.self)
    }

    private static func digit(_ value: UInt32) -> UInt8 { UInt8(value < 26 ? value + 97 : value + 22) }

    private static func adapted(_ delta: UInt32, count: UInt32, first: Bool) -> UInt32 {
        var delta = first ? delta / 700 : delta / 2
        delta += delta / count
        var k: UInt32 = 0
        while delta > 455 {
            delta /= 35
            k += 36
        }
        return k + 36 * delta / (delta + 38)
    }

    /// Letters with a mark typed apart become the one precomposed letter, as RFC 5891 §4.2.1 asks (NFC).
    private static func composed(_ label: String) -> String {
        guard label.contains(where: { $0.unicodeScalars.count > 1 }) else { return label }
        return String(
            label.map { character in
                guard character.unicodeScalars.count > 1, let at = precomposed.firstIndex(of: character) else {
                    return character
                }
                return precomposed[at]
            })
    }

    // Characters compare by canonical equivalence, so a set of single scalars finds the composed form.
    private static let precomposed: Set<Character> = {
        var set: Set<Character> = []
        for range: ClosedRange<UInt32> in [
            0xC0...0x24F, 0x370...0x4FF, 0x1E00...0x1FFF, 0x3040...0x30FF, 0xAC00...0xD7A3,
        ] {
            for value in range { if let scalar = Unicode.Scalar(value) { set.insert(Character(scalar)) } }
        }
        return set
    }()
}
