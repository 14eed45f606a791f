import MailroomFiles

/// A small file that a configuration names.
enum ConfigurationFile {
    /// A larger file is not meant.
    private static let maximumSize = 1 << 20

    /// What is in it; `purpose` is what it is the file of, such as "logins".
    static func read(_ path: String, of purpose: String) throws(CaptureError) -> [UInt8] {
        do throws(FileError) {
            let file = try Disk.real.open(path, 0)
            return try file.bytes(min(try file.size(), maximumSize), at: 0)
        } catch {
            throw CaptureError(
                code: .misconfigured, description: "The file of \(purpose), \(path), cannot be read: \(error.cause).")
        }
    }
}
