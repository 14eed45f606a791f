extension PageFlow {
    /// Writes what PDF/A asks for besides pages and fonts, and gives what the catalogue says of it.
    mutating func writeConformance(_ conformance: PDFConformance, metadata: Metadata) -> [UInt8] {
        file.bytes[ObjectFile.versionPlace] = conformance.version
        var entries: [UInt8] = []
        entries.append("/Type/Metadata/Subtype/XML")
        let packet = file.beginStream(entries)
        metadata.writePacket(conformance: conformance, to: &file.bytes)
        // Programs that do not know PDF look for the packet in the file as it is.
        file.endStream(isEncoded: true)
        entries.removeAll()
        entries.append("/N 3")
        let profile = file.addStream(entries, content: ColorProfile.sRGB)
        entries.removeAll()
        entries.append("/Metadata ")
        entries.append(decimal: packet)
        entries.append(" 0 R/OutputIntents[<</Type/OutputIntent/S/GTS_PDFA1/OutputConditionIdentifier(sRGB)")
        entries.append("/RegistryName(http://www.color.org)/Info(sRGB IEC 61966-2-1)/DestOutputProfile ")
        entries.append(decimal: profile)
        entries.append(" 0 R>>]")
        return entries
    }
}
