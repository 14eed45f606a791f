public import Foundation

/// What was expected of an inbox and is not so. Thrown in a test, its description is the failure's text: what was
/// expected, what was sent, which mail came nearest and why it does not match.
///
/// Texts and subjects are shortened in it.
public struct CaptureFailure: Error, LocalizedError, CustomStringConvertible {
    /// The whole text, of several lines.
    public let description: String
    /// The mail that came nearest of the last 200, where one came near.
    public let nearest: CapturedMail?
    /// Whether the task that waited was cancelled.
    public let isCancellation: Bool

    /// The same text: XCTest on Apple's systems shows this one.
    public var errorDescription: String? { description }
}
