/// An adapter that hands mail to the next hop.
public protocol Transport: Adapter {
    /// Delivers a mail to the recipients of its envelope.
    ///
    /// Throwing promises that no recipient was accepted or is in doubt: it is then always safe to try elsewhere.
    /// In every other case the report says what became of each recipient; one that it leaves out counts as unknown.
    /// Returns within a second of cancellation, and by ``Mail/deadline``.
    func deliver(_ mail: Mail) async throws(TransportError) -> DeliveryReport
}
