/// How a clause of the transport contract wants the next hop to behave.
///
/// A bench answers `nil` for what its kind of next hop cannot do: switch with a `default`, for there may be more.
public enum NextHopBehaviour: Hashable, Sendable {
    /// Takes every mail.
    case accepts
    /// Takes mail for everyone but these.
    case refuses(forNow: [String] = [], forGood: [String] = [])
    /// Takes no mail, and says so.
    case refusesMail(forGood: Bool)
    /// Is not there: nobody listens, there is no such program or folder.
    case isUnreachable
    /// Lets itself be reached and says nothing at all.
    case neverAnswers
    /// Takes the whole mail and does not say so.
    case takesAndNeverAnswers
    /// Takes the whole mail and breaks off before it says so.
    case takesAndHangsUp
}
