/// The functions of libcrypto that make keys and certificates, each looked up once.
///
/// Unchecked, because it holds nothing but addresses of functions in a library that stays loaded.
struct CertificateFunctions: @unchecked Sendable {
    typealias Pointer = OpaquePointer

    static let subjectKey: Int32 = 82, keyUsage: Int32 = 83
    static let basicConstraints: Int32 = 87, authorityKey: Int32 = 90, extendedKeyUsage: Int32 = 126
    static let isUTF8: Int32 = 0x1000

    let newKeyContext: @convention(c) (Pointer?, UnsafePointer<CChar>?, UnsafePointer<CChar>?) -> Pointer?
    let freeKeyContext: @convention(c) (Pointer?) -> Void
    let beginKey: @convention(c) (Pointer?) -> Int32
    let setGroup: @convention(c) (Pointer?, UnsafePointer<CChar>?) -> Int32
    let makeKey: @convention(c) (Pointer?, UnsafeMutablePointer<Pointer?>?) -> Int32
    let newCertificate: @convention(c) () -> Pointer?
    let setVersion: @convention(c) (Pointer?, Int) -> Int32
    let serialNumber: @convention(c) (Pointer?) -> Pointer?
    let setInteger: @convention(c) (Pointer?, UInt64) -> Int32
    let notBefore: @convention(c) (Pointer?) -> Pointer?
    let notAfter: @convention(c) (Pointer?) -> Pointer?
    let setTime: @convention(c) (Pointer?, Int) -> Pointer?
    let setKey: @convention(c) (Pointer?, Pointer?) -> Int32
    let addName:
        @convention(c) (Pointer?, UnsafePointer<CChar>?, Int32, UnsafePointer<UInt8>?, Int32, Int32, Int32) -> Int32
    let setIssuer: @convention(c) (Pointer?, Pointer?) -> Int32
    let setExtensionContext:
        @convention(c) (UnsafeMutableRawPointer?, Pointer?, Pointer?, Pointer?, Pointer?, Int32) -> Void
    let makeExtension: @convention(c) (Pointer?, UnsafeMutableRawPointer?, Int32, UnsafePointer<CChar>?) -> Pointer?
    let addExtension: @convention(c) (Pointer?, Pointer?, Int32) -> Int32
    let freeExtension: @convention(c) (Pointer?) -> Void
    let sign: @convention(c) (Pointer?, Pointer?, Pointer?) -> Int32
    let writeCertificate: @convention(c) (Pointer?, Pointer?) -> Int32
    let writeKey:
        @convention(c) (
            Pointer?, Pointer?, Pointer?, UnsafePointer<UInt8>?, Int32, Pointer?, UnsafeMutableRawPointer?
        ) -> Int32

    /// The functions of the library, which stays loaded.
    static func load() throws(LibraryError) -> CertificateFunctions {
        try kept.get { () throws(LibraryError) in try CertificateFunctions(OpenSSL.libcrypto()) }
    }

    private static let kept = Kept<CertificateFunctions>()

    private init(_ library: SharedLibrary) throws(LibraryError) {
        newKeyContext = try library.function("EVP_PKEY_CTX_new_from_name")
        freeKeyContext = try library.function("EVP_PKEY_CTX_free")
        beginKey = try library.function("EVP_PKEY_keygen_init")
        setGroup = try library.function("EVP_PKEY_CTX_set_group_name")
        makeKey = try library.function("EVP_PKEY_generate")
        newCertificate = try library.function("X509_new")
        setVersion = try library.function("X509_set_version")
        serialNumber = try library.function("X509_get_serialNumber")
        setInteger = try library.function("ASN1_INTEGER_set_uint64")
        notBefore = try library.function("X509_getm_notBefore")
        notAfter = try library.function("X509_getm_notAfter")
        setTime = try library.function("ASN1_TIME_set")
        setKey = try library.function("X509_set_pubkey")
        addName = try library.function("X509_NAME_add_entry_by_txt")
        setIssuer = try library.function("X509_set_issuer_name")
        setExtensionContext = try library.function("X509V3_set_ctx")
        makeExtension = try library.function("X509V3_EXT_conf_nid")
        addExtension = try library.function("X509_add_ext")
        freeExtension = try library.function("X509_EXTENSION_free")
        sign = try library.function("X509_sign")
        writeCertificate = try library.function("PEM_write_bio_X509")
        writeKey = try library.function("PEM_write_bio_PrivateKey")
    }
}
