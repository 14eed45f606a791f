import MailroomLibraries
import MailroomSockets

extension SharedTLSContext {
    /// As the connections' security says.
    convenience init(_ security: SMTPSecurity) {
        var configuration = TLSConfiguration()
        configuration.trustFile = security.trustFile
        configuration.verifiesPeer = security.verifiesCertificate
        configuration.certificateFile = security.certificateFile
        configuration.keyFile = security.keyFile
        self.init(configuration)
    }
}
