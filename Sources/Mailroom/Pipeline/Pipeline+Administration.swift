extension Pipeline {
    /// The broker as something whose jobs a person counts, lists and acts on. Throws
    /// ``BrokerError/Code/unsupported`` where it is not.
    public var administration: any BrokerAdministration {
        get throws(BrokerError) {
            if let administration = broker as? any BrokerAdministration { return administration }
            throw BrokerError(
                .unsupported, "this broker's jobs cannot be administered: use one that is BrokerAdministration",
                mayHaveStored: false)
        }
    }

    /// What happens to the broker's jobs after a place in its feed, or from now on. Unlike ``events()``, it tells what
    /// other processes do, too; a place that was stored goes on there after a new start. Throws
    /// ``BrokerError/Code/unsupported`` where the broker is no ``EventFeed``.
    public func jobEvents(after cursor: EventCursor? = nil) throws(BrokerError) -> JobEvents {
        if let feed = broker as? any EventFeed { return JobEvents(feed, after: cursor) }
        throw BrokerError(
            .unsupported, "this broker tells no events: use one that is EventFeed", mayHaveStored: false)
    }
}
