public enum Shipped { public static var letter: [UInt8] { PackageResources.volunteer_letter_html } }
