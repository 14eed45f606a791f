/// A broker that can tell that its store was never made. Commands that only look at jobs ask, so that a mistyped name
/// makes no store.
package protocol ExistingStore: Broker {
    /// What is missing and what to do; `nil` where the store is there, or where only using it can tell. Makes nothing.
    var missingStore: String? { get }
}
