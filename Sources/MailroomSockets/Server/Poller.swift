#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What to wait for on a descriptor.
struct PollInterest: OptionSet, Equatable {
    let rawValue: UInt8
    static let reading = PollInterest(rawValue: 1)
    static let writing = PollInterest(rawValue: 2)
    /// Reported without being asked for.
    static let broken = PollInterest(rawValue: 4)
}

/// A descriptor that is ready; an error or a hang-up counts as all three.
struct PollEvent {
    let token: UInt64
    let ready: PollInterest
}

/// Waits on many descriptors at once; belongs to one thread.
protocol Poller: AnyObject {
    /// Begins to watch a descriptor, with no interest if empty.
    func add(_ descriptor: Int32, token: UInt64, interest: PollInterest)
    func change(_ descriptor: Int32, token: UInt64, interest: PollInterest)
    /// To be called before the descriptor is closed.
    func remove(_ descriptor: Int32)
    /// Waits at most so many milliseconds, -1 without end, and fills in what is ready.
    /// - Returns: whether that is all; where it is not, the next calls tell of the others first.
    @discardableResult
    func wait(milliseconds: Int32, into events: inout [PollEvent]) -> Bool
}

/// The best poller there is: epoll on Linux, poll elsewhere.
func makePoller() -> any Poller {
    #if os(Linux)
        if let poller = EpollPoller() { return poller }
    #endif
    return PollPoller()
}

/// poll(2), whose cost grows with the number of descriptors.
final class PollPoller: Poller {
    private var entries: [pollfd] = []
    private var tokens: [UInt64] = []
    private var places: [Int32: Int] = [:]

    func add(_ descriptor: Int32, token: UInt64, interest: PollInterest) {
        places[descriptor] = entries.count
        entries.append(pollfd(fd: descriptor, events: Self.events(interest), revents: 0))
        tokens.append(token)
    }

    func change(_ descriptor: Int32, token: UInt64, interest: PollInterest) {
        guard let place = places[descriptor] else { return }
        entries[place].events = Self.events(interest)
    }

    func remove(_ descriptor: Int32) {
        guard let place = places.removeValue(forKey: descriptor) else { return }
        let last = entries.count - 1
        if place != last {
            entries[place] = entries[last]
            tokens[place] = tokens[last]
            places[entries[place].fd] = place
        }
        entries.removeLast()
        tokens.removeLast()
    }

    func wait(milliseconds: Int32, into events: inout [PollEvent]) -> Bool {
        events.removeAll(keepingCapacity: true)
        let count = poll(&entries, nfds_t(entries.count), milliseconds)
        guard count > 0 else { return count == 0 }
        for (entry, token) in zip(entries, tokens) where entry.revents != 0 {
            var ready: PollInterest = []
            let broken = entry.revents & Int16(POLLERR | POLLHUP | POLLNVAL) != 0
            if broken { ready.insert(.broken) }
            if broken || entry.revents & Int16(POLLIN) != 0 { ready.insert(.reading) }
            if broken || entry.revents & Int16(POLLOUT) != 0 { ready.insert(.writing) }
            events.append(PollEvent(token: token, ready: ready))
        }
        return true
    }

    private static func events(_ interest: PollInterest) -> Int16 {
        (interest.contains(.reading) ? Int16(POLLIN) : 0) | (interest.contains(.writing) ? Int16(POLLOUT) : 0)
    }
}
