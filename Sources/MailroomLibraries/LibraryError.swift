/// A C library that cannot be loaded, or that refused what it was asked.
public struct LibraryError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What happened and what to do about it; never holds key material.
    public let description: String

    /// An error from its sentence.
    public init(_ description: String) { self.description = description }
}
