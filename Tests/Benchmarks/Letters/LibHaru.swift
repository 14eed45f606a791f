#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// libharu, the PDF library in C that users run today: it writes the letter that ours is measured beside.
struct LibHaru {
    private typealias Pointer = UnsafeMutableRawPointer
    private typealias Failed = @convention(c) (UInt, UInt, Pointer?) -> Void
    private typealias New = @convention(c) (Failed?, Pointer?) -> Pointer?
    private typealias Of = @convention(c) (Pointer?) -> Pointer?
    private typealias Number = @convention(c) (Pointer?) -> UInt
    private typealias SetNumber = @convention(c) (Pointer?, UInt32) -> UInt
    private typealias SetSize = @convention(c) (Pointer?, UInt32, UInt32) -> UInt
    private typealias GetFont = @convention(c) (Pointer?, UnsafePointer<CChar>?, UnsafePointer<CChar>?) -> Pointer?
    private typealias SetFont = @convention(c) (Pointer?, Pointer?, Float) -> UInt
    private typealias TextOut = @convention(c) (Pointer?, Float, Float, UnsafePointer<CChar>?) -> UInt
    private typealias TextRect =
        @convention(c) (
            Pointer?, Float, Float, Float, Float, UnsafePointer<CChar>?, UInt32, UnsafeMutablePointer<UInt32>?
        ) -> UInt

    private let new: New
    private let setCompression: SetNumber
    private let addPage: Of
    private let setSize: SetSize
    private let getFont: GetFont
    private let beginText: Number
    private let setFont: SetFont
    private let textOut: TextOut
    private let textRect: TextRect
    private let endText: Number
    private let saveToStream: Number
    private let streamSize: @convention(c) (Pointer?) -> UInt32
    private let free: @convention(c) (Pointer?) -> Void

    /// Throws where it is not installed.
    init() throws {
        let names = ["libhpdf-2.3.0.so", "libhpdf.so.2.4", "libhpdf.so"]
        guard let library = names.lazy.compactMap({ dlopen($0, RTLD_NOW) }).first else {
            throw BenchmarkError("libharu is not installed: apt-get install libhpdf-2.3.0")
        }
        func function<Function>(_ name: String) throws -> Function {
            guard let address = dlsym(library, name) else { throw BenchmarkError("libharu has no \(name)") }
            return unsafeBitCast(address, to: Function.self)
        }
        new = try function("HPDF_New")
        setCompression = try function("HPDF_SetCompressionMode")
        addPage = try function("HPDF_AddPage")
        setSize = try function("HPDF_Page_SetSize")
        getFont = try function("HPDF_GetFont")
        beginText = try function("HPDF_Page_BeginText")
        setFont = try function("HPDF_Page_SetFontAndSize")
        textOut = try function("HPDF_Page_TextOut")
        textRect = try function("HPDF_Page_TextRect")
        endText = try function("HPDF_Page_EndText")
        saveToStream = try function("HPDF_SaveToStream")
        streamSize = try function("HPDF_GetStreamSize")
        free = try function("HPDF_Free")
    }

    /// Writes a letter on a page of A4: a title, and paragraphs wrapped to 495 points. Answers the file's size.
    ///
    /// - Parameter texts: the title and the paragraphs in WinAnsi, each ended by a zero.
    func write(_ texts: [[CChar]], isCompressed: Bool) -> Int {
        let document = new({ status, detail, _ in fatalError("libharu: \(status), \(detail)") }, nil)
        defer { free(document) }
        _ = setCompression(document, isCompressed ? 0x0F : 0)
        let page = addPage(document)
        _ = setSize(page, 3, 0)
        let font = getFont(document, "Helvetica", "WinAnsiEncoding")
        _ = beginText(page)
        _ = setFont(page, font, 18)
        _ = textOut(page, 50, 780, texts[0])
        _ = setFont(page, font, 11)
        for (index, text) in texts.dropFirst().enumerated() {
            let top = 720 - Float(index) * 150
            _ = textRect(page, 50, top, 545, top - 150, text, 0, nil)
        }
        _ = endText(page)
        _ = saveToStream(document)
        return Int(streamSize(document))
    }
}
