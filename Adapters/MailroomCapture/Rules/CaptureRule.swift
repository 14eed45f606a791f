/// A way in which the capture server misbehaves, so that a client's failures can be rehearsed.
///
/// Conditions say when it applies, actions what is done; all conditions given must hold, and all actions given are done
/// together. The first rule that applies decides. A command that is wrong by itself, such as RCPT before MAIL, is
/// answered as ever and asks no rule.
///
///     var rule = CaptureRule(.rcpt)
///     rule.recipient = "*@full.example"
///     rule.reply = CaptureRule.Reply(452, "4.2.2 Mailbox full")
///     rule.limit = 2
///
/// The same as text, for flags and HTTP: `rcpt to=*@full.example reply='452 4.2.2 Mailbox full' limit=2`.
public struct CaptureRule: Sendable, Hashable {
    /// Where in the dialogue a rule applies.
    public enum Stage: String, Sendable, Hashable, CaseIterable {
        /// The connection is open, and the greeting is due.
        case connect
        /// EHLO or HELO.
        case helo
        /// STARTTLS.
        case starttls
        /// The answer to a whole exchange of AUTH.
        case auth
        /// MAIL.
        case mail
        /// RCPT.
        case rcpt
        /// DATA, whose usual answer is 354.
        case data
        /// The end of a mail: the answer to the final dot or to the last BDAT.
        case content
        /// Each BDAT, the last one too.
        case bdat
        /// RSET.
        case rset
        /// NOOP.
        case noop
        /// VRFY.
        case vrfy
        /// HELP.
        case help
        /// QUIT.
        case quit
        /// Everywhere.
        case any
    }

    /// When a connection ends without a word more.
    public enum HangUp: String, Sendable, Hashable, CaseIterable {
        /// In place of the reply; at ``Stage/content`` the client is left in doubt.
        case before
        /// After the reply; at ``Stage/starttls`` amid the handshake.
        case after
    }

    /// What becomes of a mail, against what the client is told.
    public enum Keeping: String, Sendable, Hashable, CaseIterable {
        /// It is forgotten, though the client was told that it was accepted.
        case drop
        /// It is kept, though the client was told that it was refused.
        case store
    }

    /// Where in the dialogue the rule applies.
    public var stage: Stage
    /// The envelope's sender, where `*` stands for any characters; letters in either case. Not met before MAIL.
    public var sender: String?
    /// At RCPT the recipient, afterwards any of the envelope's; a pattern like ``sender``. Not met before RCPT.
    public var recipient: String?
    /// What follows the at sign: at MAIL the sender's, at RCPT the recipient's, afterwards that of any of them; a pattern
    /// like ``sender``.
    public var domain: String?
    /// How many events that meet the conditions are let pass first.
    public var skipping = 0
    /// Of those that follow, only each so many is taken: 3 takes the first, the fourth, the seventh.
    public var every = 1
    /// After having applied so often the rule does no more.
    public var limit: Int?
    /// How probable it is that the rule applies, from 0 to 1; drawn last, from the book's seed.
    public var chance = 1.0

    /// What is answered in place of the usual reply. The command is obeyed only if the first digit is the usual one.
    /// 421 closes the connection.
    public var reply: Reply?
    /// How late the answer is. Nothing is read in the meantime.
    public var delay = Duration.zero
    /// The time after each octet of the answer, every one of which leaves by itself.
    public var dripInterval: Duration?
    /// Whether and when the connection ends.
    public var hangUp: HangUp?
    /// Whether the end is a reset (RST) instead of an orderly one.
    public var resets = false
    /// What becomes of the mail, at ``Stage/content``, ``Stage/bdat`` and ``Stage/any``. Unless given, it is kept if the reply accepts
    /// it, also where the connection ends before the reply.
    public var keeping: Keeping?
    /// Extensions that EHLO does not offer, and which are then not there, such as `STARTTLS`; `*` for all of them.
    public var hiddenExtensions: [String] = []

    /// A rule that does nothing yet: what meets its conditions is treated as usual, whatever the rules after it say.
    public init(_ stage: Stage) { self.stage = stage }
}
