/// The functions of libssl that are used, each looked up once, and the numbers that its headers define as macros.
///
/// Unchecked, because it holds nothing but addresses of functions in a library that stays loaded.
struct SSLFunctions: @unchecked Sendable {
    typealias Pointer = OpaquePointer
    typealias VerifyCallback = @convention(c) (Int32, Pointer?) -> Int32
    typealias NewSessionCallback = @convention(c) (Pointer?, Pointer?) -> Int32

    enum Control {
        static let sessionCacheMode: Int32 = 44, addedChainCertificate: Int32 = 89
        static let serverName: Int32 = 55, lowestVersion: Int32 = 123, highestVersion: Int32 = 124
    }
    enum Failure {
        static let wantsRead: Int32 = 2, closed: Int32 = 6
    }
    enum Verify {
        static let none: Int32 = 0, peer: Int32 = 1, failWithoutCertificate: Int32 = 2
    }
    /// The client's sessions are handed to a callback and kept nowhere else.
    static let externalClientCache = 0x1 | 0x80 | 0x300
    static let noRenegotiation: UInt64 = 1 << 30
    static let noPartialWildcards: UInt32 = 4
    static let shutdownBothWays: Int32 = 3

    let clientMethod: @convention(c) () -> Pointer?
    let serverMethod: @convention(c) () -> Pointer?

    let newContext: @convention(c) (Pointer?) -> Pointer?
    let freeContext: @convention(c) (Pointer?) -> Void
    let controlContext: @convention(c) (Pointer?, Int32, Int, UnsafeMutableRawPointer?) -> Int
    let setOptions: @convention(c) (Pointer?, UInt64) -> UInt64
    let setVerify: @convention(c) (Pointer?, Int32, VerifyCallback?) -> Void
    let setDefaultTrust: @convention(c) (Pointer?) -> Int32
    let store: @convention(c) (Pointer?) -> Pointer?
    let useCertificate: @convention(c) (Pointer?, Pointer?) -> Int32
    let useKey: @convention(c) (Pointer?, Pointer?) -> Int32
    let checkKey: @convention(c) (Pointer?) -> Int32
    let addClientAuthority: @convention(c) (Pointer?, Pointer?) -> Int32
    let setNewSession: @convention(c) (Pointer?, NewSessionCallback?) -> Void
    let setSessionContext: @convention(c) (Pointer?, UnsafePointer<UInt8>?, UInt32) -> Int32

    let new: @convention(c) (Pointer?) -> Pointer?
    let free: @convention(c) (Pointer?) -> Void
    let control: @convention(c) (Pointer?, Int32, Int, UnsafeMutableRawPointer?) -> Int
    let setBIOs: @convention(c) (Pointer?, Pointer?, Pointer?) -> Void
    let setClient: @convention(c) (Pointer?) -> Void
    let setServer: @convention(c) (Pointer?) -> Void
    let setHost: @convention(c) (Pointer?, UnsafePointer<CChar>?) -> Int32
    let setHostFlags: @convention(c) (Pointer?, UInt32) -> Void
    let parameters: @convention(c) (Pointer?) -> Pointer?
    let setExtra: @convention(c) (Pointer?, Int32, UnsafeMutableRawPointer?) -> Int32
    let extra: @convention(c) (Pointer?, Int32) -> UnsafeMutableRawPointer?
    let verifyExtraIndex: @convention(c) () -> Int32

    let handshake: @convention(c) (Pointer?) -> Int32
    let read: @convention(c) (Pointer?, UnsafeMutableRawPointer?, Int32) -> Int32
    let peek: @convention(c) (Pointer?, UnsafeMutableRawPointer?, Int32) -> Int32
    let write: @convention(c) (Pointer?, UnsafeRawPointer?, Int32) -> Int32
    let shutdown: @convention(c) (Pointer?) -> Int32
    let setShutdown: @convention(c) (Pointer?, Int32) -> Void
    let failure: @convention(c) (Pointer?, Int32) -> Int32

    let version: @convention(c) (Pointer?) -> UnsafePointer<CChar>?
    let cipher: @convention(c) (Pointer?) -> Pointer?
    let cipherName: @convention(c) (Pointer?) -> UnsafePointer<CChar>?
    let peerCertificate: @convention(c) (Pointer?) -> Pointer?
    let verifyResult: @convention(c) (Pointer?) -> Int
    let isResumed: @convention(c) (Pointer?) -> Int32
    let setSession: @convention(c) (Pointer?, Pointer?) -> Int32
    let freeSession: @convention(c) (Pointer?) -> Void
    let sessionVersion: @convention(c) (Pointer?) -> Int32

    init(_ library: SharedLibrary) throws(LibraryError) {
        clientMethod = try library.function("TLS_client_method")
        serverMethod = try library.function("TLS_server_method")

        newContext = try library.function("SSL_CTX_new")
        freeContext = try library.function("SSL_CTX_free")
        controlContext = try library.function("SSL_CTX_ctrl")
        setOptions = try library.function("SSL_CTX_set_options")
        setVerify = try library.function("SSL_CTX_set_verify")
        setDefaultTrust = try library.function("SSL_CTX_set_default_verify_paths")
        store = try library.function("SSL_CTX_get_cert_store")
        useCertificate = try library.function("SSL_CTX_use_certificate")
        useKey = try library.function("SSL_CTX_use_PrivateKey")
        checkKey = try library.function("SSL_CTX_check_private_key")
        addClientAuthority = try library.function("SSL_CTX_add_client_CA")
        setNewSession = try library.function("SSL_CTX_sess_set_new_cb")
        setSessionContext = try library.function("SSL_CTX_set_session_id_context")

        new = try library.function("SSL_new")
        free = try library.function("SSL_free")
        control = try library.function("SSL_ctrl")
        setBIOs = try library.function("SSL_set_bio")
        setClient = try library.function("SSL_set_connect_state")
        setServer = try library.function("SSL_set_accept_state")
        setHost = try library.function("SSL_set1_host")
        setHostFlags = try library.function("SSL_set_hostflags")
        parameters = try library.function("SSL_get0_param")
        setExtra = try library.function("SSL_set_ex_data")
        extra = try library.function("SSL_get_ex_data")
        verifyExtraIndex = try library.function("SSL_get_ex_data_X509_STORE_CTX_idx")

        handshake = try library.function("SSL_do_handshake")
        read = try library.function("SSL_read")
        peek = try library.function("SSL_peek")
        write = try library.function("SSL_write")
        shutdown = try library.function("SSL_shutdown")
        setShutdown = try library.function("SSL_set_shutdown")
        failure = try library.function("SSL_get_error")

        version = try library.function("SSL_get_version")
        cipher = try library.function("SSL_get_current_cipher")
        cipherName = try library.function("SSL_CIPHER_get_name")
        peerCertificate = try library.function("SSL_get1_peer_certificate")
        verifyResult = try library.function("SSL_get_verify_result")
        isResumed = try library.function("SSL_session_reused")
        setSession = try library.function("SSL_set_session")
        freeSession = try library.function("SSL_SESSION_free")
        sessionVersion = try library.function("SSL_SESSION_get_protocol_version")
    }
}
