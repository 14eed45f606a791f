import MailroomLibraries

extension CaptureServer {
    /// The certificate that STARTTLS shows if none is given in the configuration, in PEM: for clients to trust. It is
    /// another one in each process, for the host's name, `localhost`, `127.0.0.1` and `::1`. nil where one is given,
    /// TLS is not offered or OpenSSL is not installed.
    public var certificatePEM: [UInt8]? {
        configuration.offersTLS && configuration.certificate == nil ? selfSigned.certificatePEM : nil
    }

    /// Where STARTTLS has its certificate from, if it is offered.
    func encryption() throws(CaptureError) -> SMTPEncryption? {
        guard configuration.offersTLS else { return nil }
        guard let certificate = configuration.certificate else { return selfSigned }
        do throws(LibraryError) { return try SMTPEncryption(certificate) } catch {
            throw CaptureError(code: .misconfigured, description: "STARTTLS cannot be offered. \(error.description)")
        }
    }
}
