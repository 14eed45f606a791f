import Synchronization

/// What is made when it is first needed, and then kept. A failure to make it is not kept: installing what was missing
/// mends a running process.
final class Kept<Value: Sendable>: Sendable {
    private let value = Mutex<Value?>(nil)

    /// The value. Threads that need it first at the same time may each make one; all get the same.
    func get(_ make: () throws(LibraryError) -> Value) throws(LibraryError) -> Value {
        if let value = value.withLock({ $0 }) { return value }
        let made = try make()
        return value.withLock { value in
            if let earlier = value { return earlier }
            value = made
            return made
        }
    }
}
