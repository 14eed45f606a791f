/// MailHog's monkey: how often a client is treated badly, as chances from 0 to 1.
package struct Jim: Sendable, Equatable {
    /// That the connection is closed at any one read.
    package var disconnectChance: Double
    /// That a connection is taken at all.
    package var acceptChance: Double
    /// Kept for the API, and not acted upon: the speed of a link is not imitated.
    package var linkSpeedAffect: Double
    /// Octets a second; kept, not acted upon.
    package var linkSpeedMin: Double
    /// Octets a second; kept, not acted upon.
    package var linkSpeedMax: Double
    /// That MAIL is refused.
    package var rejectSenderChance: Double
    /// That RCPT is refused.
    package var rejectRecipientChance: Double
    /// That AUTH is refused.
    package var rejectAuthChance: Double

    /// MailHog's own.
    package static let defaults = Jim(
        disconnectChance: 0.005, acceptChance: 0.99, linkSpeedAffect: 0.1, linkSpeedMin: 1024, linkSpeedMax: 10240,
        rejectSenderChance: 0.05, rejectRecipientChance: 0.05, rejectAuthChance: 0.05)
}

extension Jim {
    /// What Jim does about an event, where a chance says so.
    func decision(for event: RuleEvent, _ draw: (Double) -> Bool) -> CaptureRule? {
        var rule = CaptureRule(event.stage)
        switch event.stage {
        case .connect:
            guard !draw(acceptChance) else { return nil }
            rule.hangUp = .before
        case .mail:
            guard draw(rejectSenderChance) else { return nil }
            rule.reply = CaptureRule.Reply(550, "Invalid sender \(event.sender ?? "")")
        case .rcpt:
            guard draw(rejectRecipientChance) else { return nil }
            rule.reply = CaptureRule.Reply(550, "Invalid recipient \(event.recipients.last ?? "")")
        case .auth:
            guard draw(rejectAuthChance) else { return nil }
            rule.reply = CaptureRule.Reply(500, "Unrecognised command")
        default: return nil
        }
        return rule
    }
}
