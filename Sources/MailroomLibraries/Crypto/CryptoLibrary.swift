/// libcrypto's functions that digest and sign, each looked up once.
///
/// Unchecked, because C function pointers are not marked Sendable: the library is never unloaded, and each of these
/// functions may be called from any thread as long as no two threads share a context.
struct CryptoLibrary: @unchecked Sendable {
    typealias Pointer = UnsafeMutableRawPointer
    typealias PassPhraseQuestion = @convention(c) (UnsafeMutablePointer<CChar>?, Int32, Int32, Pointer?) -> Int32

    let clearErrors: @convention(c) () -> Void

    let md5: @convention(c) () -> OpaquePointer?
    let sha256: @convention(c) () -> OpaquePointer?
    let hmac:
        @convention(c) (
            OpaquePointer?, UnsafeRawPointer?, Int32, UnsafePointer<UInt8>?, Int, UnsafeMutablePointer<UInt8>?,
            UnsafeMutablePointer<UInt32>?
        ) -> UnsafeMutablePointer<UInt8>?

    let newContext: @convention(c) () -> OpaquePointer?
    let freeContext: @convention(c) (OpaquePointer?) -> Void
    let beginDigest: @convention(c) (OpaquePointer?, OpaquePointer?, OpaquePointer?) -> Int32
    let updateDigest: @convention(c) (OpaquePointer?, UnsafeRawPointer?, Int) -> Int32
    let endDigest: @convention(c) (OpaquePointer?, UnsafeMutablePointer<UInt8>?, UnsafeMutablePointer<UInt32>?) -> Int32

    let newMemory: @convention(c) (UnsafeRawPointer?, Int32) -> OpaquePointer?
    let freeMemory: @convention(c) (OpaquePointer?) -> Int32
    let readPrivateKey: @convention(c) (OpaquePointer?, Pointer?, PassPhraseQuestion?, Pointer?) -> OpaquePointer?
    let freeKey: @convention(c) (OpaquePointer?) -> Void
    let keyKind: @convention(c) (OpaquePointer?) -> Int32
    let keyBits: @convention(c) (OpaquePointer?) -> Int32
    let keySize: @convention(c) (OpaquePointer?) -> Int32
    let encodePublicKey: @convention(c) (OpaquePointer?, UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>?) -> Int32

    typealias Beginning =
        @convention(c) (OpaquePointer?, Pointer?, OpaquePointer?, OpaquePointer?, OpaquePointer?) -> Int32
    let beginSigning: Beginning
    let sign:
        @convention(c) (
            OpaquePointer?, UnsafeMutablePointer<UInt8>?, UnsafeMutablePointer<Int>?, UnsafePointer<UInt8>?, Int
        ) -> Int32
    let beginVerifying: Beginning
    let verify: @convention(c) (OpaquePointer?, UnsafePointer<UInt8>?, Int, UnsafePointer<UInt8>?, Int) -> Int32

    /// The functions of the library, which stays loaded.
    static func load() throws(LibraryError) -> CryptoLibrary {
        try kept.get { () throws(LibraryError) in try CryptoLibrary(OpenSSL.loadCrypto()) }
    }

    private static let kept = Kept<CryptoLibrary>()

    private init(_ library: SharedLibrary) throws(LibraryError) {
        clearErrors = try library.function("ERR_clear_error")
        md5 = try library.function("EVP_md5")
        sha256 = try library.function("EVP_sha256")
        hmac = try library.function("HMAC")
        newContext = try library.function("EVP_MD_CTX_new")
        freeContext = try library.function("EVP_MD_CTX_free")
        beginDigest = try library.function("EVP_DigestInit_ex")
        updateDigest = try library.function("EVP_DigestUpdate")
        endDigest = try library.function("EVP_DigestFinal_ex")
        newMemory = try library.function("BIO_new_mem_buf")
        freeMemory = try library.function("BIO_free")
        readPrivateKey = try library.function("PEM_read_bio_PrivateKey")
        freeKey = try library.function("EVP_PKEY_free")
        keyKind = try library.function("EVP_PKEY_get_base_id")
        keyBits = try library.function("EVP_PKEY_get_bits")
        keySize = try library.function("EVP_PKEY_get_size")
        encodePublicKey = try library.function("i2d_PUBKEY")
        beginSigning = try library.function("EVP_DigestSignInit")
        sign = try library.function("EVP_DigestSign")
        beginVerifying = try library.function("EVP_DigestVerifyInit")
        verify = try library.function("EVP_DigestVerify")
    }
}
