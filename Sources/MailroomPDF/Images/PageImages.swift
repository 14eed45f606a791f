/// The images of a document, each of which stands in the file once, and their names in the pages' resources.
struct PageImages {
    private var images: [PDFImage] = []
    private var indices: [PDFImage: Int] = [:]

    /// What the resources call an image: the number after `/Im`.
    mutating func index(of image: PDFImage) -> Int {
        if let index = indices[image] { return index }
        indices[image] = images.count
        images.append(image)
        return images.count - 1
    }

    /// Writes the images, and gives what the resources say of them.
    func write(into file: inout ObjectFile, conformance: PDFConformance?) throws(PDFError) -> [UInt8] {
        guard !images.isEmpty else { return [] }
        var entries: [UInt8] = []
        entries.append("/XObject<<")
        for (index, image) in images.enumerated() {
            if let conformance, let error = conformance.refusal(of: image) { throw error }
            entries.append("/Im")
            entries.append(decimal: index)
            entries.append(" ")
            entries.append(decimal: try image.write(into: &file))
            entries.append(" 0 R")
        }
        entries.append(">>")
        return entries
    }
}

extension PageFlow {
    /// Draws an image into a rectangle of the page being written, its lower left corner at `x` and `y`, in thousandths
    /// of a point. It may not be called within a text object.
    mutating func drawImage(_ image: PDFImage, x: Int, y: Int, width: Int, height: Int) {
        let index = images.index(of: image)
        image.draw(index, x: x, y: y, width: width, height: height, into: &file.bytes)
    }
}
