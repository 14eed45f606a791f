import Mailroom
import Synchronization

/// Dates, numbers and amounts that were written lately: the letters of a batch have most of them in common, and the
/// system's formats take longer than the rest of a letter.
enum FilterMemory {
    /// All that a text depends on.
    struct Key: Hashable {
        let filter: Filter
        let value: Document.Value
        let locale: String
        let timeZone: String
    }

    /// When there are more, all are forgotten.
    private static let capacity = 1024
    /// Longer texts are no date and no number.
    private static let longest = 64

    private static let texts = Mutex<[Key: String]>([:])

    /// The text for a key, made where it is not known.
    static func text(
        for key: Key, _ make: () throws(FilteredValue.Refusal) -> String
    ) throws(FilteredValue.Refusal) -> String {
        switch key.value {
        case .number: break
        case .text(let text) where text.utf8.count <= longest: break
        default: return try make()
        }
        if let known = texts.withLock({ $0[key] }) { return known }
        let text = try make()
        texts.withLock { known in
            if known.count >= capacity { known.removeAll(keepingCapacity: true) }
            known[key] = text
        }
        return text
    }
}
