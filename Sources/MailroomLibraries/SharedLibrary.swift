#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A C library of the system, loaded when it is first needed.
///
/// Unchecked, because the handle belongs to a library that is never unloaded: looking symbols up in it is safe from any
/// thread.
struct SharedLibrary: @unchecked Sendable {
    private let handle: UnsafeMutableRawPointer
    /// The file's name, for errors.
    let name: String

    /// Loads the first of these files that the system has. `package` is what a person installs where none is there.
    init(_ files: [String], package: String) throws(LibraryError) {
        for file in files {
            guard let handle = dlopen(file, RTLD_NOW | RTLD_LOCAL) else { continue }
            self.handle = handle
            name = file
            return
        }
        throw LibraryError(
            "The library \(files.first ?? "") is not on this system. Install the package \(package).")
    }

    /// A function of the library, as the C type it has. The caller vouches for the type.
    func function<Function>(_ symbol: String, as type: Function.Type = Function.self) throws(LibraryError) -> Function {
        guard let address = dlsym(handle, symbol) else {
            throw LibraryError("\(name) has no function \(symbol). Install a version that has it.")
        }
        return unsafeBitCast(address, to: type)
    }
}
