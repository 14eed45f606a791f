import Mailroom
import Synchronization

extension CaptureTransport {
    /// The first mail that meets all of these conditions: at once where it is there, or as soon as it comes.
    ///
    /// The limit is measured by the transport's clock. With a ``ManualClock`` it passes when the test moves the clock:
    /// ``ManualClock/advance(toSleeperAt:)`` waits until the wait has begun.
    ///
    /// - Throws: the text to show when the time is up or the task was cancelled.
    @discardableResult
    public func mail(
        _ matches: MailMatch..., within limit: Duration = .seconds(10), file: StaticString = #fileID,
        line: UInt = #line
    ) async throws(CaptureFailure) -> CapturedMail {
        let search = MailSearch(matches: matches, place: .init(file: file, line: line))
        return try await found(1, of: search, within: limit, else: .missing)[0]
    }

    /// The same for a condition of one's own.
    @discardableResult
    public func mail(
        within limit: Duration = .seconds(10), file: StaticString = #fileID, line: UInt = #line,
        where isSought: @escaping @Sendable (CapturedMail) -> Bool
    ) async throws(CaptureFailure) -> CapturedMail {
        let match = MailMatch.satisfying("that meets the condition", isSought)
        let search = MailSearch(matches: [match], place: .init(file: file, line: line))
        return try await found(1, of: search, within: limit, else: .missing)[0]
    }

    /// All mails that meet these conditions, once there are so many, in the order of their attempts.
    ///
    /// - Throws: the text to show when the time is up or the task was cancelled.
    @discardableResult
    public func mails(
        atLeast count: Int, _ matches: MailMatch..., within limit: Duration = .seconds(10),
        file: StaticString = #fileID, line: UInt = #line
    ) async throws(CaptureFailure) -> [CapturedMail] {
        let search = MailSearch(matches: matches, place: .init(file: file, line: line))
        return try await found(count, of: search, within: limit, else: .miscounted(wanted: count, orMore: true))
    }

    /// Nothing that meets all of these conditions, neither so far nor for this time, by the transport's clock.
    ///
    /// - Throws: the text to show as soon as there is something, or when the task was cancelled.
    public func expectNone(
        _ matches: MailMatch..., for limit: Duration, file: StaticString = #fileID, line: UInt = #line
    ) async throws(CaptureFailure) {
        let search = MailSearch(matches: matches, place: .init(file: file, line: line))
        let end = await wait(for: 1, of: search, within: limit)
        let mails = mails
        switch end {
        case .timedOut where !mails.contains(where: search.holds): return
        case .timedOut: throw search.failure(.unwanted, in: mails, within: limit)
        case .found(let found):
            // It may have been removed since.
            let isThere = mails.contains(where: search.holds)
            throw search.failure(.unwanted, in: isThere ? mails : found, within: limit)
        case .cancelled: throw search.failure(.cancelled, in: mails)
        }
    }
}

extension CaptureTransport {
    private enum End: Sendable {
        case found([CapturedMail])
        case timedOut, cancelled
    }

    private func found(
        _ count: Int, of search: MailSearch, within limit: Duration, else verdict: MailSearch.Verdict
    ) async throws(CaptureFailure) -> [CapturedMail] {
        let end = await wait(for: count, of: search, within: limit)
        let mails = mails
        switch end {
        case .found(let found): return found
        case .timedOut:
            // What came before the time was up counts, although the clock was faster to say so.
            let found = mails.filter(search.holds)
            guard found.count < count else { return found }
            throw search.failure(verdict, in: mails, within: limit)
        case .cancelled: throw search.failure(.cancelled, in: mails)
        }
    }

    private func wait(for count: Int, of search: MailSearch, within limit: Duration) async -> End {
        let deadline = time.uptime() + limit
        var look = Look()
        if look.finds(count, of: search, in: self) { return .found(look.found) }
        return await withTaskGroup(of: End.self) { [look, time] group in
            group.addTask {
                do { try await time.sleep(until: deadline) } catch { return .cancelled }
                return .timedOut
            }
            group.addTask {
                var look = look
                while !look.finds(count, of: search, in: self) {
                    // Fewer more cannot be enough, and deliveries are not to wake anybody in vain.
                    await self.grow(to: look.seen + count - look.found.count)
                    if Task.isCancelled { return .cancelled }
                }
                return .found(look.found)
            }
            let first = await group.next() ?? .cancelled
            group.cancelAll()
            return first
        }
    }

    /// What was seen of the inbox so far.
    private struct Look: Sendable {
        var seen = 0
        var found: [CapturedMail] = []

        mutating func finds(_ count: Int, of search: MailSearch, in capture: CaptureTransport) -> Bool {
            let (new, total, removed) = capture.state.withLock { state in
                let fresh = state.count - max(seen, state.removed)
                return (Array(state.mails.suffix(max(fresh, 0))), state.count, state.removed)
            }
            seen = total
            found.removeAll { $0.number <= removed }
            found += new.filter(search.holds)
            return found.count >= count
        }
    }

    /// Returns when so many mails were captured, or when the task is cancelled.
    private func grow(to count: Int) async {
        let number = state.withLock { state in
            state.nextWatcher += 1
            return state.nextWatcher
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    // The handler for cancellation has been and gone where the task was cancelled before this.
                    if state.count >= count || Task.isCancelled { return true }
                    state.watchers[number] = Watcher(count: count, continuation: continuation)
                    state.firstWatched = min(state.firstWatched, count)
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.watchers.removeValue(forKey: number) }?.continuation.resume()
        }
    }
}

extension CaptureTransport.State {
    /// The watchers whose count is reached; they are not watching any more.
    mutating func takeWatchers() -> [CaptureTransport.Watcher] {
        let reached = watchers.filter { $0.value.count <= count }
        for number in reached.keys { watchers[number] = nil }
        firstWatched = watchers.values.map(\.count).min() ?? .max
        return Array(reached.values)
    }
}
