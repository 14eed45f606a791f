import Mailroom

extension CaptureTransport {
    /// The first mail that meets all of these conditions: at once where it is there, or as soon as it comes.
    ///
    /// The limit is measured by the transport's clock. With a ``ManualClock`` it passes when the test moves the clock:
    /// ``ManualClock/advance(toSleeperAt:within:file:line:)`` waits until the wait has begun.
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

    /// The same for a condition of one's own. It is asked about a mail that was captured and, where that was not answered
    /// yet, again once it is: `{ $0.answer != nil }` waits for the answer. Nothing else makes it be asked again before the
    /// time is up.
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
        case .timedOut:
            let found = mails.filter(search.holds)
            guard found.isEmpty else { throw search.failure(.unwanted, found: found, in: mails, within: limit) }
        case .found(let found):
            // It may have been removed since.
            let isThere = mails.contains { $0.number == found[0].number }
            throw search.failure(.unwanted, found: found, in: isThere ? mails : found, within: limit)
        case .cancelled: throw search.failure(.cancelled, found: mails.filter(search.holds), in: mails)
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
            throw search.failure(verdict, found: found, in: mails, within: limit)
        case .cancelled: throw search.failure(.cancelled, found: mails.filter(search.holds), in: mails)
        }
    }

    private func wait(for count: Int, of search: MailSearch, within limit: Duration) async -> End {
        let deadline = time.uptime() + limit
        var look = Look(search)
        if look.finds(count, in: self) { return .found(look.found) }
        return await withTaskGroup(of: End.self) { [look, time] group in
            group.addTask {
                do { try await time.sleep(until: deadline) } catch { return .cancelled }
                return .timedOut
            }
            group.addTask {
                var look = look
                while !look.finds(count, in: self) {
                    await self.reach(events: look.events(for: count))
                    if Task.isCancelled { return .cancelled }
                }
                return .found(look.found)
            }
            let first = await group.next() ?? .cancelled
            group.cancelAll()
            return first
        }
    }
}
