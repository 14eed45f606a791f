/// What a test looks for in an inbox, and how what is there compares.
struct MailSearch: Sendable {
    /// Where in a test it was asked.
    struct Place: Sendable {
        let file: StaticString
        let line: UInt
    }

    /// How what was found is not what was expected.
    enum Verdict {
        case missing
        case miscounted(wanted: Int, orMore: Bool = false)
        case unwanted
        case cancelled
    }

    private struct Candidate {
        let mail: CapturedMail
        let mismatches: [MailMatch.Mismatch]
        /// How far it is from all conditions. What was asked first weighs most.
        let distance: Double

        init(_ mail: CapturedMail, _ matches: [MailMatch]) {
            let failed = matches.enumerated().map { ($0.offset, $0.element.mismatch(mail)) }
            self.mail = mail
            mismatches = failed.compactMap(\.1)
            distance = failed.map { ($0.1?.distance ?? 0) / Double($0.0 + 2) }.reduce(0, +)
        }

        var isNear: Bool { mismatches.contains { $0.distance <= 0.5 } }
        var rank: (Int, Double, Int) { (mismatches.count, distance, -mail.number) }
    }

    /// How many mails are examined for the nearest, the last ones: reading thousands would keep a failing test waiting.
    private static let examined = 200

    let matches: [MailMatch]
    let place: Place

    func holds(for mail: CapturedMail) -> Bool { matches.allSatisfy { $0.holds(for: mail) } }

    /// The failure that these mails are. Those found among them are told, not looked for: what was found a moment ago may
    /// have been answered since, and not match any more.
    func failure(
        _ verdict: Verdict, found: [CapturedMail], in mails: [CapturedMail], within limit: Duration? = nil
    ) -> CaptureFailure {
        let time = limit.map { " within \($0.words)" } ?? ""
        var (text, nearest): (String, CapturedMail?) = ("", nil)
        var (isCancellation, isTooMany) = (false, false)
        switch verdict {
        case .missing: text = "No \(named("mail")) was sent\(time)."
        case .miscounted(let wanted, let orMore):
            text = "\(counted(found.count)) sent\(time), not \(orMore ? "at least " : "")\(wanted)."
            isTooMany = found.count > wanted
        case .unwanted:
            text = "\(counted(found.count)) sent\(time); none should have been."
            isTooMany = true
        case .cancelled:
            text = "The wait for \(named("mail")) was cancelled."
            isCancellation = true
        }
        var marked = Set(found.map(\.number))
        if !isTooMany, let best = candidate(among: mails) {
            nearest = best.mail
            if marked.isEmpty { marked = [best.mail.number] }
            let range = mails.count > Self.examined ? " of the last \(Self.examined)" : ""
            text +=
                " The nearest\(range) is #\(best.mail.number): \(best.mismatches.map(\.words).joined(separator: "; "))."
        }
        text += "\n" + list(mails, marking: marked) + "\nExpected at \(place.file):\(place.line)."
        return CaptureFailure(description: text, nearest: nearest, isCancellation: isCancellation)
    }

    /// Of the last mails that fail a condition the one that fails least, if that is near at all.
    private func candidate(among mails: [CapturedMail]) -> Candidate? {
        let candidates = mails.suffix(Self.examined).map { Candidate($0, matches) }
        let best = candidates.filter { !$0.mismatches.isEmpty }.min { $0.rank < $1.rank }
        guard let best, best.mismatches.count < matches.count || best.isNear else { return nil }
        return best
    }

    private func list(_ mails: [CapturedMail], marking marked: Set<Int>) -> String {
        guard !mails.isEmpty else {
            return "Nothing was sent at all. A mail is captured when a worker delivers it, not when it is submitted."
        }
        let isMarked = { (mail: CapturedMail) in marked.contains(mail.number) && !matches.isEmpty }
        // The marked ones first, then the last of the others, but in the order of the inbox.
        let chosen = mails.filter(isMarked).prefix(12)
        let others = mails.filter { !isMarked($0) }.suffix(12 - chosen.count)
        let shown = (chosen + others).sorted { $0.number < $1.number }
        let part = shown.count < mails.count ? ", of which \(shown.count) are shown" : ""
        let title = mails.count == 1 ? "1 mail was sent:" : "\(mails.count) mails were sent\(part):"
        return ([title] + shown.map { "\(isMarked($0) ? "> " : "  ")\($0)" }).joined(separator: "\n")
    }

    /// `mail to anna@example.org with subject "Hello"`.
    private func named(_ noun: String) -> String { ([noun] + matches.map(\.description)).joined(separator: " ") }

    private func counted(_ count: Int) -> String {
        switch count {
        case 0: "No \(named("mail")) was"
        case 1: "1 \(named("mail")) was"
        default: "\(count) \(named("mails")) were"
        }
    }
}
