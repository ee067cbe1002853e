/// A YAML value with its place. Yams ends here: the sections know only this.
struct Value {
    enum Content {
        /// A scalar that is a text, number or word; what it means is up to the setting.
        case text(String)
        /// Nothing after the colon, `~` or `null`.
        case nothing
        case list([Value])
        case map([Entry])
    }

    struct Entry {
        let name: String
        let namePlace: Place
        let value: Value
    }

    let content: Content
    let place: Place
}
