/// A condition that a captured mail meets, or fails for a reason that can be said.
///
/// Several are given side by side, and a mail must meet all of them. When none does, their reasons tell which mail was
/// the nearest, and what about it was not as expected: put first what matters most.
public struct MailMatch: Sendable, CustomStringConvertible {
    /// Why a mail does not match.
    struct Mismatch: Sendable {
        /// What is so instead, as in `its subject is "Hello"`.
        var words: String
        /// How far from a match: 0 for almost, 1 for not at all.
        var distance = 1.0
    }

    /// The condition as it stands behind “a mail”: `to anna@example.org`.
    public let description: String
    let mismatch: @Sendable (CapturedMail) -> Mismatch?

    init(_ description: String, _ mismatch: @escaping @Sendable (CapturedMail) -> Mismatch?) {
        self.description = description
        self.mismatch = mismatch
    }

    /// A condition of one's own. Its description stands behind “a mail” in a failure's text: `that has two pages`.
    public static func satisfying(
        _ description: String, _ isSatisfied: @escaping @Sendable (CapturedMail) -> Bool
    ) -> MailMatch {
        MailMatch(description) { isSatisfied($0) ? nil : Mismatch(words: "it is none \(description)") }
    }

    /// Whether a mail meets the condition.
    public func holds(for mail: CapturedMail) -> Bool { mismatch(mail) == nil }
}
