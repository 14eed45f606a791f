extension CaptureTransport {
    /// The first mail that meets all of these conditions. Looking takes nothing out of the inbox.
    ///
    /// - Throws: the text to show when there is none.
    @discardableResult
    public func expect(
        _ matches: MailMatch..., file: StaticString = #fileID, line: UInt = #line
    ) throws(CaptureFailure) -> CapturedMail {
        let search = MailSearch(matches: matches, place: .init(file: file, line: line))
        let mails = mails
        guard let mail = mails.first(where: search.holds) else { throw search.failure(.missing, found: [], in: mails) }
        return mail
    }

    /// The one mail that meets all of these conditions. Every attempt counts: where a job was tried twice, say which
    /// with ``MailMatch/attempt(_:)``.
    ///
    /// - Throws: the text to show when there is none, or more than one.
    @discardableResult
    public func expectOne(
        _ matches: MailMatch..., file: StaticString = #fileID, line: UInt = #line
    ) throws(CaptureFailure) -> CapturedMail {
        let search = MailSearch(matches: matches, place: .init(file: file, line: line))
        let mails = mails
        let found = mails.filter(search.holds)
        guard let mail = found.first else { throw search.failure(.missing, found: [], in: mails) }
        guard found.count == 1 else { throw search.failure(.miscounted(wanted: 1), found: found, in: mails) }
        return mail
    }

    /// So many mails that meet all of these conditions, in the order of their attempts.
    ///
    /// - Throws: the text to show when there are fewer or more.
    @discardableResult
    public func expect(
        _ count: Int, _ matches: MailMatch..., file: StaticString = #fileID, line: UInt = #line
    ) throws(CaptureFailure) -> [CapturedMail] {
        let search = MailSearch(matches: matches, place: .init(file: file, line: line))
        let mails = mails
        let found = mails.filter(search.holds)
        guard found.count == count else { throw search.failure(.miscounted(wanted: count), found: found, in: mails) }
        return found
    }

    /// Nothing that meets all of these conditions, so far.
    ///
    /// - Throws: the text to show when there is something.
    public func expectNone(
        _ matches: MailMatch..., file: StaticString = #fileID, line: UInt = #line
    ) throws(CaptureFailure) {
        let search = MailSearch(matches: matches, place: .init(file: file, line: line))
        let mails = mails
        let found = mails.filter(search.holds)
        guard found.isEmpty else { throw search.failure(.unwanted, found: found, in: mails) }
    }
}
