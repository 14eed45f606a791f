/// A family of the standard 14 fonts, which every PDF viewer has, so nothing is embedded.
public struct PDFFontFamily: Sendable, Hashable {
    let index: Int

    /// A sans serif: Helvetica, or what the viewer puts in its place (Arial, Nimbus Sans).
    public static let helvetica = PDFFontFamily(index: 0)
    /// A serif: Times.
    public static let times = PDFFontFamily(index: 1)
    /// A typewriter face, all characters equally wide: Courier.
    public static let courier = PDFFontFamily(index: 2)

    /// The first of the family's four faces in `FontFace.names`.
    var firstFace: Int { index * 4 }
}
