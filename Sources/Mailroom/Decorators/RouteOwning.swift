/// A transport that recognizes its own routes, also those that an earlier process noted.
///
/// A recipient whose outcome is in doubt must stay with the next hop that may have the mail already. A choice of
/// transports such as ``TransportGroup`` finds that one by its route; transports that do not recognize theirs are known
/// by their place in the choice, which a changed configuration can give to another.
public protocol RouteOwning: Transport {
    /// Whether a delivery that was reported with this ``RecipientOutcome/route`` went to the next hop that this
    /// transport has now; `nil` where only its place in the configuration can tell. Opens nothing.
    func owns(_ route: String) -> Bool?
}
