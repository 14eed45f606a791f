/// A document that could not be rendered.
public struct RenderError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Why not, and by that, what happens to the job.
    public struct Code: Hashable, Sendable, RawRepresentable {
        /// The code's name, as logs show it.
        public let rawValue: String

        /// A code of a renderer's own.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// No template of that name. At submit the message is refused; in a worker the job is held for a person.
        public static let unknownTemplate = Code(rawValue: "unknownTemplate")
        /// The values do not fit the template. At submit the message is refused; in a worker the job is dead.
        public static let invalidValues = Code(rawValue: "invalidValues")
        /// The template itself cannot be read. The job is held: a bad deployment must not kill letters.
        public static let invalidTemplate = Code(rawValue: "invalidTemplate")
        /// This worker does not have the version that was submitted. The job is held.
        public static let versionUnavailable = Code(rawValue: "versionUnavailable")
        /// Something the renderer needs is out of reach for now. The job is tried again by its policy.
        public static let unavailable = Code(rawValue: "unavailable")
        /// The rendering was cancelled.
        public static let cancelled = Code(rawValue: "cancelled")
    }

    /// Why not.
    public let code: Code
    /// The template and what is wrong, in words a person can act on.
    public let reason: String
    /// The template's keys that are at fault, in the template's order.
    public let keys: [String]

    /// An error.
    public init(_ code: Code, _ reason: String, keys: [String] = []) {
        self.code = code
        self.reason = reason
        self.keys = keys
    }

    /// What a person should read.
    public var description: String { reason }
}
