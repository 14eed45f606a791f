public import MailroomLibraries

extension SocketError {
    /// A failed TLS session as a failure of the connection that carried it.
    public init(_ error: TLSError) {
        self.init(
            code: error.code == .certificateRefused ? .certificateRefused : .tlsFailed, description: error.description)
    }

    /// A library that is missing or did not take its configuration, as the reason why a connection cannot be made.
    public init(_ error: LibraryError) {
        self.init(code: .libraryMissing, description: error.description)
    }
}
