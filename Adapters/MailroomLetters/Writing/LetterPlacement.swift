/// Where a letter's format puts the parts that have no place of their own.
struct LetterPlacement: Sendable, Hashable {
    /// Whether the address stands in the right half, as in French letters; in the left one otherwise.
    var isAddressRight = true
    /// Whether the signature stands in the right half.
    var isSignatureRight = true
}
