/// A lease that is under way.
package struct LeaseTerm: Sendable {
    package var token: UInt64
    package var worker: String
    package var expires: Duration

    package init(token: UInt64, worker: String, expires: Duration) {
        self.token = token
        self.worker = worker
        self.expires = expires
    }
}

/// The leases under way, by the slots of their jobs: an open table without allocations of its own for each lease, since
/// every job that is handed out, by any process, passes through it.
package final class LeaseTerms {
    private struct Place: BitwiseCopyable {
        /// The slot plus one; 0 where nothing stands.
        var mark: UInt32 = 0
        var worker: UInt32 = 0
        var token: UInt64 = 0
        var expires: Duration = .zero
    }

    /// Its length is a power of two.
    private let places = Column<Place>()
    private var used = 0
    /// Workers' names, by the number that places have of them.
    private var names: [String] = []
    private var numbers: [String: UInt32] = [:]
    private var last: (name: String, number: UInt32)?

    package init() { places.fill(Place(), count: 64) }

    package var count: Int { used }

    /// The token of a job's lease; `nil` where it has none.
    package func token(of slot: Slot) -> UInt64? { position(of: slot).map { places[$0].token } }

    package subscript(slot: Slot) -> LeaseTerm? { position(of: slot).map { term(places[$0]) } }

    /// When a job's lease of this token ends; `nil` where it has none.
    func expiry(of slot: Slot, _ token: UInt64) -> Duration? {
        guard let position = position(of: slot) else { return nil }
        let place = places[position]
        return place.token == token ? place.expires : nil
    }

    /// Every lease with its job's slot.
    package var all: [(slot: Slot, term: LeaseTerm)] {
        (0..<places.count).compactMap { position in
            let place = places[position]
            return place.mark == 0 ? nil : (place.mark - 1, term(place))
        }
    }

    func set(_ slot: Slot, token: UInt64, worker: String, expires: Duration) {
        let place = Place(mark: slot + 1, worker: number(of: worker), token: token, expires: expires)
        if let position = position(of: slot) {
            places[position] = place
            return
        }
        if (used + 1) * 2 > places.count { grow() }
        add(place)
        used += 1
    }

    func extend(_ slot: Slot, to expires: Duration) {
        if let position = position(of: slot) { places[position].expires = expires }
    }

    func remove(_ slot: Slot) {
        guard var hole = position(of: slot) else { return }
        used -= 1
        // What follows without a gap is looked for from its own home: it moves up where the hole would cut it off.
        let mask = places.count - 1
        var next = (hole + 1) & mask
        while places[next].mark != 0 {
            let home = home(places[next].mark - 1)
            if (next - home) & mask >= (next - hole) & mask {
                places[hole] = places[next]
                hole = next
            }
            next = (next + 1) & mask
        }
        places[hole] = Place()
    }

    /// Where a slot is looked for first. Jobs are handed out in about the order of their slots: sixteen in a row stand
    /// together, and these are spread, so that long rows do not run into each other.
    private func home(_ slot: Slot) -> Int {
        let spread = (UInt64(slot >> 4) &* 0x9E37_79B9_7F4A_7C15) >> 32
        return Int(spread << 4 | UInt64(slot & 15)) & (places.count - 1)
    }

    private func position(of slot: Slot) -> Int? {
        let mask = places.count - 1
        var position = home(slot)
        while true {
            let mark = places[position].mark
            if mark == slot + 1 { return position }
            if mark == 0 { return nil }
            position = (position + 1) & mask
        }
    }

    private func add(_ place: Place) {
        let mask = places.count - 1
        var position = home(place.mark - 1)
        while places[position].mark != 0 { position = (position + 1) & mask }
        places[position] = place
    }

    private func grow() {
        let kept = (0..<places.count).map { places[$0] }.filter { $0.mark != 0 }
        places.fill(Place(), count: places.count * 2)
        for place in kept { add(place) }
    }

    // MARK: Names

    private func term(_ place: Place) -> LeaseTerm {
        LeaseTerm(token: place.token, worker: names[Int(place.worker)], expires: place.expires)
    }

    private func number(of name: String) -> UInt32 {
        if let last, last.name == name { return last.number }
        if numbers[name] == nil {
            if names.count > 2 * used + 64 { forgetNames() }
            numbers[name] = UInt32(names.count)
            names.append(name)
        }
        let number = numbers[name]!
        last = (name, number)
        return number
    }

    /// Processes come and go, and each has names of its own: keeps those that hold something.
    private func forgetNames() {
        let earlier = names
        names = []
        numbers = [:]
        for position in 0..<places.count where places[position].mark != 0 {
            let name = earlier[Int(places[position].worker)]
            let number = numbers[name] ?? UInt32(names.count)
            if number == names.count {
                names.append(name)
                numbers[name] = number
            }
            places[position].worker = number
        }
    }
}
