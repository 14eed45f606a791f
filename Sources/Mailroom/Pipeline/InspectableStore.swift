/// A broker whose store can be looked through and mended by somebody who takes no part in it.
package protocol InspectableStore: Broker {
    /// Looks at every byte of the store and changes nothing. May be called while others use it.
    ///
    /// Throws ``BrokerError/Code/noStore`` where there is none, ``BrokerError/Code/unsupported`` where another version
    /// wrote it. `progress` is told the bytes read and the bytes there are.
    func inspectStore(
        _ progress: @escaping @Sendable (_ done: Int, _ total: Int) -> Void
    ) async throws(BrokerError) -> StoreInspection

    /// Mends what an inspection finds, if `isAgreed` says so after having seen it; nobody else can use the store
    /// meanwhile. A repair that ends early in any way can be run again.
    ///
    /// Throws ``BrokerError/Code/unavailable`` while the store is in use. Answers `nil` where nothing was done.
    func repairStore(
        onlyLooking: Bool, _ progress: @escaping @Sendable (_ done: Int, _ total: Int) -> Void,
        isAgreed: @escaping @Sendable (StoreInspection) async -> Bool
    ) async throws(BrokerError) -> StoreRepair?
}

/// What an inspection looked at and found.
package struct StoreInspection: Sendable {
    /// Where the store is.
    package var place: String
    /// What was looked at, by names for programs such as `records`, in an order for people.
    package var measures: [(name: String, count: Int)] = []
    package var jobs: [JobState: Int] = [:]
    package var problems: [StoreProblem] = []
    /// What is worth knowing and no problem.
    package var notes: [String] = []

    package init(place: String) { self.place = place }
}

/// One thing that is wrong with a store.
package struct StoreProblem: Sendable {
    /// Whether something is lost that was acknowledged.
    package enum Loss: String, Sendable {
        case none, perhaps, certain
    }

    package var file: String
    package var offset: Int?
    package var length: Int?
    /// What is wrong and what that means.
    package var meaning: String
    package var loss: Loss
    /// The jobs that it touches, as far as they can be named.
    package var jobs: [JobID]
    /// What to do.
    package var remedy: String

    package init(
        _ file: String, offset: Int? = nil, length: Int? = nil, _ meaning: String, loss: Loss = .none,
        jobs: [JobID] = [], remedy: String
    ) {
        self.file = file
        self.offset = offset
        self.length = length
        self.meaning = meaning
        self.loss = loss
        self.jobs = jobs
        self.remedy = remedy
    }
}

/// What a repair did.
package struct StoreRepair: Sendable {
    /// Each a sentence.
    package var deeds: [String] = []
    /// The jobs that were touched, with what became of each.
    package var jobs: [(id: JobID, outcome: String)] = []

    package init() {}
}

extension BrokerError.Code {
    /// There is no store where one was said to be.
    package static let noStore = BrokerError.Code(rawValue: "noStore")
}
