/// How a spool's files are named and what their lines end with. Both begin with the same envelope fields.
public enum SpoolFormat: String, CaseIterable, Sendable {
    /// One `.eml` file a mail, in the folder itself. Lines end with CRLF, as they would go over the wire.
    case eml
    /// A Maildir: each mail appears in its `new`. Lines end with LF, as mailboxes on Unix have them.
    case maildir
}
