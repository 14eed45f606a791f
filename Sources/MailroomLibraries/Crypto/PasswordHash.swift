#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// bcrypt hashes of passwords, by the system's libxcrypt. Made to be slow: not for a server's own thread.
package enum PasswordHash {
    /// The usual cost: some 60 ms on this century's machines. Each step doubles it.
    package static let usualCost = 10

    /// Throws where the library is missing, so that this is known before the first password comes.
    package static func requireLibrary() throws(LibraryError) { _ = try CryptFunctions.load() }

    /// Whether a text has the form of a hash that ``verify(_:against:)`` can check: `$2a$`, `$2b$` or `$2y$`.
    package static func isHash(_ text: String) -> Bool { Form(text) != nil }

    /// Whether this is the hash of that password. Of a password only the first 72 octets count, as bcrypt has it; one
    /// with a NUL in it matches nothing.
    package static func verify(_ password: String, against hash: String) throws(LibraryError) -> Bool {
        let functions = try CryptFunctions.load()
        guard let form = Form(hash), !password.utf8.contains(0) else { return false }
        // All three prefixes stand for the same computation, and $2b$ is the one that libxcrypt does plainly.
        guard let result = functions.hash(password, setting: "$2b$" + form.rest) else {
            throw LibraryError("The system's libcrypt does not know bcrypt. Install libxcrypt (package libcrypt1).")
        }
        return isEqual(Array(result.utf8), Array(("$2b$" + form.rest).utf8))
    }

    /// Makes a hash with random salt, of the prefix `$2a$`, which every program knows.
    package static func make(_ password: String, cost: Int = usualCost) throws(LibraryError) -> String {
        guard (4...31).contains(cost) else { throw LibraryError("The cost \(cost) is not from 4 to 31.") }
        guard !password.utf8.contains(0), password.utf8.count <= 72 else {
            throw LibraryError("A password for bcrypt has no NUL, and 72 octets at most.")
        }
        let functions = try CryptFunctions.load()
        var generator = SystemRandomNumberGenerator()
        let salt = (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        guard let setting = functions.setting(cost: cost, salt: salt),
            let hash = functions.hash(password, setting: setting), hash.utf8.count == 60
        else {
            throw LibraryError("The system's libcrypt does not know bcrypt. Install libxcrypt (package libcrypt1).")
        }
        return "$2a$" + hash.dropFirst(4)
    }

    /// Takes as long wherever the difference is.
    private static func isEqual(_ one: [UInt8], _ other: [UInt8]) -> Bool {
        guard one.count == other.count else { return false }
        return zip(one, other).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }

    private struct Form {
        /// Cost, salt and hash: what follows the prefix.
        let rest: String

        init?(_ text: String) {
            let bytes = Array(text.utf8)
            guard bytes.count == 60, ["$2a$", "$2b$", "$2y$"].contains(String(decoding: bytes[..<4], as: UTF8.self)),
                let cost = Int(String(decoding: bytes[4..<6], as: UTF8.self)), (4...31).contains(cost), bytes[6] == 36,
                bytes[7...].allSatisfy({
                    $0 == 46 || (47...57).contains($0) || (65...90).contains($0) || (97...122).contains($0)
                })
            else { return nil }
            rest = String(decoding: bytes[4...], as: UTF8.self)
        }
    }
}

/// The functions of libcrypt that hash passwords.
///
/// Unchecked, because it holds nothing but addresses of functions in a library that stays loaded; what they write to is
/// each call's own.
private struct CryptFunctions: @unchecked Sendable {
    private typealias Hash =
        @convention(c) (UnsafePointer<CChar>?, UnsafePointer<CChar>?, UnsafeMutableRawPointer?, Int32)
        -> UnsafeMutablePointer<CChar>?
    private typealias Setting =
        @convention(c) (
            UnsafePointer<CChar>?, UInt, UnsafePointer<UInt8>?, Int32, UnsafeMutablePointer<CChar>?, Int32
        ) -> UnsafeMutablePointer<CChar>?

    private let hashFunction: Hash
    private let settingFunction: Setting
    /// `sizeof (struct crypt_data)` of libxcrypt.
    private static let roomSize = 32768
    private static let kept = Kept<CryptFunctions>()

    static func load() throws(LibraryError) -> CryptFunctions {
        try kept.get { () throws(LibraryError) in
            try CryptFunctions(SharedLibrary(["libcrypt.so.1", "libcrypt.so.2"], package: "libcrypt1"))
        }
    }

    private init(_ library: SharedLibrary) throws(LibraryError) {
        hashFunction = try library.function("crypt_rn")
        settingFunction = try library.function("crypt_gensalt_rn")
    }

    /// nil for a setting that the library does not know.
    func hash(_ password: String, setting: String) -> String? {
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.roomSize, alignment: 16)
        defer {
            room.initializeMemory(as: UInt8.self, repeating: 0)
            room.deallocate()
        }
        room.initializeMemory(as: UInt8.self, repeating: 0)
        guard let result = hashFunction(password, setting, room.baseAddress, Int32(room.count)) else { return nil }
        return String(cString: result)
    }

    func setting(cost: Int, salt: [UInt8]) -> String? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 192) { room in
            settingFunction("$2b$", UInt(cost), salt, Int32(salt.count), room.baseAddress, Int32(room.count))
                .map { String(cString: $0) }
        }
    }
}
