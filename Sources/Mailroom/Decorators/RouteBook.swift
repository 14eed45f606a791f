/// Tells which of several transports a route belongs to, by nothing but the configuration, so that it holds after a
/// restart.
///
/// A route goes into reports as the child gave it, if it alone leads back to that child; otherwise with the child's name
/// before it, as in `2/smtp://mail.example.org:25`. Names nest.
struct RouteBook: Sendable {
    let children: [(name: String, transport: any Transport)]

    /// The child and its own form of the route; `nil` where it is nobody's any more.
    func owner(of route: String) -> (child: Int, route: String)? {
        let parts = route.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        if parts.count == 2, let child = children.firstIndex(where: { $0.name == parts[0] }),
            claim(child, to: String(parts[1])) != false
        {
            return (child, String(parts[1]))
        }
        // The names may have changed, or the route is older than the choice: then only a certain claim counts.
        for route in [route] + parts.dropFirst().map(String.init) {
            if let child = children.indices.first(where: { claim($0, to: route) == true }) { return (child, route) }
        }
        return nil
    }

    /// A child's route as the choice reports it.
    func route(_ route: String, of child: Int) -> String {
        if let owner = owner(of: route), owner.child == child, owner.route == route { return route }
        return "\(children[child].name)/\(route)"
    }

    /// What a choice of these says of a route.
    func owns(_ route: String) -> Bool? {
        guard let owner = owner(of: route) else { return false }
        return claim(owner.child, to: owner.route)
    }

    /// Whether a route is a child's; `nil` where that cannot say.
    private func claim(_ child: Int, to route: String) -> Bool? {
        (children[child].transport as? any RouteOwning)?.owns(route)
    }

    /// A child's report in the words of the choice, with an outcome for everyone that it was given.
    func report(_ report: DeliveryReport, of child: Int, for recipients: [Recipient]) -> DeliveryReport {
        var report = report.completed(for: recipients)
        for index in report.outcomes.indices {
            report.outcomes[index].route = route(report.outcomes[index].route, of: child)
        }
        return report
    }

    /// What an outcome says of a recipient in doubt whose next hop is no longer there: the doubt stays, until a
    /// person's retry makes the recipient free for any.
    static func held(_ recipient: Recipient, on route: String) -> RecipientOutcome {
        RecipientOutcome(
            recipient: recipient.address, status: .unknown,
            reply: Reply(
                code: 0,
                text: "an earlier attempt may have delivered it by \(route), which is no longer among the transports: "
                    + "restore that one, or retry the job if a second copy does no harm"),
            route: route)
    }
}
