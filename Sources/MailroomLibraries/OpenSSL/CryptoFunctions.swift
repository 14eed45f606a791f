#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The functions of libcrypto that TLS needs or that several need, each looked up once, and the numbers that its headers
/// define as macros.
///
/// Unchecked, because it holds nothing but addresses of functions in a library that stays loaded.
struct CryptoFunctions: @unchecked Sendable {
    typealias Pointer = OpaquePointer
    typealias PassPhraseCallback =
        @convention(c) (UnsafeMutablePointer<CChar>?, Int32, Int32, UnsafeMutableRawPointer?) -> Int32

    enum Library {
        static let pem = 9, ssl = 20
    }
    static let subjectAlternativeNames: Int32 = 85, commonName: Int32 = 13
    static let nameIsDNS: Int32 = 2, nameIsAddress: Int32 = 7
    /// Comma and space between the parts, control characters escaped, other letters as UTF-8.
    static let readableName: UInt = 0x1 | 0x2 | 0x8 | 0x10 | 0x100 | 0x200 | 2 << 16
    /// A certificate of the store is trusted though its own authority is not in it.
    static let partialChain: UInt = 0x80000
    static let pending: Int32 = 10

    let takeError: @convention(c) () -> UInt
    let clearErrors: @convention(c) () -> Void
    let reasonText: @convention(c) (UInt) -> UnsafePointer<CChar>?

    let memoryMethod: @convention(c) () -> Pointer?
    let newBIO: @convention(c) (Pointer?) -> Pointer?
    /// Reads what stays the caller's and must outlive it.
    let newReadingBIO: @convention(c) (UnsafeRawPointer?, Int32) -> Pointer?
    let freeBIO: @convention(c) (Pointer?) -> Int32
    let readBIO: @convention(c) (Pointer?, UnsafeMutableRawPointer?, Int32) -> Int32
    let writeBIO: @convention(c) (Pointer?, UnsafeRawPointer?, Int32) -> Int32
    let controlBIO: @convention(c) (Pointer?, Int32, Int, UnsafeMutableRawPointer?) -> Int

    let sha256: @convention(c) () -> Pointer?

    let readCertificate:
        @convention(c) (Pointer?, UnsafeMutableRawPointer?, PassPhraseCallback?, UnsafeMutableRawPointer?) -> Pointer?
    let readKey:
        @convention(c) (Pointer?, UnsafeMutableRawPointer?, PassPhraseCallback?, UnsafeMutableRawPointer?) -> Pointer?
    let freeKey: @convention(c) (Pointer?) -> Void
    let keepCertificate: @convention(c) (Pointer?) -> Int32
    let freeCertificate: @convention(c) (Pointer?) -> Void

    let addToStore: @convention(c) (Pointer?, Pointer?) -> Int32
    let setStoreFlags: @convention(c) (Pointer?, UInt) -> Int32
    let setAddress: @convention(c) (Pointer?, UnsafePointer<CChar>?) -> Int32
    let verifyExtra: @convention(c) (Pointer?, Int32) -> UnsafeMutableRawPointer?
    let verifyError: @convention(c) (Pointer?) -> Int32
    let verifyDepth: @convention(c) (Pointer?) -> Int32
    let verifiedCertificate: @convention(c) (Pointer?) -> Pointer?
    let verifyErrorText: @convention(c) (Int) -> UnsafePointer<CChar>?

    let subject: @convention(c) (Pointer?) -> Pointer?
    let issuer: @convention(c) (Pointer?) -> Pointer?
    let notBefore: @convention(c) (Pointer?) -> Pointer?
    let notAfter: @convention(c) (Pointer?) -> Pointer?
    let printName: @convention(c) (Pointer?, Pointer?, Int32, UInt) -> Int32
    let nameText: @convention(c) (Pointer?, Int32, UnsafeMutablePointer<CChar>?, Int32) -> Int32
    let brokenDownTime: @convention(c) (Pointer?, UnsafeMutablePointer<tm>?) -> Int32
    let decodedExtension:
        @convention(c) (Pointer?, Int32, UnsafeMutablePointer<Int32>?, UnsafeMutablePointer<Int32>?) -> Pointer?
    let freeNames: @convention(c) (Pointer?) -> Void
    let count: @convention(c) (Pointer?) -> Int32
    let element: @convention(c) (Pointer?, Int32) -> Pointer?
    let nameValue: @convention(c) (Pointer?, UnsafeMutablePointer<Int32>?) -> Pointer?
    let octets: @convention(c) (Pointer?) -> UnsafePointer<UInt8>?
    let length: @convention(c) (Pointer?) -> Int32

    /// The functions of the library, which stays loaded. libssl is not needed.
    static func load() throws(LibraryError) -> CryptoFunctions {
        try kept.get { () throws(LibraryError) in try CryptoFunctions(OpenSSL.libcrypto()) }
    }

    private static let kept = Kept<CryptoFunctions>()

    init(_ library: SharedLibrary) throws(LibraryError) {
        takeError = try library.function("ERR_get_error")
        clearErrors = try library.function("ERR_clear_error")
        reasonText = try library.function("ERR_reason_error_string")

        memoryMethod = try library.function("BIO_s_mem")
        newBIO = try library.function("BIO_new")
        newReadingBIO = try library.function("BIO_new_mem_buf")
        freeBIO = try library.function("BIO_free")
        readBIO = try library.function("BIO_read")
        writeBIO = try library.function("BIO_write")
        controlBIO = try library.function("BIO_ctrl")

        sha256 = try library.function("EVP_sha256")

        readCertificate = try library.function("PEM_read_bio_X509")
        readKey = try library.function("PEM_read_bio_PrivateKey")
        freeKey = try library.function("EVP_PKEY_free")
        keepCertificate = try library.function("X509_up_ref")
        freeCertificate = try library.function("X509_free")

        addToStore = try library.function("X509_STORE_add_cert")
        setStoreFlags = try library.function("X509_STORE_set_flags")
        setAddress = try library.function("X509_VERIFY_PARAM_set1_ip_asc")
        verifyExtra = try library.function("X509_STORE_CTX_get_ex_data")
        verifyError = try library.function("X509_STORE_CTX_get_error")
        verifyDepth = try library.function("X509_STORE_CTX_get_error_depth")
        verifiedCertificate = try library.function("X509_STORE_CTX_get_current_cert")
        verifyErrorText = try library.function("X509_verify_cert_error_string")

        subject = try library.function("X509_get_subject_name")
        issuer = try library.function("X509_get_issuer_name")
        notBefore = try library.function("X509_get0_notBefore")
        notAfter = try library.function("X509_get0_notAfter")
        printName = try library.function("X509_NAME_print_ex")
        nameText = try library.function("X509_NAME_get_text_by_NID")
        brokenDownTime = try library.function("ASN1_TIME_to_tm")
        decodedExtension = try library.function("X509_get_ext_d2i")
        freeNames = try library.function("GENERAL_NAMES_free")
        count = try library.function("OPENSSL_sk_num")
        element = try library.function("OPENSSL_sk_value")
        nameValue = try library.function("GENERAL_NAME_get0_value")
        octets = try library.function("ASN1_STRING_get0_data")
        length = try library.function("ASN1_STRING_length")
    }
}
