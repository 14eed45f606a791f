/// The bytes of a PDF file and where its objects begin (ISO 32000-1, 7.5).
struct ObjectFile {
    /// Where the digit after `1.` of the format's version stands.
    static let versionPlace = 7

    var bytes: [UInt8] = []
    private var offsets: [Int]
    /// Why a stream could not be compressed; the first reason is kept, and the file is of no use.
    private(set) var fault: PDFError?
    let compressor: PDFCompressor?
    private var streamStart = 0
    private var lengthPlace = 0
    /// A stream's compressed content on its way into `bytes`; kept, so that its room is made once.
    private var compressed: [UInt8] = []

    /// A file whose first objects have numbers of their own, to be written in any order.
    init(fixedObjects: Int, compressor: PDFCompressor?) {
        self.compressor = compressor
        offsets = [Int](repeating: 0, count: fixedObjects + 1)
        bytes.reserveCapacity(8_192)
        // The comment's bytes above 127 tell transfer programs that the file is binary.
        bytes.append("%PDF-1.4\n%")
        bytes.append(contentsOf: [0xE2, 0xE3, 0xCF, 0xD3, 0x0A])
    }

    /// The number of an object to be written later.
    mutating func reserveObject() -> Int {
        offsets.append(0)
        return offsets.count - 1
    }

    mutating func beginObject(_ number: Int) {
        offsets[number] = bytes.count
        bytes.append(decimal: number)
        bytes.append(" 0 obj\n")
    }

    mutating func endObject() { bytes.append("\nendobj\n") }

    /// Begins a new object that is a stream; what is appended to `bytes` until `endStream` is its content.
    ///
    /// - Parameter entries: what its dictionary holds besides the length and the filter, as PDF writes it.
    mutating func beginStream(_ entries: [UInt8] = []) -> Int {
        let number = reserveObject()
        beginStream(entries, number: number)
        return number
    }

    /// Begins a reserved object that is a stream.
    mutating func beginStream(_ entries: [UInt8] = [], number: Int) {
        beginObject(number)
        bytes.append("<<")
        bytes.append(contentsOf: entries)
        bytes.append("/Length ")
        lengthPlace = bytes.count
        bytes.append("       0>>\nstream\n")
        streamStart = bytes.count
    }

    /// Ends a stream.
    ///
    /// - Parameter isEncoded: that the content stays as it is: its entries name the filter it went through, or it
    ///   must be readable without one.
    mutating func endStream(isEncoded: Bool = false) {
        if let compressor, !isEncoded {
            compressStream(by: compressor)
        } else {
            bytes.write(decimal: bytes.count - streamStart, before: lengthPlace + 8)
        }
        bytes.append("\nendstream")
        endObject()
    }

    private mutating func compressStream(by compressor: PDFCompressor) {
        var output: [UInt8] = []
        swap(&output, &compressed)
        do throws(PDFError) {
            try bytes.withUnsafeBufferPointer { buffer throws(PDFError) in
                try compressor(UnsafeBufferPointer(rebasing: buffer[streamStart...]), into: &output)
            }
        } catch {
            fault = fault ?? error
        }
        bytes.removeSubrange(lengthPlace...)
        bytes.append(decimal: output.count)
        bytes.append("/Filter/FlateDecode>>\nstream\n")
        bytes.append(contentsOf: output)
        swap(&output, &compressed)
    }

    /// Adds a stream whose content is there already, and gives its number.
    mutating func addStream(_ entries: [UInt8], content: some Collection<UInt8>, isEncoded: Bool = false) -> Int {
        let number = beginStream(entries)
        bytes.append(contentsOf: content)
        endStream(isEncoded: isEncoded)
        return number
    }

    /// Writes the table of objects and the trailer. The file identifier is made from what was written so far.
    mutating func finish(root: Int, properties: Int) {
        let fingerprint = Fingerprint(of: bytes)
        let start = bytes.count
        bytes.append("xref\n0 ")
        bytes.append(decimal: offsets.count)
        bytes.append("\n0000000000 65535 f \n")
        for offset in offsets.dropFirst() {
            bytes.append("0000000000 00000 n \n")
            bytes.write(decimal: offset, before: bytes.count - 10)
        }
        bytes.append("trailer\n<</Size ")
        bytes.append(decimal: offsets.count)
        bytes.append("/Root ")
        bytes.append(decimal: root)
        bytes.append(" 0 R/Info ")
        bytes.append(decimal: properties)
        bytes.append(" 0 R/ID[<")
        fingerprint.write(to: &bytes)
        bytes.append("><")
        fingerprint.write(to: &bytes)
        bytes.append(">]>>\nstartxref\n")
        bytes.append(decimal: start)
        bytes.append("\n%%EOF\n")
    }
}
