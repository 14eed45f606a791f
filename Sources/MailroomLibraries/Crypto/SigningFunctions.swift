/// The functions of libcrypto that digest and sign, each looked up once; what others use as well is in
/// ``CryptoFunctions``.
///
/// Unchecked, because it holds nothing but addresses of functions in a library that stays loaded: any thread may call
/// them, as long as no two share a context.
struct SigningFunctions: @unchecked Sendable {
    typealias Pointer = OpaquePointer

    let md5: @convention(c) () -> Pointer?
    let hmac:
        @convention(c) (
            Pointer?, UnsafeRawPointer?, Int32, UnsafePointer<UInt8>?, Int, UnsafeMutablePointer<UInt8>?,
            UnsafeMutablePointer<UInt32>?
        ) -> UnsafeMutablePointer<UInt8>?

    let newContext: @convention(c) () -> Pointer?
    let freeContext: @convention(c) (Pointer?) -> Void
    let beginDigest: @convention(c) (Pointer?, Pointer?, Pointer?) -> Int32
    let updateDigest: @convention(c) (Pointer?, UnsafeRawPointer?, Int) -> Int32
    let endDigest: @convention(c) (Pointer?, UnsafeMutablePointer<UInt8>?, UnsafeMutablePointer<UInt32>?) -> Int32

    let keyKind: @convention(c) (Pointer?) -> Int32
    let keyBits: @convention(c) (Pointer?) -> Int32
    let keySize: @convention(c) (Pointer?) -> Int32
    let encodePublicKey: @convention(c) (Pointer?, UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>?) -> Int32

    typealias Beginning =
        @convention(c) (Pointer?, UnsafeMutablePointer<Pointer?>?, Pointer?, Pointer?, Pointer?) -> Int32
    let beginSigning: Beginning
    let sign:
        @convention(c) (
            Pointer?, UnsafeMutablePointer<UInt8>?, UnsafeMutablePointer<Int>?, UnsafePointer<UInt8>?, Int
        ) -> Int32
    let beginVerifying: Beginning
    let verify: @convention(c) (Pointer?, UnsafePointer<UInt8>?, Int, UnsafePointer<UInt8>?, Int) -> Int32

    /// The functions of the library, which stays loaded.
    static func load() throws(LibraryError) -> SigningFunctions {
        try kept.get { () throws(LibraryError) in try SigningFunctions(OpenSSL.libcrypto()) }
    }

    private static let kept = Kept<SigningFunctions>()

    private init(_ library: SharedLibrary) throws(LibraryError) {
        md5 = try library.function("EVP_md5")
        hmac = try library.function("HMAC")
        newContext = try library.function("EVP_MD_CTX_new")
        freeContext = try library.function("EVP_MD_CTX_free")
        beginDigest = try library.function("EVP_DigestInit_ex")
        updateDigest = try library.function("EVP_DigestUpdate")
        endDigest = try library.function("EVP_DigestFinal_ex")
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
