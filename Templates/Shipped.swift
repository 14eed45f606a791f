/// The templates that come with Mailroom, compiled in: nothing needs to be installed beside the program.
public enum Shipped {
    /// The letter `volunteer-letter-fr`, a French certificate of volunteer work that fits one A4 page.
    ///
    /// Its values are `email`, `first_name`, `last_name`, `club`, `season`, `hours` and `date`.
    public static let volunteerLetter: [UInt8] = PackageResources.volunteer_letter_fr_md

    /// All templates by the names of their files, for `TemplateFiles`: `volunteer-letter-fr` in French and, ending in
    /// `-en`, in English; `invitation-fr` and `invitation-en`; `confirmation-fr` and `confirmation-en`.
    public static let templates: [String: [UInt8]] = [
        "volunteer-letter-fr.md": volunteerLetter, "volunteer-letter-en.md": PackageResources.volunteer_letter_en_md,
        "invitation-fr.md": PackageResources.invitation_fr_md, "invitation-en.md": PackageResources.invitation_en_md,
        "confirmation-fr.md": PackageResources.confirmation_fr_md,
        "confirmation-en.md": PackageResources.confirmation_en_md,
    ]

    /// A list of teachers to try the letter with: comma-separated values (RFC 4180) in UTF-8, with the names of the
    /// letter's values as its first line and addresses that reach nobody.
    public static let teachers: [UInt8] = PackageResources.teachers_csv
}
