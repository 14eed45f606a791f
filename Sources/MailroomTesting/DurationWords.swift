extension Duration {
    /// As a person says it, to the last digit: `5 s`, `1.5 s`, `20 ms`.
    var words: String {
        let (seconds, fraction) = (components.seconds.magnitude, components.attoseconds.magnitude)
        let sign = self < .zero ? "-" : ""
        if fraction == 0 { return "\(sign)\(seconds) s" }
        let (milliseconds, rest) = fraction.quotientAndRemainder(dividingBy: 1_000_000_000_000_000)
        if seconds == 0, rest == 0 { return "\(sign)\(milliseconds) ms" }
        var digits = String(repeating: "0", count: 18 - String(fraction).count) + String(fraction)
        while digits.last == "0" { digits.removeLast() }
        return "\(sign)\(seconds).\(digits) s"
    }
}
