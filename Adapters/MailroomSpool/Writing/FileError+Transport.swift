import Mailroom
import MailroomFiles

extension FileError {
    /// What happened and what to do.
    var reason: String {
        remedy(for: "the spool").map { "\(cause). \($0.prefix(1).uppercased())\($0.dropFirst())." } ?? "\(cause)."
    }

    /// For now: a disk is mended, and must not have ended every job by then.
    var transportError: TransportError { TransportError(.notWritten, reason) }
}

extension TransportError.Code {
    /// The file could not be written.
    static let notWritten = TransportError.Code(rawValue: "notWritten")
}
