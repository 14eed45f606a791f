extension PageFlow {
    /// Writes what stands outside the pages: fonts, images, catalogue, properties, and the file's end.
    mutating func writeCatalog(_ properties: PDFProperties) throws(PDFError) {
        let fonts = try writeFonts(conformance: properties.conformance)
        let images = try images.write(into: &file, conformance: properties.conformance)
        file.beginObject(Self.resources)
        file.bytes.append("<</Font<<")
        file.bytes.append(contentsOf: fonts)
        file.bytes.append(">>")
        file.bytes.append(contentsOf: images)
        file.bytes.append(">>")
        file.endObject()

        let metadata = Metadata(properties)
        let conforming = properties.conformance.map { writeConformance($0, metadata: metadata) } ?? []
        file.beginObject(Self.catalog)
        file.bytes.append("<</Type/Catalog/Pages 2 0 R/ViewerPreferences<</DisplayDocTitle true>>")
        if let language = properties.language {
            file.bytes.append("/Lang")
            file.bytes.append(textString: language)
        }
        file.bytes.append(contentsOf: conforming)
        file.bytes.append(">>")
        file.endObject()

        file.beginObject(Self.properties)
        metadata.writeProperties(to: &file.bytes)
        file.endObject()
        file.finish(root: Self.catalog, properties: Self.properties)
    }
}
