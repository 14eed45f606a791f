/// The templates that come with Mailroom, compiled in: nothing needs to be installed beside the program.
public enum Shipped {
    /// The letter `volunteer-letter`, a French certificate of volunteer work that fits one A4 page.
    ///
    /// Its values are `email`, `first_name`, `last_name`, `club`, `season`, `hours` and `date`.
    public static let volunteerLetter: [UInt8] = PackageResources.volunteer_letter_md

    /// A list of teachers to try the letter with: comma-separated values (RFC 4180) in UTF-8, with the names of the
    /// letter's values as its first line and addresses that reach nobody.
    public static let teachers: [UInt8] = PackageResources.teachers_csv
}
