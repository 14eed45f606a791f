/// A place in a template where a value goes.
struct Key: Hashable, Sendable {
    /// As written: `club.name`, or `.` for the item itself.
    let name: String
    /// The names between the dots; empty for the item itself.
    let path: [String]
    let line: Int
}
