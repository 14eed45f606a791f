extension PageFlow {
    /// Writes what stands outside the pages: fonts, catalogue, properties, and the file's end.
    mutating func writeCatalog(_ properties: PDFProperties) {
        let fonts = writeFonts()
        file.beginObject(Self.resources)
        file.bytes.append("<</ProcSet[/PDF/Text]/Font<<")
        file.bytes.append(contentsOf: fonts)
        file.bytes.append(">>>>")
        file.endObject()

        file.beginObject(Self.catalog)
        file.bytes.append("<</Type/Catalog/Pages 2 0 R/ViewerPreferences<</DisplayDocTitle true>>")
        if let language = properties.language {
            file.bytes.append("/Lang")
            file.bytes.append(textString: language)
        }
        file.bytes.append(">>")
        file.endObject()

        file.beginObject(Self.properties)
        file.bytes.append("<</Title")
        file.bytes.append(textString: properties.title)
        if let author = properties.author {
            file.bytes.append("/Author")
            file.bytes.append(textString: author)
        }
        file.bytes.append("/Producer(Mailroom)/CreationDate(")
        properties.created.write(to: &file.bytes)
        file.bytes.append(")/ModDate(")
        properties.created.write(to: &file.bytes)
        file.bytes.append(")>>")
        file.endObject()
        file.finish(root: Self.catalog, properties: Self.properties)
    }
}
