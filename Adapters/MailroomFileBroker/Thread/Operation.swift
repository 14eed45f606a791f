import Mailroom

/// What a call asks of the commit thread.
struct Operation: Sendable {
    /// Answers the call once its group is written and on the disk, or could not be.
    typealias Completion = (BrokerError?) -> Void

    /// The most bytes that the call may add to the log.
    let room: Int
    /// Whether it brings new jobs in: these are refused first when the disk fills up, so that what is in hand can
    /// still be settled.
    let isIntake: Bool
    /// Decides, with the lock held and everything read, and adds to the group.
    let perform: @Sendable (FileQueue) -> Completion
    /// For a call that only brings new jobs in: adds them to a queue that was not read. `nil` where it must be read.
    var append: (@Sendable (UnreadQueue) -> Completion?)?
    /// Answers the call without having done anything.
    let refuse: @Sendable (BrokerError) -> Void
}
