public import Mailroom

/// Something that goes wrong with a captured mail, because a test wants it.
///
/// ```swift
/// let capture = CaptureTransport(
///     .refusing(.domain("example.net")),
///     .failing().onAttempts(...2),
///     .losingReply().on(.subject("Invoice")))
/// ```
///
/// Without a condition a fault concerns every mail; with several, those that meet all of them. Faults are applied in
/// their order: each changes the report that is there so far, throws instead of it, or waits.
public struct CaptureFault: Sendable {
    enum Deed: Sendable {
        case refuse(Recipients, RecipientOutcome.Status, Reply?, Duration?)
        case loseReply(Recipients)
        case fail(TransportError)
        case stall
    }

    let deed: Deed
    private var conditions: [@Sendable (CapturedMail) -> Bool] = []

    private init(_ deed: Deed) { self.deed = deed }

    func concerns(_ mail: CapturedMail) -> Bool { conditions.allSatisfy { $0(mail) } }

    /// Refuses recipients, for good unless it is for now; the others fare as before. The next hop replies with a 550 or a
    /// 451 unless told otherwise, and may ask to be left alone for a while.
    public static func refusing(
        _ recipients: Recipients = .everyone, forNow: Bool = false, reply: Reply? = nil, retryAfter: Duration? = nil
    ) -> CaptureFault {
        CaptureFault(.refuse(recipients, forNow ? .refusedForNow : .refused, reply, retryAfter))
    }

    /// Reaches nobody: throws a `TransportError`, for now unless it is for good. The mail is in the inbox all the same.
    public static func failing(
        _ code: TransportError.Code = .connectionFailed, forGood: Bool = false, reply: Reply? = nil,
        retryAfter: Duration? = nil
    ) -> CaptureFault {
        CaptureFault(
            .fail(
                TransportError(
                    code, "The test wants \(code.rawValue)", isTransient: !forGood, reply: reply,
                    retryAfter: retryAfter)))
    }

    /// Takes the mail and loses the answer: the outcome is unknown.
    public static func losingReply(for recipients: Recipients = .everyone) -> CaptureFault {
        CaptureFault(.loseReply(recipients))
    }

    /// Says nothing until ``CaptureTransport/release()``, and goes on then. Cancellation and the mail's deadline, which
    /// is real time, end it, too: by throwing, or, behind ``losingReply(for:)``, with the outcome unknown.
    public static var stalling: CaptureFault { CaptureFault(.stall) }

    /// Only on these attempts at a job, counted from 1: `.failing().onAttempts(...2)` works at the third.
    public func onAttempts(_ attempts: some RangeExpression<Int> & Sendable) -> CaptureFault {
        with { attempts.contains($0.attempt) }
    }

    /// Only on these mails of the inbox, counted from 1 in the order of their capture.
    public func onMails(_ numbers: some RangeExpression<Int> & Sendable) -> CaptureFault {
        with { numbers.contains($0.number) }
    }

    /// Only on mails that match all of these.
    public func on(_ matches: MailMatch...) -> CaptureFault {
        with { mail in matches.allSatisfy { $0.holds(for: mail) } }
    }

    /// Only on a share of the mails, from 0 to 1, which the seed chooses: the same numbers of the inbox each time.
    public func byChance(_ share: Double, seed: UInt64) -> CaptureFault {
        with { mail in
            let draw = SeededRandom(seed: seed &+ UInt64(mail.number) &* 0x9E37_79B9_7F4A_7C15).next()
            return Double(draw >> 11) * 0x1p-53 < share
        }
    }

    private func with(_ condition: @escaping @Sendable (CapturedMail) -> Bool) -> CaptureFault {
        var copy = self
        copy.conditions.append(condition)
        return copy
    }
}
