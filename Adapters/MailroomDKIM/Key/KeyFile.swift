import MailroomLibraries

/// Reads a file that holds a key: a regular one, of a size that keys have.
enum KeyFile {
    static func contents(of path: String) throws(LibraryError) -> [UInt8] {
        do throws(RegularFile.Problem) {
            return try RegularFile.contents(of: path, limit: 65_536)
        } catch {
            switch error {
            case .system(let number):
                throw LibraryError(
                    "\(path) cannot be read: \(RegularFile.Problem.text(of: number)). Put the private key there, "
                        + "readable by the worker's user.")
            case .notRegular:
                throw LibraryError("\(path) is not a regular file. Name the PEM file with the private key.")
            case .tooLarge:
                throw LibraryError("\(path) is too large for a private key. Name the PEM file with the private key.")
            }
        }
    }
}
