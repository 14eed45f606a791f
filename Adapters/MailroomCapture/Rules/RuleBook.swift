import Synchronization

/// How the server misbehaves. Any thread may ask and change it.
final class RuleBook: Sendable {
    private struct State {
        var jim: Jim?
    }

    private let state = Mutex(State())

    /// MailHog's monkey; nil while it is not invited.
    var jim: Jim? {
        get { state.withLock { $0.jim } }
        set { state.withLock { $0.jim = newValue } }
    }
}
