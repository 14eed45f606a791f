/// The templates that come with Mailroom, compiled in: nothing needs to be installed beside the program.
public enum Shipped {
    /// All templates by the names of their files, for `TemplateFiles`: each in French (`-fr`) and in English (`-en`).
    ///
    /// - `volunteer-letter`: a certificate of volunteer work;
    /// - `invitation`: to an event with its programme and a link for the reply;
    /// - `confirmation`: of a registration, with what it costs.
    ///
    /// Each has a letter format with a window for the address, and fits one page. What their values are, ``samples``
    /// show; postal addresses, `contact`, `guests` and `pay_by` may be left out.
    public static let templates: [String: [UInt8]] = [
        "volunteer-letter-fr.md": PackageResources.volunteer_letter_fr_md,
        "volunteer-letter-en.md": PackageResources.volunteer_letter_en_md,
        "invitation-fr.md": PackageResources.invitation_fr_md, "invitation-en.md": PackageResources.invitation_en_md,
        "confirmation-fr.md": PackageResources.confirmation_fr_md,
        "confirmation-en.md": PackageResources.confirmation_en_md,
    ]

    /// Values to try each template with, a JSON object, by the names of their files.
    public static let samples: [String: [UInt8]] = [
        "volunteer-letter-fr.json": PackageResources.volunteer_letter_fr_json,
        "volunteer-letter-en.json": PackageResources.volunteer_letter_en_json,
        "invitation-fr.json": PackageResources.invitation_fr_json,
        "invitation-en.json": PackageResources.invitation_en_json,
        "confirmation-fr.json": PackageResources.confirmation_fr_json,
        "confirmation-en.json": PackageResources.confirmation_en_json,
    ]

    /// The source of `volunteer-letter-fr` alone.
    ///
    /// Its values are `first_name`, `last_name`, `club`, `season`, `hours` (a number) and `date` (such as `2026-06-12`),
    /// and where they are known `street`, `postcode`, `city` and `country` of the addressee, `club_street`,
    /// `club_postcode` and `club_city`, and `contact`.
    public static let volunteerLetter: [UInt8] = PackageResources.volunteer_letter_fr_md

    /// A list of teachers to try `volunteer-letter-fr` with: comma-separated values (RFC 4180) in UTF-8, with the names
    /// of the letter's values as its first line and addresses that reach nobody.
    public static let teachers: [UInt8] = PackageResources.teachers_csv
}
