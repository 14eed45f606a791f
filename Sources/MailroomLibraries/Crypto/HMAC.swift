/// HMAC with MD5 (RFC 2104), the keyed digest of SMTP's CRAM-MD5 (RFC 2195): 16 octets. Throws where libcrypto is
/// missing, or refuses MD5 because the system allows none but FIPS algorithms.
package func hmacMD5(key: [UInt8], message: [UInt8]) throws(LibraryError) -> [UInt8] {
    let functions = try SigningFunctions.load()
    try CryptoFunctions.load().clearErrors()
    var length: UInt32 = 0
    // An empty array has no address, and no address would mean the key of an earlier call.
    let keyBytes = key.isEmpty ? [0] : key
    let digest = [UInt8](unsafeUninitializedCapacity: 64) { room, count in
        let result = functions.hmac(
            functions.md5(), keyBytes, Int32(key.count), message, message.count, room.baseAddress, &length)
        count = result == nil ? 0 : Int(length)
    }
    guard digest.count == 16 else {
        throw LibraryError(
            "This system's OpenSSL refuses MD5. Use another way to log in than CRAM-MD5, such as PLAIN over TLS.")
    }
    return digest
}
