/// OpenSSL 3 as this system has it, loaded when it is first needed.
struct OpenSSL: Sendable {
    let ssl: SSLFunctions
    let crypto: CryptoFunctions

    /// The library, which stays loaded.
    static func load() throws(LibraryError) -> OpenSSL {
        try kept.get { () throws(LibraryError) in
            let crypto = try CryptoFunctions.load()
            return OpenSSL(ssl: try SSLFunctions(libssl()), crypto: crypto)
        }
    }

    private static let kept = Kept<OpenSSL>()

    /// The library that computes, which is there without the other one, too.
    static func libcrypto() throws(LibraryError) -> SharedLibrary {
        try SharedLibrary(files("libcrypto"), package: package("libcrypto"))
    }

    private static func libssl() throws(LibraryError) -> SharedLibrary {
        try SharedLibrary(files("libssl"), package: package("libssl"))
    }

    /// Where a library is looked for. The unversioned names are left out: on macOS loading them ends the process.
    private static func files(_ name: String) -> [String] {
        #if canImport(Darwin)
            [
                "/opt/homebrew/opt/openssl@3/lib/", "/usr/local/opt/openssl@3/lib/", "/opt/local/libexec/openssl3/lib/",
                "",
            ]
            .map { "\($0)\(name).3.dylib" }
        #else
            ["\(name).so.3"]
        #endif
    }

    private static func package(_ name: String) -> String {
        #if canImport(Darwin)
            "openssl@3 (Homebrew)"
        #else
            "libssl3 (in newer Debian and Ubuntu libssl3t64, in Fedora openssl-libs, in Alpine \(name)3)"
        #endif
    }
}
