import Foundation

/// Writes a file whole or not at all: whoever looks meanwhile sees what was there before.
enum WholeFile {
    /// A file that was not written.
    struct Failure: Error, CustomStringConvertible {
        let description: String

        init(_ path: String, _ error: any Error) {
            let folder = URL(filePath: path).deletingLastPathComponent().path(percentEncoded: false)
            let reason =
                FileManager.default.fileExists(atPath: folder) ? error.systemReason : "there is no folder \(folder)"
            description = "\(path) was not written: \(reason)"
        }
    }

    /// Puts the octets into the place of the file, if there is one; a link stays, and what it leads to is replaced. What
    /// is no file, such as a pipe, is written to.
    static func write(_ bytes: [UInt8], to path: String) throws(Failure) {
        let place = URL(filePath: path).resolvingSymlinksInPath()
        let file = place.path(percentEncoded: false)
        let attributes = try? FileManager.default.attributesOfItem(atPath: file)
        let type = attributes?[.type] as? FileAttributeType
        do {
            switch type {
            case .typeDirectory?: throw POSIXError(.EISDIR)
            case .typeRegular?, nil: try replace(place, with: bytes, permissions: attributes?[.posixPermissions])
            default:
                let handle = try FileHandle(forWritingTo: place)
                try handle.write(contentsOf: Data(bytes))
                try handle.close()
            }
        } catch {
            throw Failure(path, error)
        }
    }

    private static func replace(_ place: URL, with bytes: [UInt8], permissions: Any?) throws {
        let number = String(UInt64.random(in: .min ... .max), radix: 36)
        let fresh = place.deletingLastPathComponent().appending(path: ".\(place.lastPathComponent).\(number)")
        let path = fresh.path(percentEncoded: false)
        do {
            try Data(bytes).write(to: fresh, options: .withoutOverwriting)
            if let permissions {
                try FileManager.default.setAttributes([.posixPermissions: permissions], ofItemAtPath: path)
            }
            guard rename(path, place.path(percentEncoded: false)) == 0 else {
                throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
            }
        } catch {
            try? FileManager.default.removeItem(at: fresh)
            throw error
        }
    }
}

extension Error {
    /// What the system says about a file that could not be read or written.
    var systemReason: String {
        let error = self as NSError
        let causes = [error, error.userInfo[NSUnderlyingErrorKey] as? NSError].compactMap(\.self)
        let code = causes.first { $0.domain == NSPOSIXErrorDomain }?.code
        if let code { return String(cString: strerror(Int32(code))) }
        return localizedDescription.replacingOccurrences(of: "The operation could not be completed. ", with: "")
    }
}
