/// Placeholder.
enum DKIMPlaceholder {}
