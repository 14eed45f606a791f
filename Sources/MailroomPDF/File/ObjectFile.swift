/// The bytes of a PDF file and where its objects begin (ISO 32000-1, 7.5).
struct ObjectFile {
    /// Where the digit after `1.` of the format's version stands.
    static let versionPlace = 7

    var bytes: [UInt8] = []
    private var places: [ObjectPlace]
    /// The objects that go into object streams, where the file has any.
    private var packed: PackedObjects?
    /// The object begun, and where it begins.
    private var current = (number: 0, start: 0)
    /// Stretches of the file whose fingerprints are known already.
    private var known: [(range: Range<Int>, fingerprint: Fingerprint)] = []
    /// Why a stream could not be compressed; the first reason is kept, and the file is of no use.
    private(set) var fault: PDFError?
    let compressor: PDFCompressor?
    private var streamStart = 0
    private var lengthPlace = 0
    /// A stream's compressed content on its way into `bytes`; kept, so that its room is made once.
    private var compressed: [UInt8] = []

    /// A file whose first objects have numbers of their own, to be written in any order.
    ///
    /// - Parameter packsObjects: whether objects that are not streams go into streams, as PDF has it since 1.5.
    init(fixedObjects: Int, compressor: PDFCompressor?, packsObjects: Bool = false) {
        self.compressor = compressor
        places = [ObjectPlace](repeating: .offset(0), count: fixedObjects + 1)
        packed = packsObjects ? PackedObjects() : nil
        bytes.reserveCapacity(8_192)
        // The comment's bytes above 127 tell transfer programs that the file is binary.
        bytes.append(packsObjects ? "%PDF-1.5\n%" : "%PDF-1.4\n%")
        bytes.append(contentsOf: [0xE2, 0xE3, 0xCF, 0xD3, 0x0A])
    }

    /// The number of an object to be written later.
    mutating func reserveObject() -> Int {
        places.append(.offset(0))
        return places.count - 1
    }

    /// Begins an object that is not a stream; what is appended to `bytes` until `endObject` is what it is.
    mutating func beginObject(_ number: Int) {
        if packed == nil { beginIndirect(number) }
        current = (number, bytes.count)
    }

    mutating func endObject() {
        guard packed != nil else {
            bytes.append("\nendobj\n")
            return
        }
        packed?.add(current.number, bytes[current.start...])
        bytes.removeSubrange(current.start...)
    }

    private mutating func beginIndirect(_ number: Int) {
        places[number] = .offset(bytes.count)
        bytes.append(decimal: number)
        bytes.append(" 0 obj\n")
    }

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
        beginIndirect(number)
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
            writeLength()
        }
        bytes.append("\nendstream\nendobj\n")
    }

    private mutating func writeLength() {
        let length = bytes.count - streamStart
        // Room was left for eight digits; a picture of many dots takes more.
        if length >= 100_000_000 {
            bytes.insert(contentsOf: repeatElement(UInt8(ascii: " "), count: 11), at: lengthPlace)
            lengthPlace += 11
        }
        bytes.write(decimal: length, before: lengthPlace + 8)
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
    ///
    /// - Parameter fingerprint: the content's, where it is kept.
    mutating func addStream(
        _ entries: [UInt8], content: some Collection<UInt8>, isEncoded: Bool = false, fingerprint: Fingerprint? = nil
    ) -> Int {
        let number = reserveObject()
        write(content, entries, isEncoded: isEncoded, number: number, fingerprint: fingerprint)
        return number
    }

    /// Writes a reserved object that is a stream whose content is there already.
    private mutating func write(
        _ content: some Collection<UInt8>, _ entries: [UInt8], isEncoded: Bool, number: Int,
        fingerprint: Fingerprint? = nil
    ) {
        guard isEncoded || compressor == nil else {
            beginStream(entries, number: number)
            bytes.append(contentsOf: content)
            return endStream()
        }
        beginIndirect(number)
        bytes.append("<<")
        bytes.append(contentsOf: entries)
        bytes.append("/Length ")
        bytes.append(decimal: content.count)
        bytes.append(">>\nstream\n")
        let start = bytes.count
        bytes.append(contentsOf: content)
        if let fingerprint { known.append((start..<bytes.count, fingerprint)) }
        bytes.append("\nendstream\nendobj\n")
    }

    /// Writes the table of objects and the trailer. The file identifier is made from what was written so far.
    mutating func finish(root: Int, properties: Int) {
        writePacked()
        let fingerprint = Fingerprint(of: bytes, knowing: known)
        var entries: [UInt8] = []
        entries.append("/Root ")
        entries.append(decimal: root)
        entries.append(" 0 R/Info ")
        entries.append(decimal: properties)
        entries.append(" 0 R/ID[")
        for _ in 0..<2 {
            if packed == nil { fingerprint.writeDigits(to: &entries) } else { fingerprint.writeBytes(to: &entries) }
        }
        entries.append("]")
        let start = bytes.count
        if packed == nil { writeTable(trailer: entries) } else { writeReferences(entries) }
        bytes.append("startxref\n")
        bytes.append(decimal: start)
        bytes.append("\n%%EOF\n")
    }

    private mutating func writePacked() {
        guard let packed else { return }
        packed.forEachStream { entries, content, numbers in
            let stream = addStream(entries, content: content)
            for (index, number) in numbers.enumerated() { places[number] = .packed(stream: stream, index: index) }
        }
    }

    /// Writes the table and trailer of PDF 1.4 (ISO 32000-1, 7.5.4 and 7.5.5).
    private mutating func writeTable(trailer entries: [UInt8]) {
        bytes.append("xref\n0 ")
        bytes.append(decimal: places.count)
        bytes.append("\n0000000000 65535 f \n")
        for place in places.dropFirst() {
            bytes.append("0000000000 00000 n \n")
            if case .offset(let offset) = place { bytes.write(decimal: offset, before: bytes.count - 10) }
        }
        bytes.append("trailer\n<</Size ")
        bytes.append(decimal: places.count)
        bytes.append(contentsOf: entries)
        bytes.append(">>\n")
    }

    /// Writes the stream that is table and trailer at once (ISO 32000-1, 7.5.8).
    private mutating func writeReferences(_ trailer: [UInt8]) {
        let number = reserveObject()
        places[number] = .offset(bytes.count)
        let width = (Int.bitWidth - bytes.count.leadingZeroBitCount + 7) / 8
        var table: [UInt8] = []
        for (number, place) in places.enumerated() { place.write(to: &table, width: width, isFree: number == 0) }
        var entries: [UInt8] = []
        entries.append("/Type/XRef/Size ")
        entries.append(decimal: places.count)
        entries.append("/W[1 ")
        entries.append(decimal: width)
        entries.append(" 1]")
        // A few numbers do not get smaller.
        write(table, entries + trailer, isEncoded: places.count < 64, number: number)
    }
}

/// Where an object stands in a file.
private enum ObjectPlace {
    /// By itself, from the file's beginning.
    case offset(Int)
    /// In an object stream.
    case packed(stream: Int, index: Int)

    /// Appends an entry of a cross-reference stream (ISO 32000-1, table 18).
    func write(to bytes: inout [UInt8], width: Int, isFree: Bool) {
        let (kind, second, third): (UInt8, Int, Int) =
            switch self {
            case .offset(let offset): (isFree ? 0 : 1, offset, 0)
            case .packed(let stream, let index): (2, stream, index)
            }
        bytes.append(kind)
        for shift in stride(from: (width - 1) * 8, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: second >> shift))
        }
        bytes.append(UInt8(truncatingIfNeeded: third))
    }
}
