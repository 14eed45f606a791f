/// Placeholder.
enum SpoolPlaceholder {}
