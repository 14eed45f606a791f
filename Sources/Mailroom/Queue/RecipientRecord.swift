public import Foundation

/// What is recorded of one recipient of a job.
public struct RecipientRecord: Hashable, Sendable {
    /// How far the message got with this recipient. Only moves forward, but for a person's retry.
    public enum Status: UInt8, CaseIterable, Sendable, CustomStringConvertible {
        /// Owed.
        case pending
        /// Accepted by the next hop; never owed again.
        case sent
        /// Given up.
        case failed
        /// In doubt: perhaps accepted, the answer was lost.
        case unknown

        /// The status' name.
        public var description: String {
            switch self {
            case .pending: "pending"
            case .sent: "sent"
            case .failed: "failed"
            case .unknown: "unknown"
            }
        }

        /// The status of this name.
        package init?(name: String) {
            guard let status = Self.allCases.first(where: { $0.description == name }) else { return nil }
            self = status
        }
    }

    /// Who.
    public let recipient: Recipient
    /// How far the message got.
    public var status: Status
    /// The latest reply or failure.
    public var error: String?
    /// When the status or the error last changed.
    public var updatedAt: Date
    /// When the next hop accepted the message.
    public var sentAt: Date?
    /// The route last taken.
    public var route: String
    /// What the next hop calls the message.
    public var remoteID: String?
    /// Whether this recipient may have got the message more than once.
    public var isPossibleDuplicate: Bool

    /// The record of a recipient who is owed the message.
    public init(_ recipient: Recipient, at time: Date) {
        self.recipient = recipient
        status = .pending
        updatedAt = time
        route = ""
        isPossibleDuplicate = false
    }
}
