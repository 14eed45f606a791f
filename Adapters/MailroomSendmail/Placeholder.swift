/// Placeholder.
enum SendmailPlaceholder {}
