/// What links may lead to.
enum LinkAddress {
    /// The schemes that open a page, a mail or a call, in words.
    static let allowed = "https:, http:, mailto: or tel:"
}
