/// A file that a template cannot have.
struct TemplateFileFault: Error {
    /// What is wrong and what to do: a sentence that can follow a colon.
    let reason: String
    /// Whether there is no such file, and nothing else is wrong.
    private(set) var isAbsence = false

    private init(_ reason: String) { self.reason = reason }

    /// What is wrong with a path by itself; nil if nothing is.
    init?(path: String) {
        // By bytes: with an accent after it, a “/” is no longer a character equal to “/”.
        let bytes = path.utf8
        let parts = bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        if path.isEmpty {
            reason = "the name of a file is empty."
        } else if bytes.first == UInt8(ascii: "/") || bytes.first == UInt8(ascii: "~")
            || bytes.contains(UInt8(ascii: "\\")) || bytes.contains(UInt8(ascii: ":"))
        {
            reason = "“\(path)” is no path within the templates' folder; write it relative to the folder, with /."
        } else if parts.contains(where: { $0.isEmpty || $0.elementsEqual(".".utf8) || $0.elementsEqual("..".utf8) }) {
            reason = "“\(path)”: a path within the templates' folder has no “.”, “..” or empty names."
        } else if bytes.contains(where: { $0 < 32 || $0 == 127 }) {
            reason = "the name of a file has a control character."
        } else {
            return nil
        }
    }

    static func folder(_ folder: String) -> TemplateFileFault {
        TemplateFileFault("the folder “\(folder)” cannot be read; check that it exists.")
    }

    static func absent(_ path: String) -> TemplateFileFault {
        var fault = TemplateFileFault("there is no file “\(path)” in the templates' folder.")
        fault.isAbsence = true
        return fault
    }

    static func outside(_ path: String) -> TemplateFileFault {
        TemplateFileFault("“\(path)” is a link that leaves the templates' folder; put the file itself there.")
    }

    static func tooLarge(_ path: String, limit: Int) -> TemplateFileFault {
        TemplateFileFault("“\(path)” is larger than \(limit >> 10) KiB.")
    }

    static func unreadable(_ path: String, because reason: String) -> TemplateFileFault {
        TemplateFileFault("“\(path)” cannot be read: \(reason).")
    }

    static func unusable(_ path: String, because reason: String) -> TemplateFileFault {
        TemplateFileFault("“\(path)” cannot be used: \(reason)")
    }
}
