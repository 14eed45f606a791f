public import MailroomLibraries

/// One connection's side of a protocol: octets in, octets out, no socket in sight.
///
/// A server makes one for every connection and calls it on its own thread only, so it needs no locks and must not
/// block. It can as well be driven by a test that passes octets and reads ``ConnectionOutput/bytes``.
public protocol ConnectionHandler: AnyObject {
    /// The connection is open: the place for a greeting and a first time limit.
    func begin(_ output: inout ConnectionOutput)

    /// Octets have arrived; they are valid during the call only. Called with none when ``ConnectionOutput/waitForRoom()``
    /// was asked for and there is room again, and after ``ServerConnection/wake()``.
    func receive(_ bytes: UnsafeRawBufferPointer, _ output: inout ConnectionOutput)

    /// TLS, asked for by ``ConnectionOutput/startTLS(_:)``, has begun: octets are encrypted on their way from now on.
    /// Nothing is done unless implemented.
    func secured(_ facts: TLSFacts, _ output: inout ConnectionOutput)

    /// The time limit has passed. Close, or do what was due and restart the limit.
    func expire(_ output: inout ConnectionOutput)

    /// The server stops: say so if the protocol has words for it, and close.
    func stop(_ output: inout ConnectionOutput)

    /// The connection is gone, whoever closed it; called once, and last.
    func end()
}

extension ConnectionHandler {
    /// Does nothing.
    public func secured(_ facts: TLSFacts, _ output: inout ConnectionOutput) {}
}
