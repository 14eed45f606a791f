/// One queue's line of jobs, and how many of its jobs are in each state.
package struct Lane {
    package let queue: QueueName
    /// By ``JobState``'s raw value.
    package internal(set) var counts = [Int](repeating: 0, count: JobState.allCases.count)
    /// How many of all jobs needed more than one attempt.
    package internal(set) var retried = 0
    var ready: Line
    var scheduled: Line

    package init(_ queue: QueueName) {
        self.queue = queue
        ready = Line()
        scheduled = Line()
    }

    /// A lane as it was stored, its jobs in line in order.
    package init(
        _ queue: QueueName, counts: [Int], retried: Int, ready: Column<Slot>, scheduled: Column<Slot>
    ) {
        self.queue = queue
        self.counts = counts
        self.retried = retried
        self.ready = Line(inOrder: ready)
        self.scheduled = Line(inOrder: scheduled)
    }

    subscript(state: JobState) -> Int {
        get { counts[Int(state.rawValue)] }
        set { counts[Int(state.rawValue)] = newValue }
    }
}

/// Jobs in line: those that a table was opened with, in order, and those that came since, in a heap.
struct Line {
    /// A place in line. It no longer stands when its job has moved on, which the sequence tells.
    struct Place: Comparable {
        var due: Int64
        var sequence: UInt64
        var slot: Slot

        /// What is due at one time stands in the order of its arrival, which is that of the slots.
        static func < (one: Place, other: Place) -> Bool { (one.due, one.slot) < (other.due, other.slot) }
    }

    private var heap = BinaryHeap<Place>()
    private let inOrder: Column<Slot>?
    private var next = 0

    init(inOrder: Column<Slot>? = nil) { self.inOrder = inOrder }

    mutating func push(_ place: Place) { heap.push(place) }

    /// The first place that stands, whether it is in the heap or in the sorted part.
    mutating func first(in entries: Column<JobEntry>, stands: (Place) -> Bool) -> Place? {
        while let top = heap.top, !stands(top) { _ = heap.pop() }
        var sorted: Place?
        if let inOrder {
            while next < inOrder.count {
                let slot = inOrder[next]
                let entry = entries[Int(slot)]
                let place = Place(due: entry.time, sequence: entry.sequence, slot: slot)
                if entry.flags.contains(.isInOrder), stands(place) {
                    sorted = place
                    break
                }
                next += 1
            }
        }
        guard let top = heap.top else { return sorted }
        guard let sorted else { return top }
        return min(top, sorted)
    }

    /// Takes out what `first` answered.
    mutating func drop(_ place: Place) {
        if let top = heap.top, top == place { _ = heap.pop() } else { next += 1 }
    }

    /// A process that never leases takes nothing out of line: drops the places of jobs that have moved on.
    mutating func compact(live: Int, stands: (Place) -> Bool) { heap.compact(live: live, standing: stands) }
}
